/** Most that each of the three numbers of a version may be, and one. */
const STEP = 100_000

/**
 * A version such as `1.20.3` as one number, by which versions are ordered: three numbers up to 99999 without leading zeros.
 * -1, older than every version, for any other text.
 */
export function versionNumber (text: string): number {
  const parts = text.split('.')
  let all = 0
  for (const part of parts) {
    const number = Number(part)
    all = all * STEP + (number >= 0 && number < STEP && String(number) === part ? number : NaN)
  }
  return parts.length === 3 && all >= 0 ? all : -1
}
