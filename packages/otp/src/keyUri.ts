import { toBase32 } from './base32.ts'
import { checkName, checkWhole } from './codeHash.ts'
import { checkHotpKey } from './hotp.ts'
import type { TotpKey } from './totp.ts'

export type KeyUriOrder = TotpKey & {
  /** Who asks for the codes, as the app shows it: the site's name. */
  readonly issuer: string
  /** Whose codes they are, as the app shows it: an e-mail address, for example. */
  readonly account: string
}

/**
 * The address that an authenticator app reads from a QR code: the Key URI format, a convention of the apps, for TOTP.
 * It holds the secret: show it to its owner once, and let it reach no log and no message.
 *
 * The issuer stands before the account (old apps read it there) and as a parameter (new ones). The format knows no
 * colon in either, so each becomes a blank; runs of blanks become one. Blanks are `%20`: several apps show a `+` as it is. RangeError when issuer
 * or account is empty, longer than 256 characters or not well formed, and for keys that `totp` refuses.
 */
export function otpauthUri ({ issuer, account, secret, digits = 6, period = 30, algorithm = 'sha1' }: KeyUriOrder): string {
  checkHotpKey(secret, digits)
  checkWhole('period', period, 1)
  const by = part('issuer', issuer)
  const query = `secret=${toBase32(secret)}&issuer=${by}&algorithm=${algorithm.toUpperCase()}&digits=${digits}&period=${period}`
  return `otpauth://totp/${by}:${part('account', account)}?${query}`
}

function part (what: string, text: string): string {
  const shown = text.split(':').join(' ').split(' ').filter(word => word !== '').join(' ')
  checkName(what, shown)
  return encodeURIComponent(shown)
}
