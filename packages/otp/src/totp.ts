import { equalText } from './bytes.ts'
import { checkWhole } from './codeHash.ts'
import { hotp, type HotpKey } from './hotp.ts'
import { withoutBlanks } from './spelling.ts'

/** What an authenticator app and its server have in common, with the seconds that a code lasts. */
export type TotpKey = HotpKey & {
  /** Seconds a step. Default 30, which several apps take as given. */
  readonly period?: number
}

export type TotpTry = TotpKey & {
  /** As typed: apps show "123 456", so blanks are taken out here. */
  readonly code: string
  /** Milliseconds since 1970, from a clock that is kept right. */
  readonly now: number
  /** The step of this secret's last granted verdict; null before the first. */
  readonly lastStep: number | null
  /** How many steps a clock may differ to either side, 0..10. Default 1, as RFC 6238 section 5.2 recommends. */
  readonly window?: number
}

export type TotpVerdict =
  | { readonly granted: true, readonly step: number }
  | { readonly granted: false, readonly reason: 'wrong' | 'alreadyUsed' }

/** The code of a moment (RFC 6238). `now`: milliseconds since 1970. RangeError as `hotp`, and for a period below 1 s. */
export function totp ({ now, period = 30, ...key }: TotpKey & { readonly now: number }): string {
  return hotp({ ...key, counter: stepAt(now, period) })
}

/**
 * Whether a typed code is that of now or of up to `window` steps beside it, and of a step after `lastStep`.
 *
 * A step is used once only if the caller makes it so: let somebody in after a compare-and-set that stores the verdict's
 * `step` where the stored one is still null or smaller, and refuse when that changes no row. It also has to count
 * refusals (three codes out of a million are right at any moment): `admission` and `count` of the engine do.
 *
 * Steps up to `lastStep` are refused whatever the clock says. When it is set back, all codes are refused until it is
 * past the last used step again: better than one code that works twice.
 *
 * It takes the same time for every code of one length: each step in reach is computed and compared. A code that is no
 * digits is `wrong`. RangeError for options out of range, which are a mistake in the program.
 */
export function verifyTotp ({ code, now, lastStep, window = 1, period = 30, ...key }: TotpTry): TotpVerdict {
  if (!Number.isInteger(window) || window < 0 || window > 10) throw new RangeError(`The window is 0 to 10 steps, not ${window}.`)
  if (lastStep !== null) checkWhole('lastStep', lastStep, 0)
  const step = stepAt(now, period)
  const typed = withoutBlanks(code)
  const matches: { step: number, isRight: boolean }[] = []
  for (let near = Math.max(0, step - window); near <= step + window; near++) {
    matches.push({ step: near, isRight: equalText(hotp({ ...key, counter: near }), typed) })
  }
  // The last of the right steps: should two of them have the same digits, these must not work once for each.
  const right = matches.findLast(one => one.isRight)
  if (right === undefined) return { granted: false, reason: 'wrong' }
  return lastStep !== null && right.step <= lastStep ? { granted: false, reason: 'alreadyUsed' } : { granted: true, step: right.step }
}

function stepAt (now: number, period: number): number {
  checkWhole('now', now, 0)
  checkWhole('period', period, 1)
  return Math.floor(now / 1000 / period)
}
