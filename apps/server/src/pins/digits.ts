import type { House } from '../house.ts'

const DIGITS = 8
/** Where ordinary codes have eight digits: as many as nothing else has. */
export const MORE_DIGITS = 12

/**
 * How many digits new pins of a keypad have: never as many as its ordinary codes. Else a controller without its server would
 * take a code for a wrong pin, and count it.
 */
export function pinDigits (codeDigits: number): number {
  return codeDigits === DIGITS ? MORE_DIGITS : DIGITS
}

/** What a pin is looked up by: another hash at each controller, under each key of the ring. */
export function pinHash (house: House, keyId: string, controllerId: string, digits: string): string {
  return house.keys.hmac(keyId, `pin\n${controllerId}\n${digits}`)
}
