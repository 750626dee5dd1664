/** Two places for programs in the flash of this chip. What decides is the updater's. */
import Crypt from 'crypt'
import flash from 'embedded:storage/flash'
import { newUpdater, SECTOR, type Clock, type Programs, type Storage } from '@oncekey/host'
import { chance, isBootable, isSigned, markValid, restart, runningSlot, select, watch } from './native.ts'
import { download, type Trust } from './net.ts'

/** Encrypted flash is written so many bytes at a time. */
const UNIT = 16

/**
 * The slot is written as plain flash and not by the SDK's `embedded:update`, which begins anew with each start, so that
 * a cut would cost the whole way; whether it is an image is asked of the boot loader before it is chosen.
 * @param books where a little text about the slots is kept @param trust whom a download is asked of
 */
export function openPrograms (firmware: string, clock: Clock, storage: Storage, books: Storage, trust: () => Trust): Programs {
  const slot = flash.open({ path: 'nextota', mode: 'r+', format: 'buffer' })
  return newUpdater({
    clock, chance, firmware, storage, isSigned, isBootable, select, keep: markValid, restart, watch,
    running: runningSlot,
    books: { read: () => books.load()['slots'] ?? '', write (text) { books.set('slots', text) } },
    flash: {
      size: slot.status().size,
      write (at, bytes) {
        slot.eraseBlock(at / SECTOR)
        const whole = new Uint8Array(Math.ceil(bytes.length / UNIT) * UNIT).fill(0xff)
        whole.set(bytes)
        slot.write(whole, at)
      },
      read: (at, count) => new Uint8Array(slot.read(count, at))
    },
    digest () {
      const digest = new Crypt.Digest('SHA256')
      return { write (bytes) { digest.write(bytes) }, close: () => new Uint8Array(digest.close()) }
    },
    download: (url, token, from, to, part, done) => download(url, trust(), token, from, to, part, done)
  })
}
