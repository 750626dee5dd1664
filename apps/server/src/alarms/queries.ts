import type { Alarm, AlarmKind, AlarmsAnswer, AlarmsQuery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Prepare, Row, Value } from '../platform/db.ts'

/** Fewer refused attempts within a digest's time are people who mistyped. */
export const LEAST_REFUSED = 10
/** How long alarms that are over stay on the page; the record has what they were about. */
export const KEPT_MS = 30 * 86_400_000
const MOST_SHOWN = 200

const COLUMNS = `a.id, a.site_id, a.kind, a.severity, a.controller_id, c.name AS controller, a.access_point_id, p.name AS point, b.name AS bank, a.opened_at, a.last_at, a.times, a.until, a.details, a.told_at,
  a.acknowledged_at, a.acknowledged_by, ack.name AS acknowledger, a.snoozed_until, a.assigned_to, assignee.name AS assignee, a.ended_at, a.ended_by, ender.name AS ender
  FROM alarms a JOIN controllers c ON c.id = a.controller_id LEFT JOIN access_points p ON p.id = a.access_point_id LEFT JOIN banks b ON b.id = p.bank_id
  LEFT JOIN people ack ON ack.id = a.acknowledged_by LEFT JOIN people assignee ON assignee.id = a.assigned_to LEFT JOIN people ender ON ender.id = a.ended_by`

/** What people are to see: a few refused attempts are none. */
const SHOWN = `(a.kind <> 'refused' OR a.times >= ${LEAST_REFUSED})`
/** A call for help is for administrators and owners: others look at pages that hang on walls. */
const shownTo = (seesDuress: boolean): string => seesDuress ? SHOWN : `${SHOWN} AND a.kind <> 'duress'`
const IS_OPEN = 'a.ended_at IS NULL AND (a.until IS NULL OR a.until > ?)'

/** Alarms of a site, those first that somebody has to look at. */
export async function findAlarms (house: House, siteId: string, { ended = false, kind, severity, assignedTo }: AlarmsQuery, seesDuress: boolean): Promise<AlarmsAnswer> {
  const now = house.clock()
  const shown = shownTo(seesDuress)
  const wanted: string[] = []
  const values: Value[] = []
  for (const [column, value] of [['kind', kind], ['severity', severity], ['assigned_to', assignedTo]] as const) {
    if (value === undefined) continue
    wanted.push(`AND a.${column} = ?`)
    values.push(value)
  }
  const more = wanted.join(' ')
  const open = await house.db.ask(`SELECT ${COLUMNS} WHERE a.site_id = ? AND ${IS_OPEN} AND ${shown} ${more}
    ORDER BY CASE WHEN a.acknowledged_at IS NOT NULL OR a.snoozed_until > ? THEN 1 ELSE 0 END, CASE WHEN a.severity = 'alarm' THEN 0 ELSE 1 END, a.last_at DESC, a.id LIMIT ${MOST_SHOWN}`).all(siteId, now, ...values, now)
  const over = ended ? await house.db.ask(`SELECT ${COLUMNS} WHERE a.site_id = ? AND a.ended_at >= ? AND ${shown} ${more} ORDER BY a.ended_at DESC, a.id LIMIT ${MOST_SHOWN}`).all(siteId, now - KEPT_MS, ...values) : []
  const count = await house.db.ask(`SELECT count(*) AS count FROM alarms a WHERE a.site_id = ? AND ${IS_OPEN} AND ${shown} AND a.acknowledged_at IS NULL AND (a.snoozed_until IS NULL OR a.snoozed_until <= ?)`).get(siteId, now, now)
  return { alarms: [...open, ...over].slice(0, MOST_SHOWN).map((row) => alarmOf(row, now)), open: Number(count?.['count'] ?? 0) }
}

/** One alarm, also within a write. */
export async function findAlarm (prepare: Prepare, now: number, siteId: string, id: string, seesDuress: boolean): Promise<Alarm | null> {
  const row = await prepare(`SELECT ${COLUMNS} WHERE a.site_id = ? AND a.id = ? AND ${shownTo(seesDuress)}`).get(siteId, id)
  return row === undefined ? null : alarmOf(row, now)
}

/** Alarms that are to be told now, and all refused attempts as soon as some of them are. */
export async function findDue (prepare: Prepare, now: number, most: number): Promise<{ alarm: Alarm, siteId: string }[]> {
  const rows = await prepare(`SELECT ${COLUMNS} WHERE a.tell_at <= ? ORDER BY a.tell_at, a.id LIMIT ?`).all(now, most)
  const sites = new Set(rows.filter((row) => row['kind'] === 'refused').map((row) => String(row['site_id'])))
  const ids = new Set(rows.map((row) => row['id']))
  for (const siteId of sites) rows.push(...(await prepare(`SELECT ${COLUMNS} WHERE a.site_id = ? AND a.kind = 'refused' AND a.ended_at IS NULL AND a.tell_at IS NOT NULL`).all(siteId)).filter((row) => !ids.has(row['id'] ?? null)))
  return rows.map((row) => ({ alarm: alarmOf(row, now), siteId: String(row['site_id']) }))
}

function alarmOf (row: Row, now: number): Alarm {
  const number = (column: string): number | null => row[column] == null ? null : Number(row[column])
  const named = (id: string, name: string): { id: string, name: string } | null => row[id] == null ? null : { id: String(row[id]), name: String(row[name]) }
  const until = number('until')
  const endedAt = number('ended_at') ?? (until !== null && until <= now ? until : null)
  const acknowledgedAt = number('acknowledged_at')
  const snoozedUntil = number('snoozed_until')
  return {
    // Words that we wrote ourselves, in causes.ts.
    id: String(row['id']), kind: String(row['kind']) as AlarmKind, severity: row['severity'] === 'notice' ? 'notice' : 'alarm',
    state: endedAt !== null ? 'ended' : acknowledgedAt !== null ? 'acknowledged' : snoozedUntil !== null && snoozedUntil > now ? 'snoozed' : 'open',
    controller: { id: String(row['controller_id']), name: String(row['controller']) }, accessPoint: named('access_point_id', 'point'), bank: row['bank'] == null ? null : String(row['bank']),
    openedAt: Number(row['opened_at']), lastAt: Number(row['last_at']), times: Number(row['times']), until, details: JSON.parse(String(row['details'])),
    acknowledgedAt, acknowledgedBy: named('acknowledged_by', 'acknowledger'), snoozedUntil, assignedTo: named('assigned_to', 'assignee'), endedAt, endedBy: named('ended_by', 'ender')
  }
}
