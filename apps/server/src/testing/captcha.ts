import { CAPTCHA_HEADER } from '@oncekey/protocol/captcha'
import type { House } from '../house.ts'
import { makeCaptcha } from '../captcha/captcha.ts'

/** A solved captcha, as a request carries it. The number is read from its token, which is quicker than to look for it. */
export function solvedCaptcha (house: House): Record<string, string> {
  const { token } = makeCaptcha(house)
  // The server wrote it.
  const { number } = JSON.parse(house.seal.open(token, 'captcha')) as { number: number }
  return { [CAPTCHA_HEADER]: `${number}.${token}` }
}
