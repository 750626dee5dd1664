import FFI from 'mc/ffi'
import type { Entropy } from '@oncekey/host'

const native = new FFI()

/** True randomness while the radio is on, which it is before anything is asked for. */
export const entropy: Entropy = (count) => {
  const bytes = new Uint8Array(count)
  native.door_random(bytes.buffer, count)
  return bytes
}

/** 0 up to 1. */
export function chance (): number {
  const [a = 0, b = 0, c = 0] = entropy(3)
  return (a << 16 | b << 8 | c) / 0x1000000
}

/** `esp_reset_reason_t`, in the words of the record. */
export function resetReason (): 'powerOn' | 'brownOut' | 'watchdog' | 'software' | 'unknown' {
  switch (native.door_reset_reason()) {
    case 1: return 'powerOn'
    case 3: return 'software'
    case 4: case 5: case 6: case 7: return 'watchdog'
    case 9: return 'brownOut'
    default: return 'unknown'
  }
}

/** What is left of the memory, for whatever asks next. */
export function freeBytes (): number {
  return native.door_free_bytes()
}

export function restart (): void {
  native.door_restart()
}

/** What the boot loader has marked: the slot that runs, and whether on trial. */
export function runningSlot (): { slot: 'a' | 'b', isTrial: boolean } {
  return { slot: native.door_running_slot() === 0 ? 'a' : 'b', isTrial: native.door_is_pending() === 1 }
}

/** Ed25519, by libsodium: mbedTLS has none. */
export function isSigned (key: Uint8Array, signature: Uint8Array, text: Uint8Array): boolean {
  return native.door_is_signed(key.slice().buffer, signature.slice().buffer, text.slice().buffer, text.length) === 1
}

/** Whether the boot loader would start the other slot: its own checksums are right. Takes a second. */
export function isBootable (): boolean {
  return native.door_is_bootable() === 1
}

/** The other slot is tried with the next start. */
export function select (): void {
  native.door_select()
}

export function markValid (): void {
  native.door_mark_valid()
}

/** A timer of the system, outside of the engine, restarts the chip after so many ms; 0: no more. */
export function watch (ms: number): void {
  native.door_watch(ms)
}
