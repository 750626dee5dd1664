/**
 * A little work that is asked for when somebody tries very much: nothing that people have to do or look at, and nothing that
 * asks another server. Plain SHA-256, so that it also works in pages that came without TLS, where browsers hide WebCrypto.
 */
import { hex, sha256, utf8 } from '@oncekey/otp/sha256'

/** Header of the request that is repeated: `number.token`. */
export const CAPTCHA_HEADER = 'oncekey-captcha'

/** What the solution's SHA-256 is, in hexadecimal. The dot keeps digits of the number from becoming part of the salt. */
export function captchaTarget (salt: string, number: number): string {
  return hex(sha256(utf8(`${salt}.${number}`)))
}

/**
 * Looks for the number by trying each one: half of them on average, all of them at worst.
 * @param most the number is below it
 * @returns the number; null when there is none, so somebody altered the captcha on its way
 */
export function solveCaptcha ({ salt, target, most }: { salt: string, target: string, most: number }): number | null {
  for (let number = 0; number < most; number++) if (captchaTarget(salt, number) === target) return number
  return null
}
