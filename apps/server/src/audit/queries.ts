import type { AuditPage, AuditQuery, AuditRow } from '@oncekey/protocol/schemas'
import type { Selectable } from 'kysely'
import type { House } from '../house.ts'
import type { Tables } from '../platform/tables.ts'

const USUAL_PAGE = 50

/** A page of the record, the newest first. Each filter is answered by an index of its own, in order, at any size. */
export async function findAudit (house: House, query: AuditQuery): Promise<AuditPage> {
  const limit = query.limit ?? USUAL_PAGE
  // Who did it or whom it is about: two walks along two indexes, because one with OR would sort all of them.
  const walks: ('actor_id' | 'subject_id' | null)[] = query.personId === undefined ? [null] : ['actor_id', 'subject_id']
  const found = new Map<number, Selectable<Tables['audit']>>()
  for (const column of walks) {
    let walk = house.db.read.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit + 1)
    if (query.before !== undefined) walk = walk.where('seq', '<', query.before)
    if (column !== null && query.personId !== undefined) walk = walk.where(column, '=', query.personId)
    if (query.accessPointId !== undefined) walk = walk.where('access_point_id', '=', query.accessPointId)
    if (query.event !== undefined) walk = walk.where('event', '=', query.event as AuditRow['event'])
    if (query.severity !== undefined) walk = walk.where('severity', '=', query.severity)
    for (const row of await walk.execute()) found.set(row.seq, row)
  }
  const rows = [...found.values()].sort((a, b) => b.seq - a.seq)
  const page = rows.slice(0, limit)
  return { rows: page.map(rowOf), next: rows.length > limit ? page.at(-1)?.seq ?? null : null }
}

/** The row as pages get it; an erased payload leaves the bare event. */
function rowOf (row: Selectable<Tables['audit']>): AuditRow {
  const bare = { seq: row.seq, time: row.time, event: row.event, severity: row.severity }
  if (row.payload === null) return { ...bare, actor: null, subject: null, accessPoint: null, controller: null, reason: row.reason, details: {} }
  const { actor, subject, accessPoint, controller, reason, details } = JSON.parse(row.payload) as Omit<AuditRow, 'seq' | 'time' | 'event' | 'severity'>
  return { ...bare, actor, subject, accessPoint, controller, reason, details }
}
