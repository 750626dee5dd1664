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

export function restart (): void {
  native.door_restart()
}
