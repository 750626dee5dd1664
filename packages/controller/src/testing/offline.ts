/** Doors on the bench whose network is gone, and codes that they check by themselves. */
import { offlineDigits, offlineValue, slotAt } from '@oncekey/otp/offline'
import { deriveKey } from '@oncekey/protocol/messages'
import { benchIdentity, door, POWER_ON, type Door, type DoorOptions } from './door.ts'

const key = deriveKey(benchIdentity.rootKey, 'offline', 1)
export const HOUR = 3_600_000
export const [ONCE, HOURS4, , DAYS7] = [0, 1, 2, 3] as const

/** A code that begins so many slots after the door got power. */
export function code (kind: number, { after = 0, serial = 0, lock = 1 } = {}): string {
  return offlineDigits(offlineValue(key, { lock, kind, slot: slotAt(POWER_ON) + after, serial }))
}

/** A door that takes offline codes, had time to compute them, and lost its network. */
export function cutOff (options: DoorOptions = {}, clock: 'trusted' | 'persisted' = 'trusted', revoked: string[] = []): Door {
  const d = door(options)
  d.settings({ version: 2, offline: { clock, revoked } })
  d.wait(5000 * (options.locks ?? 1))
  d.disconnect()
  return d
}

/** Types it and says whether the bolt moved; then the bolt is back, and the display rests. */
export function opens (d: Door, digits: string): boolean {
  const before = d.moves()
  d.type(digits + '#')
  const moved = d.moves() > before
  d.wait(moved ? 61_000 : 3000)
  return moved
}
