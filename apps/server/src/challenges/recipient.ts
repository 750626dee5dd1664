import { hash } from 'node:crypto'
import { domainToASCII } from 'node:url'
import { challengePolicy, type ReaderPolicy, type ScopePolicy } from '@oncekey/otp'
import type { Trx } from '../platform/db.ts'
import { mayGetCodeAt } from '../codes/allowance.ts'
import { Problem } from '../platform/problems.ts'

/**
 * Failures of one recipient across all verifications, keys, resends and restarts: 20 in 24 hours; after 20 in a row
 * growing waits on top (NIST SP 800-63B-4 3.2.2 allows 100).
 */
const recipientPolicy: ReaderPolicy = Object.freeze({ kind: 'reader', triesInARow: 20, lockoutMs: 3_600_000, longestLockoutMs: 86_400_000, ceiling: 20, windowMs: 86_400_000 })
export const MOST_FAILURES = recipientPolicy.ceiling
const DAY_MS = 86_400_000
/** The clocks of two servers may differ so much. What was sent later than that was noted by a clock that ran ahead, and would block for as long as it did. */
const APART_MS = 60_000

/** Where the engine counts the guesses at one verification. */
export function challengeOf (verificationId: string): ScopePolicy {
  return { scope: `verification/${verificationId}`, policy: challengePolicy }
}

/** Where the engine counts a recipient's failures. */
export function budgetOf (recipientKey: string): ScopePolicy {
  return { scope: `recipient/${recipientKey}`, policy: recipientPolicy }
}

/**
 * Who it is, whatever the spelling: the same for `Ana@Bücher.example` and `ana@xn--bcher-kva.example.`, and for all channels to
 * one phone.
 * @param to a number in E.164, see verifications/phone.ts
 * @param apart a word for what has budgets of its own, e.g. an old program: strangers there use up nothing elsewhere
 * @throws Problem badRequest when mail can not have that domain
 */
export function recipientKeyOf (siteId: string, kind: 'email' | 'phone', to: string, apart?: string): string {
  return hash('sha256', `${siteId}\n${kind}\n${kind === 'email' ? mailboxOf(to) : to}${apart === undefined ? '' : `\n${apart}`}`, 'base64url')
}

/** Has one spelling but for its capitals, and nearly every address is one: labels of letters and digits, the last one no number. */
const PLAIN = /^[\w.+-]+@(?:[a-z\d]+\.)+[a-z]+$/i

/**
 * The mailbox that an address stands for. Domains have many spellings (UTS 46: other full stops, wide letters, signs that
 * nobody sees) and mail goes to the same one by all of them. What a provider makes of dots and plus signs is not known
 * here: those are other mailboxes.
 */
function mailboxOf (address: string): string {
  if (PLAIN.test(address)) return address.toLowerCase()
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at).normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '').toLowerCase()
  const domain = domainToASCII(address.slice(at + 1)).replace(/\.+$/, '')
  if (domain === '') throw new Problem('badRequest', { errors: [{ field: 'to', needs: 'a domain that mail can be sent to' }] })
  return `${local}@${domain}`
}

/** The sends of the last day, newest first. For a decision only in a write that is alone: of two sends at once the second one is to see the first. */
export async function readSends (trx: Trx, recipientKey: string, now: number): Promise<number[]> {
  return sendsIn((await trx.prepare('SELECT sends FROM verification_recipients WHERE recipient_key = ?').get(recipientKey))?.['sends'], now)
}

/** What a browser in which somebody signed in before may have sent to them in a day, whatever strangers have used up. */
const MOST_OF_DEVICE = 10

/** The same for a known browser: 30 s apart, 5 in 10 minutes, 10 a day. */
export function mayDeviceSendAt (sends: readonly number[], now: number): number {
  const tenth = sends.toSorted((a, b) => b - a)[MOST_OF_DEVICE - 1]
  return Math.max(maySendAt(sends, now), tenth === undefined ? 0 : tenth + DAY_MS)
}

/** When the next code may be sent: 0 = now. 30 s apart, 5 in 10 minutes, 20 a day. */
export function maySendAt (sends: readonly number[], now: number): number {
  return mayGetCodeAt(sends.map((at) => ({ createdAt: at, wasUnopened: false })), now)
}

function sendsIn (text: unknown, now: number): number[] {
  return String(text ?? '').split(' ').filter(Boolean).map(Number).filter((at) => at > now - DAY_MS && at <= now + APART_MS)
}

/** Notes that one is sent now; returns when the one after it may be. */
export async function noteSend (trx: Trx, recipientKey: string, sends: readonly number[], now: number): Promise<number> {
  const all = [now, ...sends]
  await trx.prepare('INSERT INTO verification_recipients (recipient_key, sends, forget_at) VALUES (?, ?, ?) ON CONFLICT (recipient_key) DO UPDATE SET sends = excluded.sends, forget_at = excluded.forget_at').run(recipientKey, all.join(' '), now + DAY_MS)
  return maySendAt(all, now)
}
