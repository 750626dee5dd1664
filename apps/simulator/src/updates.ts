/**
 * Two places for programs, as a real controller has them, and the way of an image into the one that is not running:
 * signature, ranges, hash, one try, and back. The "program" is the same one each time; which version it says it is
 * comes with the image, and an image that begins with a line of JSON may misbehave on purpose, see `Manners`.
 */
import type { Offered } from '@oncekey/controller'
import { atStart, begin, checked, keep, nextRange, restoreSlots, runningSlot, storeSlots, targetSlot, tryNext, WATCHDOG_MS, wrote, type Slot, type Slots } from '@oncekey/controller/slots'
import { imageText, type UpdateOutcome } from '@oncekey/protocol/messages'
import type { Clock, Storage } from './ports.ts'

/** Flash memory: what was written is there after a power cut. */
export type Flash = {
  /** Bytes of one slot. */
  readonly size: number
  write: (slot: Slot, at: number, bytes: Uint8Array) => void
  read: (slot: Slot, count: number) => Uint8Array
  /** A small text beside the slots: what is in them, what runs next. */
  note: (text: string) => void
  noted: () => string
}

/** What the host needs for updates. Everything rejects rather than to answer something else. */
export type UpdatePorts = {
  flash: Flash
  /** Bytes `from` up to, without, `to` of what is at the address; rejects when they are not all to be had. */
  download: (url: string, token: string, from: number, to: number) => Promise<Uint8Array>
  /** Ed25519. `key`: 32 bytes, `signature`: 64, base64url. */
  verify: (key: string, text: string, signature: string) => boolean
  /** SHA-256 as base64url. */
  digest: (bytes: Uint8Array) => string
  /** Bytes to ask for at once; 4,096 when absent, a sector of flash. */
  chunkBytes?: number
}

/** What an image on trial does wrong. `deaf`: it never gets a connection. `hangs`: it does nothing at all. */
export type Manners = { deaf: boolean, hangs: boolean }

export type Updater = {
  /** The boot loader's turn. `trial`: this program runs once, unless it is kept. */
  start: () => { firmware: string, trial: boolean } & Manners
  /** Gets an image, in the background; null = let go. `done` comes once, and not after the power went or another `fetch`. */
  fetch: (image: Offered | null, token: string, done: (fault: UpdateOutcome | null) => void) => void
  /** Which program the next start runs. False: it would be the one that runs, so there is nothing to restart for. */
  prepare: (into: 'new' | 'old') => boolean
  keep: () => void
  /** The power goes: what is under way ends here. */
  stop: () => void
}

/** Makes the updater of a host: `nodeUpdates()` does. A host without one (a page, say) has no room for another program, and carries none of this. */
export type MakeUpdater = (firmware: string, parts: { storage: Storage, clock: Clock, restart: () => void }) => Updater

type Books = { slots: Slots, versions: Record<Slot, string> }

const LONGEST_WAIT_MS = 60_000

/** @param firmware what slot a holds before the first update @param storage where the operator's key is kept */
export function newUpdater ({ flash, download, verify, digest, chunkBytes = 4096 }: UpdatePorts, firmware: string, { storage, clock, restart }: Parameters<MakeUpdater>[1]): Updater {
  let books = restore()
  /** Rises with each wish, so that what an earlier one began ends. */
  let wish = 0
  let cancelWait: (() => void) | null = null
  let cancelWatchdog: (() => void) | null = null

  return {
    start () {
      books = restore()
      update(atStart(books.slots))
      const slot = runningSlot(books.slots)
      const trial = books.slots.trying === 'now'
      if (trial) cancelWatchdog = clock.at(clock.now() + WATCHDOG_MS, restart)
      return { firmware: books.versions[slot], trial, ...mannersOf(flash.read(slot, Math.min(256, flash.size))) }
    },
    fetch (image, token, done) {
      drop()
      if (image === null) return
      const mine = wish
      void get(image, token, () => mine === wish).then((fault) => { if (mine === wish) done(fault) })
    },
    prepare (into) {
      if (into === 'new') update(tryNext(books.slots))
      return books.slots.trying === (into === 'new' ? 'next' : 'now')
    },
    keep () {
      cancelWatchdog?.()
      update(keep(books.slots))
    },
    stop () {
      drop()
      cancelWatchdog?.()
    }
  }

  async function get (image: Offered, token: string, isWanted: () => boolean): Promise<UpdateOutcome | null> {
    // The first key whose signature was right is the operator's; whoever takes the server over later has another one.
    const trusted = storage.load()['updateKey'] ?? image.key
    if (image.key !== trusted || !verify(image.key, imageText(image), image.signature)) return 'notSigned'
    storage.set('updateKey', image.key)
    if (image.size > flash.size) return 'noRoom'
    // What a wrong hash finds may have been bent on the way: once more from the start.
    for (let round = 0; round < 2; round++) {
      await fill(image, token, isWanted)
      if (!isWanted()) return null
      const isRight = digest(flash.read(targetSlot(books.slots), image.size)) === image.sha256
      update(checked(books.slots, isRight))
      if (isRight) return null
    }
    return 'damaged'
  }

  async function fill (image: Offered, token: string, isWanted: () => boolean): Promise<void> {
    books.versions[targetSlot(books.slots)] = image.version
    update(begin(books.slots, image))
    let waitMs = 1000
    while (isWanted()) {
      const range = nextRange(books.slots, chunkBytes)
      if (range === null) return
      const bytes = await download(image.url, token, range.from, range.to).catch(() => null)
      if (!isWanted()) return
      if (bytes === null || bytes.length !== range.to - range.from) {
        await wait(waitMs)
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)
        continue
      }
      waitMs = 1000
      flash.write(targetSlot(books.slots), range.from, bytes)
      // The power may have gone in there.
      if (isWanted()) update(wrote(books.slots, range.from, range.to))
    }
  }

  function wait (ms: number): Promise<void> {
    return new Promise((resolve) => { cancelWait = clock.at(clock.now() + ms, resolve) })
  }

  function drop (): void {
    wish++
    cancelWait?.()
  }

  function update (slots: Slots): void {
    books.slots = slots
    flash.note(storeSlots(slots) + '\n' + JSON.stringify(books.versions))
  }

  function restore (): Books {
    const [slots = '', versions = ''] = flash.noted().split('\n')
    return { slots: restoreSlots(slots), versions: versions === '' ? { a: firmware, b: '' } : JSON.parse(versions) }
  }
}

/** How an image behaves: a first line such as `{"deaf":true}`; well, without one. */
function mannersOf (start: Uint8Array): Manners {
  const [line = ''] = new TextDecoder().decode(start).split('\n')
  return { deaf: line.includes('"deaf":true'), hangs: line.includes('"hangs":true') }
}

/** Flash that lives as long as this object. @param size bytes of each slot */
export function memoryFlash (size = 4 * 1024 * 1024): Flash {
  const slots: Record<Slot, Uint8Array> = { a: new Uint8Array(0), b: new Uint8Array(0) }
  let text = ''
  return {
    size,
    write (slot, at, bytes) {
      const end = at + bytes.length
      if (end > size) throw new RangeError('Beyond the slot.')
      if (end > slots[slot].length) {
        // Room for the whole of it only when there is something to put there.
        const longer = new Uint8Array(Math.min(size, 2 * end))
        longer.set(slots[slot])
        slots[slot] = longer
      }
      slots[slot].set(bytes, at)
    },
    read (slot, count) {
      const bytes = new Uint8Array(count)
      bytes.set(slots[slot].subarray(0, count))
      return bytes
    },
    note (next) { text = next },
    noted: () => text
  }
}
