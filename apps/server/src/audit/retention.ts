import { eventsOf, retentionKinds, type RetentionKind } from '@oncekey/protocol/retention'
import type { RetentionChange, RetentionPreview, RetentionQuery, RetentionState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { writeTo } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'
import { momentIn } from '../platform/language.ts'
import { Problem } from '../platform/problems.ts'
import type { Named } from './append.ts'
import { stretchesOf } from './slots.ts'

export const DAY_MS = 86_400_000
/** Whoever is at an owner's session can not wipe what they did: every owner is told and has this long to take it back. */
export const NOTICE_MS = 24 * 3_600_000
/** Rows that a preview counts: there may be millions, and in SQLite everybody would wait. */
const MOST_COUNTED = 10_000

/** Of one kind: `days` from the moment `from` on, `before` until then; null = for ever. */
export type Kept = { days: number | null, before: number | null, from: number }
/**
 * How far a kind is erased. `after`: of each event the row up to which nothing is left, where the next run begins; `at`: how far
 * this run has walked, null between two; `run`: the newest one that found something. `days`: of the run that ended last.
 */
export type Erasing = { after: Record<string, number>, at: Record<string, number> | null, endedAt: number, days: number | null, run: { startedAt: number, endedAt: number | null, rows: number, upTo: number, cutoff: number } | null }
/** When the work looked at the clock, and until when it waits because that one jumped. */
export type Watch = { lookedAt: number, waitsUntil: number }

const keptKey = (kind: RetentionKind): string => `audit.retention.${kind}`
export const erasingKey = (kind: RetentionKind): string => `audit.erasing.${kind}`
export const WATCH_KEY = 'audit.erasing'
export const nothingErased: Erasing = { after: {}, at: null, endedAt: 0, days: null, run: null }
const forEver: Kept = { days: null, before: null, from: 0 }

/** Rows of `settings` as they stand there; they are written by this feature only. */
export async function noted<Shape> (sql: Trx['sql'], key: string): Promise<{ text: string | null, is: Shape | null }> {
  const text = (await sql.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst())?.value ?? null
  return { text, is: text === null ? null : JSON.parse(text) as Shape }
}

export async function note (trx: Trx, key: string, is: Kept | Erasing | Watch): Promise<void> {
  await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, JSON.stringify(is))
}

export async function keptIn (sql: Trx['sql'], kind: RetentionKind): Promise<Kept> {
  return (await noted<Kept>(sql, keptKey(kind))).is ?? forEver
}

/** How many kinds are not kept for ever. */
export async function countRetained (sql: Trx['sql']): Promise<number> {
  return (await Promise.all(retentionKinds.map((kind) => keptIn(sql, kind)))).filter(({ days }) => days !== null).length
}

/** What holds now. */
export function daysNow ({ days, before, from }: Kept, now: number): number | null {
  return now >= from ? days : before
}

export async function retentionState (house: House): Promise<RetentionState> {
  const sql = house.db.read
  const kinds: RetentionState['kinds'] = []
  for (const kind of retentionKinds) {
    const run = (await noted<Erasing>(sql, erasingKey(kind))).is?.run ?? null
    kinds.push({ kind, ...await keptIn(sql, kind), last: run && { startedAt: run.startedAt, endedAt: run.endedAt, rows: run.rows } })
  }
  const until = (await noted<Watch>(sql, WATCH_KEY)).is?.waitsUntil ?? 0
  return { kinds, waitsUntil: until > house.clock() ? until : null }
}

/** How many rows would lose their content when it is erased, counted to some thousands, and when that begins. */
export async function previewRetention (house: House, { kind, days }: RetentionQuery): Promise<RetentionPreview> {
  const from = house.clock() + NOTICE_MS
  const cutoff = from - days * DAY_MS
  const stretches = await stretchesOf(house.db.read, { to: cutoff })
  const found = await house.db.read.selectFrom('audit').select('seq').where('event', 'in', [...eventsOf[kind]]).where('payload', 'is not', null).where('time', '<', cutoff)
    .where('seq', '<', Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, ...stretches.map(({ high }) => high)))).limit(MOST_COUNTED + 1).execute()
  return { rows: Math.min(found.length, MOST_COUNTED), hasMore: found.length > MOST_COUNTED, from }
}

/**
 * Decides how long the contents of a kind are kept. Longer holds at once; shorter begins a day later, and every owner is told.
 * @throws Problem changedMeanwhile
 */
export async function changeRetention (trx: Trx, house: House, { kind, days, before }: RetentionChange, actor: Named): Promise<void> {
  const now = house.clock()
  const old = await keptIn(trx.sql, kind)
  if (old.days !== before) throw new Problem('changedMeanwhile')
  if (days === before) return
  const holds = daysNow(old, now)
  const isShorter = days !== null && (holds === null || days < holds)
  const from = isShorter ? now + NOTICE_MS : now
  await note(trx, keptKey(kind), { days, before: isShorter ? holds : days, from })
  house.audit.append(trx, now, { event: 'audit.retentionChanged', actor: { id: actor.id, name: actor.name }, details: { kind, days, before, from } })
  if (!isShorter) return
  const owners = await trx.sql.selectFrom('people').select(['id', 'name', 'email']).where('role', '=', 'owner').where('removed_at', 'is', null).execute()
  const { time_zone: timeZone } = await trx.sql.selectFrom('sites').select('time_zone').orderBy('created_at').limit(1).executeTakeFirstOrThrow()
  const id = house.newId()
  for (const person of owners) {
    await writeTo(trx, house, {
      person, dedupeKey: `retention:${id}:${person.id}`,
      letter: (letters, language) => letters.retention({ who: actor.name, kind, days, before, at: momentIn(language, timeZone, from, 'short'), link: house.link('/retention') })
    })
  }
}
