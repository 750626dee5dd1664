import type { ChallengePurpose, ChallengeStarted, Language } from '@oncekey/protocol/schemas'
import type { ScopePolicy } from '@oncekey/otp'
import { challengePolicy } from '@oncekey/otp'
import type { House } from '../house.ts'
import { letters, type Letter } from '../notify/letters/all.ts'
import { sendToAddress } from '../notify/send.ts'
import { wipeChallenge } from '../notify/wipe.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { changed, factsOf, type Challenge } from './facts.ts'
import { countedAs, guessesLeft, type Identity } from './identity.ts'
import { countUnproven } from './unproven.ts'
import { readSends, mayDeviceSendAt, maySendAt, noteSend } from './recipient.ts'

/** A code's validity. */
export const CODE_MS = 300_000
const DIGITS = 6

/**
 * What goes to the mailbox: a code; word that somebody with this address is here already; nothing, because nobody has it.
 * Whoever asks is answered the same, in the same time.
 */
export type LetterKind = 'code' | 'known' | 'none'

/** A challenge as sending needs it: who asked for what, and where it goes. */
export type Addressed = {
  id: string, siteId: string, purpose: ChallengePurpose, identity: Identity, letter: LetterKind, recipient: string, recipientKey: string
  /** Of what was typed, or of a known browser: whoever asks is told to wait by this one alone, or the wait would tell whose mailbox it is. */
  askedKey: string
  challenge: Challenge
  /** Of the page that asks: the same whoever has the address, so that it costs the same. */
  language: Language
}

/** Where the engine counts the guesses at one challenge. */
export function scopeOf (id: string): ScopePolicy {
  return { scope: `challenge/${id}`, policy: challengePolicy }
}

export function purposeOf (purpose: ChallengePurpose): string {
  return `account:${purpose}`
}

/**
 * Makes a code and puts its message into the outbox; the code before it never works again. The tries that are left stay
 * as they were.
 * @returns the challenge as it is now, to be written by the caller, and the answer
 * @throws Problem channelNotSetUp, coolingDown, tooManyTries, verificationEnded; busy when too many register
 */
export async function sendChallenge (trx: Trx, house: House, to: Addressed): Promise<{ challenge: Challenge, started: ChallengeStarted }> {
  if (house.config.smtpUrl === null) throw new Problem('channelNotSetUp')
  const now = house.clock()
  const asked = await readSends(trx, to.askedKey, now)
  const isKnown = to.identity.startsWith('device/')
  const wait = isKnown ? mayDeviceSendAt(asked, now) : maySendAt(asked, now)
  if (wait > 0) throw new Problem('coolingDown', { retryAfterSeconds: Math.max(1, Math.ceil((wait - now) / 1000)) })
  if (to.purpose === 'register') await countUnproven(trx, house)
  const { silent } = await guessesLeft(trx, house, countedAs(to.identity, to.askedKey), 'mailedCode')
  // A mailbox that had enough gets no more, whichever way they are asked for; but strangers are not to keep its owner out.
  const sends = await readSends(trx, to.recipientKey, now)
  const goesOut = to.letter !== 'none' && silent > 0 && (isKnown || maySendAt(sends, now) === 0)
  const digits = Math.max(DIGITS, house.leastDigits ?? 0)
  const step = house.steps.issue({ ...scopeOf(to.id), purpose: purposeOf(to.purpose), slot: 'code', digits, expiresAt: now + CODE_MS })
  const { result: issued, changes } = step.decide(factsOf(to.challenge))
  if (!issued.issued) throw new Problem('verificationEnded')

  const { expiresAt, code, generation } = issued
  if (issued.superseded !== null) await wipeChallenge(trx, to.id, now)
  const site = String((await trx.prepare('SELECT name FROM sites WHERE id = ?').get(to.siteId))?.['name'])
  const { subject, text } = letterOf(house, to, site, code)
  await sendToAddress(trx, house, { channel: 'email', recipient: to.recipient, challengeId: to.id, dedupeKey: `challenge:${to.id}:${generation}`, subject, secret: { text, digits: code, expiresAt }, goesOut })
  await noteSend(trx, to.recipientKey, goesOut ? sends : sends.slice(1), goesOut ? now : sends[0] ?? now)
  const mayResendAt = await noteSend(trx, to.askedKey, asked, now)
  return { challenge: changed(to.challenge, changes), started: { challenge: to.id, digits, sentAt: now, expiresAt, mayResendAt } }
}

/** The last line lets a browser offer the code at that host's page only (WebOTP, origin-bound one-time codes). */
function letterOf (house: House, { letter, purpose, language }: Pick<Addressed, 'letter' | 'purpose' | 'language'>, site: string, code: string): Letter {
  const words = letters[language]
  if (letter === 'known') return purpose === 'email' ? words.wanted(site) : words.known(site, house.link('/'))
  return words.challenge({ site, purpose, code, lastLine: `@${new URL(house.link('/')).hostname} #${code}` })
}
