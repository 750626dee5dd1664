import type { GuardReason, GuardSettings } from '@oncekey/protocol/schemas'
import { charged, credited, freshPurse, fullAt, opensIn, purseAt, repaid, returned, rules, stateOf, type Level, type Purse } from './purse.ts'
import { subjectsOf, type Send, type Subject } from './subjects.ts'

/** What is kept, by a subject's name; nothing for one that is new. */
export type Purses = ReadonlyMap<string, Purse>
/** A purse after a message or a verification; to be written. */
export type Changed = { subject: Subject, purse: Purse }
/** Messages of this channel today (UTC), and what they cost in millionths of the settings' currency. */
export type Spent = { messages: number, micros: number }
export type Facts = { purses: Purses, spent: Spent }
export type Refusal = { allowed: false, reason: GuardReason, retryAfterMs: number | null }
/** `took`: whose coin a message took, the recipient's own or that of all others. */
export type Decision = { allowed: true, changes: Changed[], micros: number, took: 'own' | 'others' } | Refusal
/** Messages of one verification whose coins have not been given back, by whose they were. */
export type Took = Record<'own' | 'others', number>

const DAY_MS = 86_400_000
/** Numbers whose calls and messages cost the sender more, or that nobody reads messages on. A plan that can not tell fixed lines from mobiles says so. */
const sendable: ReadonlySet<string> = new Set(['mobile', 'fixedLineOrMobile', 'personal', 'voip'])
/** Voice also reaches these. */
const callable: ReadonlySet<string> = new Set([...sendable, 'fixedLine'])
/** Numbers verified that speak for a network, a range and an area. */
const TRUSTED = Object.freeze({ address: 0.8, range: 2, area: 3, country: 20 })

/**
 * Whether this message is sent, and which purses it takes a coin from. Pure: the same facts, the same answer, on every server
 * and in the simulation. Where a purse is empty, somebody new is let through only when something finer speaks for them:
 * their number was verified before, others were from their network, they come from a network that has not wasted a single
 * message, or they have a number in a range where people verify.
 */
export function decide ({ purses, spent }: Facts, send: Send, settings: GuardSettings, now: number): Decision {
  const { phone, channel } = send
  const barred = phone === null ? null : barredBy(settings, channel, phone)
  if (barred !== null) return no(barred)
  const micros = costOf(settings, channel, phone?.country ?? null)
  if (!hasRoom(settings, channel, spent, micros)) return no('spendCap', DAY_MS - now % DAY_MS)
  const known = subjectsOf(send).map((subject) => {
    const kept = purses.get(subject.name)
    return { subject, isNew: kept === undefined, purse: kept === undefined ? freshPurse(subject.level, now) : purseAt(subject.level, kept, now) }
  })
  // Somebody who was verified before answers for themselves alone: that says nothing about anybody else, for better or worse.
  const themselves = known.filter(({ subject, isNew, purse }) => subject.level === 'recipient' && !isNew && purse.coins >= 1)
  const refusal = settings.adaptive && themselves.length === 0 ? judged(known, send.recent) : null
  if (refusal !== null) return refusal
  const changes = (themselves.length > 0 ? themselves : known.filter(({ subject }) => subject.level !== 'recipient')).map(({ subject, purse }) => ({ subject, purse: charged(subject.level, purse) }))
  return { allowed: true, changes, micros, took: themselves.length > 0 ? 'own' : 'others' }
}

/** Whether numbers of that kind get nothing by this channel. */
export function isBarred (channel: string, type: string | null): boolean {
  return type !== null && !(channel === 'voice' ? callable : sendable).has(type)
}

/** What a number itself says against a message to it. */
function barredBy (settings: GuardSettings, channel: string, { type, country }: NonNullable<Send['phone']>): GuardReason | null {
  if (isBarred(channel, type)) return 'numberType'
  return country === null || !settings.countries.includes(country) ? 'countryNotListed' : null
}

/** Whether the cap of the day lets another message of that cost through. */
export function hasRoom (settings: GuardSettings, channel: string, spent: Spent, micros: number): boolean {
  const cap = settings.caps.find((one) => one.channel === channel)
  return cap === undefined || (spent.messages + 1 <= (cap.messages ?? Infinity) && spent.micros + micros <= (cap.micros ?? Infinity))
}

type Known = { subject: Subject, isNew: boolean, purse: Purse }

/** The order is that of what whoever reads the reason can do most about. */
function judged (known: readonly Known[], recent: number): Refusal | null {
  const of = (level: Level): Known | undefined => known.find(({ subject }) => subject.level === level)
  const has = (level: Level, atLeast: number): boolean => (of(level)?.purse.standing ?? 0) >= atLeast && isOpen(of(level))
  const wasted = (level: Level): number | null => {
    const one = of(level)
    // Whoever asks again because nothing came has wasted nothing yet.
    return one === undefined ? null : rules[level].start - one.purse.coins - Math.min(1, recent)
  }
  const isFreshRange = (wasted('range') ?? 0) < 0.5
  const isFreshNetwork = (wasted('address') ?? 0) < 0.5 && (wasted('network') ?? 0) < rules.network.start / 2
  // No address says nothing for or against them: then the numbers have to be beyond doubt.
  const isClean = of('address') === undefined ? isFreshRange : isFreshNetwork
  const rangeSpeaks = has('range', TRUSTED.range)
  const areaSpeaks = has('area', TRUSTED.area) && isOpen(of('range'))
  const area = of('area')?.purse
  const isHealthy = area !== undefined && area.coins >= fullAt('area', area.standing) - 6
  const standing = of('address')?.purse.standing ?? 0
  const isTrusted = has('address', TRUSTED.address) && (wasted('address') ?? 0) < 1 + standing
  const isQuiet = (wasted('address') ?? 0) < (isHealthy ? 4 : 1.5) + 2 * standing
  const countrySpeaks = has('country', TRUSTED.country)
  for (const level of ['address', 'network', 'mailKey', 'range', 'area', 'country', 'key'] as const) {
    const one = of(level)
    if (one === undefined) continue
    const state = stateOf(level, one.purse)
    if (state === 'open') continue
    const isOfNetwork = level === 'address' || level === 'network'
    if (isTrusted && !isOfNetwork) continue
    // Of a mailbox there is nothing that could speak for it.
    if (level === 'mailKey') return emptied(one)
    const isVouched = level === 'area' ? rangeSpeaks : level !== 'range' && (rangeSpeaks || areaSpeaks || (level === 'key' && countrySpeaks))
    if (isOfNetwork ? state === 'empty' && isVouched : state === 'empty' ? isClean || (isVouched && isQuiet) : (isVouched && isQuiet) || (isClean && isFreshRange && level !== 'range' && level !== 'area')) continue
    return emptied(one)
  }
  return null
}

function isOpen (one: Known | undefined): boolean {
  return one === undefined || stateOf(one.subject.level, one.purse) === 'open'
}

function emptied ({ subject: { level }, purse }: Known): Refusal {
  return no(level === 'mailKey' ? 'key' : level === 'recipient' ? 'network' : level === 'address' ? 'network' : level, opensIn(level, purse))
}

function no (reason: GuardReason, retryAfterMs: number | null = null): Refusal {
  return { allowed: false, reason, retryAfterMs }
}

/**
 * What a verification gives back: what its own messages took, all of them, so that people who ask three times waste nothing;
 * and one more where its recipient is a new one. Messages of another verification were paid for by another address or key.
 * @returns purses to be written
 */
export function approve (purses: Purses, send: Send, took: Took, now: number): Changed[] {
  const [recipient, ...others] = subjectsOf(send)
  if (recipient === undefined) return []
  const after = (subject: Subject, messages: number): Changed => ({ subject, purse: credited(subject.level, purseNow(purses, subject, now), messages) })
  return purses.has(recipient.name) ? [after(recipient, took.own), ...paidBack(purses, others, took.others, now, repaid)] : [recipient, ...others].map((subject) => after(subject, took.others))
}

/** What a message gives back that never left: as if it had not been asked for. @returns purses to be written */
export function giveBack (purses: Purses, subjects: readonly Subject[], from: keyof Took, sentAt: number, now: number): Changed[] {
  const paid = subjects.filter(({ level }) => (level === 'recipient') === (from === 'own'))
  return paidBack(purses, paid, 1, now, (level, purse, messages) => returned(level, purse, messages, sentAt))
}

function paidBack (purses: Purses, subjects: readonly Subject[], messages: number, now: number, how: (level: Level, purse: Purse, messages: number) => Purse): Changed[] {
  // What was forgotten is as full as a new one.
  return messages === 0 ? [] : subjects.filter(({ name }) => purses.has(name)).map((subject) => ({ subject, purse: how(subject.level, purseNow(purses, subject, now), messages) }))
}

function purseNow (purses: Purses, { level, name }: Subject, now: number): Purse {
  const kept = purses.get(name)
  return kept === undefined ? freshPurse(level, now) : purseAt(level, kept, now)
}

/** The most precise one counts: channel and country, then channel alone. Millionths of the currency; 0 where nothing is said. */
export function costOf (settings: GuardSettings, channel: string, country: string | null): number {
  const of = settings.costs.filter((one) => one.channel === channel)
  return (of.find((one) => one.country !== null && one.country === country) ?? of.find((one) => one.country === null))?.micros ?? 0
}
