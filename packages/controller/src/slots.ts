/**
 * The two places for programs in a controller's flash, and the way of an image into the one that is not running. Hosts
 * share this; what writes flash, asks the network and starts the processor is theirs. Pure, as all of the program:
 * what a call changes comes back as a new value, and `storeSlots` is what has to be durable before the next step.
 */
import type { Image } from '@oncekey/protocol/messages'
import { TRIAL_MS } from './times.ts'

export type Slot = 'a' | 'b'

export type Slots = {
  /** The program that every start runs, unless another one is tried. */
  readonly good: Slot
  /** `next`: the other slot is run once, at the next start. `now`: it runs, and any start is back into the good one. */
  readonly trying: 'no' | 'next' | 'now'
  /** What the other slot is being filled with; null = nothing of worth is in it. */
  readonly filling: Filling | null
}

/** `written`: bytes from the first on that are durable, 0..size. `isWhole`: all of it, and signature and hash were right. */
export type Filling = { readonly sha256: string, readonly size: number, readonly written: number, readonly isWhole: boolean }

/** How long the host's own watchdog waits for `keep`: the program itself gives up earlier, this is for one that hangs. ms */
export const WATCHDOG_MS = TRIAL_MS + 60_000

/** A controller as it was flashed by cable. */
export const newSlots: Slots = { good: 'a', trying: 'no', filling: null }

/** Where the program lies that runs now. */
export function runningSlot ({ good, trying }: Slots): Slot {
  return trying === 'now' ? otherSlot(good) : good
}

/** Where an image goes. Never the slot that runs, and never the good one. */
export function targetSlot ({ good }: Slots): Slot {
  return otherSlot(good)
}

/** An image is to be had. What is there of the same one stays. A program on trial is not written over: then nothing changes. */
export function begin (slots: Slots, { sha256, size }: Pick<Image, 'sha256' | 'size'>): Slots {
  const { filling, trying } = slots
  if (trying === 'now' || (filling !== null && filling.sha256 === sha256 && filling.size === size)) return slots
  return { ...slots, trying: 'no', filling: { sha256, size, written: 0, isWhole: false } }
}

/** The next bytes to ask for: from, and up to but not with. null = there is nothing to ask for. */
export function nextRange ({ filling, trying }: Slots, most: number): { from: number, to: number } | null {
  if (filling === null || trying === 'now' || filling.written >= filling.size) return null
  return { from: filling.written, to: Math.min(filling.written + most, filling.size) }
}

/** Bytes are in flash, durably. Only what continues what is there counts. */
export function wrote (slots: Slots, from: number, to: number): Slots {
  const { filling } = slots
  if (filling === null || from !== filling.written || to < from || to > filling.size) return slots
  return { ...slots, filling: { ...filling, written: to } }
}

/** The whole slot was read again: its hash and the signature are right, or it begins anew. */
export function checked (slots: Slots, isRight: boolean): Slots {
  const { filling } = slots
  if (filling === null || filling.written < filling.size) return slots
  return { ...slots, filling: isRight ? { ...filling, isWhole: true } : null }
}

/** The next start is into the other slot, once; only if what lies there is whole. */
export function tryNext (slots: Slots): Slots {
  return slots.filling?.isWhole === true && slots.trying === 'no' ? { ...slots, trying: 'next' } : slots
}

/** What the boot loader does at each start, whatever the reason of it: try once, and go back from a trial that was not kept. */
export function atStart (slots: Slots): Slots {
  if (slots.trying === 'next') return { ...slots, trying: 'now' }
  return slots.trying === 'now' ? { ...slots, trying: 'no', filling: null } : slots
}

/** The program on trial is good; the one before becomes the other slot. */
export function keep (slots: Slots): Slots {
  return slots.trying === 'now' ? { good: otherSlot(slots.good), trying: 'no', filling: null } : slots
}

/** In one stored text, see `restoreSlots`. */
export function storeSlots ({ good, trying, filling }: Slots): string {
  return JSON.stringify(filling === null ? [good, trying] : [good, trying, filling.sha256, filling.size, filling.written, filling.isWhole])
}

/**
 * The slots as they were stored; as they left the works when there is nothing, and for a text that makes no sense. The
 * boot loader's own mark decides what runs; a host that has one asks it for `good` and `trying` instead.
 */
export function restoreSlots (text: string): Slots {
  const stored: unknown = parse(text)
  if (!Array.isArray(stored)) return newSlots
  const [good, trying, sha256, size, written, isWhole]: unknown[] = stored
  if ((good !== 'a' && good !== 'b') || (trying !== 'no' && trying !== 'next' && trying !== 'now')) return newSlots
  if (typeof sha256 !== 'string' || !isCount(size) || !isCount(written) || written > size) return { good, trying: trying === 'next' ? 'no' : trying, filling: null }
  return { good, trying, filling: { sha256, size, written, isWhole: isWhole === true && written === size } }
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isCount (value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

function otherSlot (slot: Slot): Slot {
  return slot === 'a' ? 'b' : 'a'
}
