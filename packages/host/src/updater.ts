/**
 * The way of a signed image into the slot that does not run, on a machine whose boot loader keeps the mark of what runs:
 * signature, ranges, flash, hash, one try, and back. A cut of the network or of the power costs one range.
 */
import type { Offered } from '@oncekey/controller'
import { begin, checked, keep, nextRange, restoreSlots, storeSlots, tryNext, WATCHDOG_MS, wrote, type Slot, type Slots } from '@oncekey/controller/slots'
import { base64url, fromBase64url, utf8 } from '@oncekey/otp/sha256'
import { imageText, type UpdateOutcome } from '@oncekey/protocol/messages'
import type { Clock, Programs, Storage } from './ports.ts'
import { retryPauseMs } from './retry.ts'

export type UpdaterPorts = {
  clock: Clock
  /** 0 up to 1, fresh each time. */
  chance: () => number
  firmware: string
  /** Of the program's memory: the operator's key is kept in it until the box is nobody's. */
  storage: Storage
  /** The books of the slots, durable when it returns; '' before the first update. */
  books: { read: () => string, write: (text: string) => void }
  /** The slot that does not run: `size` bytes, erased and written by sectors of `SECTOR`, read anywhere. They throw when the flash is broken. */
  flash: { size: number, write: (at: number, bytes: Uint8Array) => void, read: (at: number, count: number) => Uint8Array }
  /** Which slot runs, and whether on trial, as the boot loader marks it. */
  running: () => { slot: Slot, isTrial: boolean }
  /** Ed25519 (RFC 8032). `key` 32 bytes, `signature` 64. */
  isSigned: (key: Uint8Array, signature: Uint8Array, text: Uint8Array) => boolean
  /** A SHA-256 that is fed. */
  digest: () => { write: (bytes: Uint8Array) => void, close: () => Uint8Array }
  /** Tells bytes `from` up to, without, `to` as they come, then whether those were all; returns what ends it, after which nothing is told. */
  download: (url: string, token: string, from: number, to: number, part: (bytes: Uint8Array) => void, done: (isAll: boolean) => void) => () => void
  /** Whether the boot loader would start what lies in the other slot. */
  isBootable: () => boolean
  /** The next start is into the other slot, once. */
  select: () => void
  keep: () => void
  restart: () => void
  /** A watch of the hardware restarts the machine after so many ms, whatever the program does; 0: no more. */
  watch: (ms: number) => void
}

/** What is erased at once. */
export const SECTOR = 4096
/** What is asked for at once: a connection each, and one note in the books. A multiple of a sector. */
const RANGE = 16 * SECTOR
/** What is read for the hash before the machine's other work has a turn. */
const LOOK = 4 * SECTOR

export function newUpdater (ports: UpdaterPorts): Programs {
  const { clock, storage, flash, books } = ports
  let slots = restore()
  /** Ends what is under way. */
  let drop = (): void => {}

  return {
    start () {
      slots = restore()
      const trial = slots.trying === 'now'
      if (trial) ports.watch(WATCHDOG_MS)
      return { firmware: ports.firmware, trial, runs: true }
    },
    fetch: (image, token, done) => {
      drop()
      if (image !== null) get(image, token, done)
    },
    prepare (into) {
      if (into === 'old') return slots.trying === 'now'
      note(tryNext(slots))
      if (slots.trying !== 'next') return false
      ports.select()
      return true
    },
    restart: ports.restart,
    keep () {
      ports.keep()
      ports.watch(0)
      note(keep(slots))
    },
    stop () {
      drop()
      ports.watch(0)
    }
  }

  /** The boot loader's mark is law; the books say how far the other slot is, unless that one was tried and left. */
  function restore (): Slots {
    const stored = restoreSlots(books.read())
    const { slot, isTrial } = ports.running()
    if (isTrial) return { good: slot === 'a' ? 'b' : 'a', trying: 'now', filling: null }
    return { good: slot, trying: 'no', filling: stored.trying === 'no' && stored.good === slot ? stored.filling : null }
  }

  function note (next: Slots): void {
    slots = next
    books.write(storeSlots(next))
  }

  function get (image: Offered, token: string, done: (fault: UpdateOutcome | null) => void): void {
    let isOver = false
    let failures = 0
    let round = 1
    let cancel = (): void => {}
    drop = () => {
      isOver = true
      cancel()
    }
    // Whatever the flash can not do: this image is not going to be installed, and the door goes on.
    attempt(() => {
      const key = fromBase64url(image.key)
      const signature = fromBase64url(image.signature)
      // The first key whose signature was right is the operator's; whoever takes the server over later has another one.
      const trusted = storage.load()['updateKey'] ?? image.key
      if (key?.length !== 32 || signature?.length !== 64 || image.key !== trusted || !ports.isSigned(key, signature, utf8(imageText(image)))) return end('notSigned')
      storage.set('updateKey', image.key)
      if (image.size > flash.size) return end('noRoom')
      note(begin(slots, image))
      next()
    })

    function end (fault: UpdateOutcome | null): void {
      drop()
      done(fault)
    }

    function attempt (work: () => void): void {
      try {
        if (!isOver) work()
      } catch {
        end('noRoom')
      }
    }

    function after (ms: number, work: () => void): void {
      cancel = clock.at(clock.now() + ms, () => attempt(work))
    }

    function next (): void {
      const range = nextRange(slots, RANGE)
      if (range === null) return look()
      const { from, to } = range
      let at = from
      let sector: number[] = []
      cancel = ports.download(image.url, token, from, to, (bytes) => attempt(() => {
        for (const byte of bytes) {
          if (at + sector.length >= to) return
          sector.push(byte)
          if (sector.length < SECTOR && at + sector.length < to) continue
          flash.write(at, Uint8Array.from(sector))
          at += sector.length
          sector = []
        }
      }), (isAll) => attempt(() => {
        const progress = wrote(slots, from, at)
        if (at > from) note(progress)
        if (isAll && at === to) {
          failures = 0
          return after(0, next)
        }
        after(1000 + retryPauseMs(failures++, ports.chance()), next)
      }))
    }

    /** Reads all of it again, a little at a time: what counts is what lies there. */
    function look (): void {
      const digest = ports.digest()
      let at = 0
      function some (): void {
        const count = Math.min(LOOK, image.size - at)
        digest.write(flash.read(at, count))
        at += count
        if (at < image.size) return after(0, some)
        const isRight = base64url(digest.close()) === image.sha256
        note(checked(slots, isRight))
        if (isRight) return end(ports.isBootable() ? null : 'damaged')
        // It may have been bent on the way: once more from the start.
        if (round++ === 2) return end('damaged')
        note(begin(slots, image))
        next()
      }
      some()
    }
  }
}
