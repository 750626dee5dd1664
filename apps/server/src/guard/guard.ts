import { isIP } from 'node:net'
import type { GuardReason, GuardSettings } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx, Value } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { blockEmptied, tellOfCap } from './blocks.ts'
import { approve, costOf, decide, hasRoom, type Changed, type Purses, type Spent } from './decide.ts'
import { countFigure } from './figures.ts'
import { keptMs, type Purse } from './purse.ts'
import { purseIn, spentIn, spentName, textOfPurse, textOfSpent } from './rows.ts'
import { KEY, settingsIn, usualSettings } from './settings.ts'
import { isPublicAddress, subjectsOf, type Send, type Subject } from './subjects.ts'

/** A message of a verification that is about to be sent, or was typed in. */
export type GuardedSend = Omit<Send, 'recent'> & {
  verificationId: string
  /** Another message of a verification that has sent one: its address is known. */
  isAgain?: boolean
}

const DAY_MS = 86_400_000
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
 * Takes what a message costs from every purse that it says something about, or refuses it. Two statements: one reads all, one
 * writes all; a refusal has written nothing, so nothing has to be undone. Exact, because nobody else writes meanwhile.
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
  const { purses, spent, settings, sends } = await facts(trx, subjects, send, now)
  const recent = sends.filter((at) => at > now - HOUR_MS).length
  const decision = decide({ purses, spent }, { ...send, recent, subjects }, settings, now)
  const country = phone === null ? '' : phone.country ?? '-'
  if (!decision.allowed) throw new SendRefused(decision.reason, { channel, country, retryAfterMs: decision.retryAfterMs })
  const after: Spent = { messages: spent.messages + 1, micros: spent.micros + decision.micros }
  const changes = await blockEmptied(trx, house, decision.changes)
  await keep(trx, changes, [[spentName(channel, now), textOfSpent(after), dayOf(now) + 2]])
  if (kept === null && (phone !== null || send.ip !== null)) {
    await trx.prepare('INSERT INTO guard_sends (verification_id, subjects, forget_day) VALUES (?, ?, ?)').run(verificationId, textOfSubjects(subjects), dayOf(now) + SENDS_KEPT_DAYS)
  }
  countFigure(trx, now, { channel, country, what: 'sent' })
  await tellOfCap(trx, house, { channel, settings, before: spent, after })
}

/**
 * Another channel is to carry a code that was let through before: its purses have paid for it, the cap of that channel has not.
 * @returns whether there is room; then it is counted
 */
export async function guardFallback (trx: Trx, house: House, { channel, recipientKey, e164, country }: { channel: string, recipientKey: string, e164: string, country: string | null }): Promise<boolean> {
  const now = house.clock()
  const { spent, settings } = await facts(trx, [], { channel, recipientKey, phone: { e164, country, type: null } }, now)
  const micros = costOf(settings, channel, country)
  if (!hasRoom(settings, channel, spent, micros)) return false
  const after: Spent = { messages: spent.messages + 1, micros: spent.micros + micros }
  await keep(trx, [], [[spentName(channel, now), textOfSpent(after), dayOf(now) + 2]])
  countFigure(trx, now, { channel, country: country ?? '-', what: 'sent' })
  await tellOfCap(trx, house, { channel, settings, before: spent, after })
  return true
}

/** A code was typed in: gives back what its messages cost, and one coin more where its recipient is a new one. */
export async function guardApproved (trx: Trx, house: House, asked: Pick<GuardedSend, 'verificationId' | 'keyId' | 'channel' | 'recipientKey'>): Promise<void> {
  const now = house.clock()
  const send: Send = { ...asked, phone: null, ip: null, recent: 0 }
  const subjects = await keptSubjects(trx, asked.verificationId) ?? subjectsOf(send)
  const { purses, sends } = await facts(trx, subjects, send, now)
  const messages = Math.max(1, sends.filter((at) => at > now - HOUR_MS && at <= now).length)
  await keep(trx, approve(purses, { ...send, subjects }, messages, now), [])
  const country = subjects.find(({ level }) => level === 'country')?.name.slice('country '.length) ?? ''
  countFigure(trx, now, { channel: asked.channel, country, what: 'verified' })
}

type Facts = { purses: Purses, spent: Spent, settings: GuardSettings, sends: number[] }

/** One statement: few texts of it, and every source has a name and a text. Countries are for phones: to find the own one takes a fifth of a second, once. */
async function facts (trx: Trx, subjects: readonly Subject[], { channel, recipientKey, phone }: Pick<Send, 'channel' | 'recipientKey' | 'phone'>, now: number): Promise<Facts> {
  const day = spentName(channel, now)
  const rows = await trx.prepare(`SELECT name, purse FROM guard_purses WHERE name IN (${marks(subjects.length + 1, '?')})
    UNION ALL SELECT 'sends', sends FROM verification_recipients WHERE recipient_key = ? UNION ALL SELECT 'settings', value FROM settings WHERE key = ?
    UNION ALL SELECT 'zone', (SELECT time_zone FROM sites ORDER BY created_at LIMIT 1)`)
    .all(...subjects.map(({ name }) => name), day, recipientKey, KEY)
  const texts = new Map(rows.map((row) => [String(row['name']), String(row['purse'])]))
  const purses = new Map<string, Purse>()
  for (const { name } of subjects) {
    const text = texts.get(name)
    if (text !== undefined) purses.set(name, purseIn(text))
  }
  const own = texts.get('settings')
  return {
    purses, spent: spentIn(texts.get(day)), settings: own === undefined ? usualSettings(phone === null ? 'UTC' : texts.get('zone') ?? 'UTC') : settingsIn(own),
    sends: (texts.get('sends') ?? '').split(' ').filter(Boolean).map(Number)
  }
}

async function keep (trx: Trx, changes: readonly Changed[], more: readonly (readonly Value[])[]): Promise<void> {
  const rows = [...changes.map(({ subject, purse }) => [subject.name, textOfPurse(purse), dayOf(purse.at + keptMs[subject.level])]), ...more]
  if (rows.length === 0) return
  await trx.prepare(`INSERT INTO guard_purses (name, purse, forget_day) VALUES ${marks(rows.length, '(?, ?, ?)')} ON CONFLICT (name) DO UPDATE SET purse = excluded.purse, forget_day = excluded.forget_day`).run(...rows.flat())
}

async function keptSubjects (trx: Trx, verificationId: string): Promise<Subject[] | null> {
  const row = await trx.prepare('SELECT subjects FROM guard_sends WHERE verification_id = ?').get(verificationId)
  return row === undefined ? null : subjectsIn(String(row['subjects']))
}

function textOfSubjects (subjects: readonly Subject[]): string {
  return subjects.map(({ name }) => name).join('\n')
}

function subjectsIn (text: string): Subject[] {
  // The level is the first word of each name, as we wrote it.
  return text.split('\n').map((name) => ({ level: name.slice(0, name.indexOf(' ')) as Subject['level'], name }))
}

function marks (count: number, one: string): string {
  return Array.from({ length: count }, () => one).join(', ')
}

function dayOf (now: number): number {
  return Math.floor(now / DAY_MS)
}
