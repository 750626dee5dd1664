/** Shortest and longest code that this package makes or accepts. */
const fewestDigits = 4
const mostDigits = 12

/** Guesses that a reader evaluates in 24 h under `readerPolicy`. */
const readerGuessesPerDay = 84

/** Source of random bytes: returns exactly as many as asked, from a cryptographic generator. */
export type Entropy = (bytes: number) => Uint8Array

/**
 * A code of 4..12 decimal digits, each equally likely: bytes of 250 and above are thrown away, because 256 is no
 * multiple of 10. RangeError for another count, Error when the entropy source gives unusable bytes.
 */
export function drawDigits (count: number, entropy: Entropy): string {
  if (!Number.isInteger(count) || count < fewestDigits || count > mostDigits) {
    throw new RangeError(`A code has ${fewestDigits} to ${mostDigits} digits, not ${count}.`)
  }
  let code = ''
  // A fair source needs a second round in a third of the cases and a tenth one practically never.
  for (let round = 0; round < 100; round++) {
    for (const byte of drawBytes(mostDigits + 4, entropy)) {
      if (byte >= 250) continue
      code += String(byte % 10)
      if (code.length === count) return code
    }
  }
  throw new Error('The entropy source does not give random bytes.')
}

/** Asks for bytes and makes sure that they came. */
export function drawBytes (count: number, entropy: Entropy): Uint8Array {
  const bytes = entropy(count)
  if (bytes.length !== count) throw new Error(`The entropy source gave ${bytes.length} bytes instead of ${count}.`)
  return bytes
}

/**
 * Whether a text has the shape of a code: 4..12 ASCII digits. Digits of other scripts, spaces and signs are no code;
 * a host that wants to be kind to them converts before it asks.
 */
export function isCode (text: string): boolean {
  if (text.length < fewestDigits || text.length > mostDigits) return false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char < 48 || char > 57) return false
  }
  return true
}

/**
 * How many digits a reader's codes need so that somebody who guesses all day opens it with at most `dailyChance`:
 * the fewest d >= 6 with maxLive * guessesPerDay / 10^d <= dailyChance. One live code: 6; up to 11: 7; up to 119: 8.
 * RangeError when maxLive is no positive integer or 12 digits are not enough.
 */
export function digitsFor (maxLive: number, options: { guessesPerDay?: number, dailyChance?: number } = {}): number {
  const { guessesPerDay = readerGuessesPerDay, dailyChance: accepted = 1e-4 } = options
  if (!Number.isInteger(maxLive) || maxLive < 1) throw new RangeError(`maxLive is a positive integer, not ${maxLive}.`)
  for (let digits = 6; digits <= mostDigits; digits++) {
    if (maxLive * guessesPerDay <= accepted * 10 ** digits) return digits
  }
  throw new RangeError(`${maxLive} live codes at one reader need more than ${mostDigits} digits.`)
}

/** Chance (0..1) that a day of guessing hits one of `live` codes. The figure to show an operator. */
export function dailyChance (live: number, digits: number, guessesPerDay: number = readerGuessesPerDay): number {
  return Math.min(1, live * guessesPerDay / 10 ** digits)
}
