import { isIP } from 'node:net'
import type { GuardReason, GuardSettings } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Sheet, Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'
import { blockEmptied, tellOfCap } from './blocks.ts'
import { costOf, decide, hasRoom, isBarred, type Purses, type Spent } from './decide.ts'
import { countFigure } from './figures.ts'
import { keepPurse, keepSpent, keptTexts } from './kept.ts'
import { dayOf, letterOf, pursesIn, spentIn, spentName, subjectsIn } from './rows.ts'
import { KEY, settingsIn, usualSettings } from './settings.ts'
import { isPublicAddress, subjectsOf, type Send, type Subject } from './subjects.ts'

/** A message of a verification that is about to be sent. */
export type GuardedSend = Omit<Send, 'recent'> & {
  verificationId: string
  /** When its recipient was sent messages in the last day, ms since 1970. */
  sends: readonly number[]
  /** Another message of a verification that has sent one: its address is known. */
  isAgain?: boolean
}

const HOUR_MS = 3_600_000
/** A verification lives for ten minutes after its last message. */
const SENDS_KEPT_DAYS = 2

/** The guard says no. What it counts by is for the figures. */
export class SendRefused extends Problem {
  readonly counted: { channel: string, country: string, reason: GuardReason }
  constructor (reason: GuardReason, { channel, country, retryAfterMs }: { channel: string, country: string, retryAfterMs: number | null }) {
    super('sendRefused', { reason, ...(retryAfterMs === null ? {} : { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)) }) })
    this.counted = { channel, country, reason }
  }
}

/**
 * Takes what a message costs from every purse that it says something about, or refuses it. A refusal has written nothing, so
 * nothing has to be undone. Exact, because nobody else writes meanwhile.
 *
 * Only in a write that is alone.
 * @throws Problem sendRefused with a reason, and when to come again where that is known
 */
export async function guardSend (trx: Trx, house: House, asked: GuardedSend): Promise<void> {
  const now = house.clock()
  const { verificationId, channel, phone } = asked
  if (asked.ip !== null && isIP(asked.ip) === 0) throw new Problem('badRequest', { errors: [{ field: 'ip', needs: 'an IPv4 or IPv6 address' }] })
  const kept = asked.isAgain === true ? await keptSubjects(trx, verificationId) : null
  const send = { ...asked, ip: asked.ip !== null && isPublicAddress(asked.ip) ? asked.ip : null }
  const subjects = kept ?? subjectsOf(send)
  const { purses, spent, settings } = await facts(trx, subjects, send, now)
  const recent = asked.sends.filter((at) => at > now - HOUR_MS).length
  const decision = decide({ purses, spent }, { ...send, recent, subjects }, settings, now)
  const country = phone === null ? '' : phone.country ?? '-'
  if (!decision.allowed) throw new SendRefused(decision.reason, { channel, country, retryAfterMs: decision.retryAfterMs })
  const after: Spent = { messages: spent.messages + 1, micros: spent.micros + decision.micros }
  const changes = await blockEmptied(trx, house, decision.changes)
  for (const change of changes) keepPurse(trx, change)
  keepSpent(trx, channel, now, after)
  const letter = letterOf[decision.took]
  if (kept !== null) await trx.prepare('UPDATE guard_sends SET took = took || ? WHERE verification_id = ?').run(letter, verificationId)
  else if (phone !== null || send.ip !== null) await trx.prepare('INSERT INTO guard_sends (verification_id, subjects, forget_day, took) VALUES (?, ?, ?, ?)').run(verificationId, textOfSubjects(subjects), dayOf(now) + SENDS_KEPT_DAYS, letter)
  countLetOut(trx, now, { channel, country }, decision.micros, asked.isAgain === true ? 'again' : null)
  await tellOfCap(trx, house, { channel, settings, before: spent, after })
}

function countLetOut (trx: Trx, now: number, by: { channel: string, country: string }, micros: number, as: 'again' | 'fellBack' | null): void {
  countFigure(trx, now, { ...by, what: 'sent' })
  if (as !== null) countFigure(trx, now, { ...by, what: as })
  if (micros > 0) countFigure(trx, now, { ...by, what: 'micros' }, micros)
}

/**
 * Whether a number is of a kind that messages go to at all, which anybody may read in its plan. Asks no setting and no purse, for
 * messages that stay here: strangers would learn by asking which countries a site sends to.
 * @throws Problem badRequest that says what the number needs
 */
export function guardLook ({ channel, phone }: Pick<GuardedSend, 'channel' | 'phone'>): void {
  if (phone !== null && isBarred(channel, phone.type)) throw new Problem('badRequest', { errors: [{ field: 'to', needs: notForMessages }] })
}

const notForMessages = inAll((needs) => needs.noMessages)

/**
 * Another channel is to carry a code that was let through before: its purses have paid for it, the cap of that channel has not.
 * @returns whether there is room; then it is counted
 */
export async function guardFallback (trx: Trx, house: House, { channel, e164, country }: { channel: string, e164: string, country: string | null }): Promise<boolean> {
  const now = house.clock()
  const { spent, settings } = await facts(trx, [], { channel, phone: { e164, country, type: null } }, now)
  const micros = costOf(settings, channel, country)
  if (!hasRoom(settings, channel, spent, micros)) return false
  const after: Spent = { messages: spent.messages + 1, micros: spent.micros + micros }
  keepSpent(trx, channel, now, after)
  countLetOut(trx, now, { channel, country: country ?? '-' }, micros, 'fellBack')
  await tellOfCap(trx, house, { channel, settings, before: spent, after })
  return true
}

type Facts = { purses: Purses, spent: Spent, settings: GuardSettings }

async function facts (trx: Trx, subjects: readonly Subject[], { channel, phone }: Pick<Send, 'channel' | 'phone'>, now: number): Promise<Facts> {
  const day = spentName(channel, now)
  const texts = await keptTexts(trx, [...subjects.map(({ name }) => name), day])
  const { own, timeZone } = await saidByOperators(trx)
  // Countries are for phones: to find the own one takes a fifth of a second, once.
  return { purses: pursesIn(subjects, texts), spent: spentIn(texts.get(day)), settings: own === null ? usualSettings(phone === null ? 'UTC' : timeZone) : settingsIn(own) }
}

type Said = { own: string | null, timeZone: string }
const said: Sheet<Said> = {}

/** What administrators have set, and the zone of the first site: the same for all messages of a group. */
async function saidByOperators (trx: Trx): Promise<Said> {
  const known = trx.look(said, KEY)
  if (known !== undefined) return known
  const row = await trx.prepare('SELECT (SELECT value FROM settings WHERE key = ?) AS own, (SELECT time_zone FROM sites ORDER BY created_at LIMIT 1) AS zone').get(KEY)
  const own = row?.['own'] ?? null
  const found: Said = { own: own === null ? null : String(own), timeZone: String(row?.['zone'] ?? 'UTC') }
  trx.learn(said, KEY, found)
  return found
}

async function keptSubjects (trx: Trx, verificationId: string): Promise<Subject[] | null> {
  const row = await trx.prepare('SELECT subjects FROM guard_sends WHERE verification_id = ?').get(verificationId)
  return row === undefined ? null : subjectsIn(String(row['subjects']))
}

function textOfSubjects (subjects: readonly Subject[]): string {
  return subjects.map(({ name }) => name).join('\n')
}
