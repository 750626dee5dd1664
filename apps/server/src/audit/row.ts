import type { AuditRow } from '@oncekey/protocol/schemas'
import type { Selectable } from 'kysely'
import type { Tables } from '../platform/tables.ts'

/** The row as pages get it; an erased payload leaves the bare event. */
export function rowOf (row: Selectable<Tables['audit']>): AuditRow {
  const bare = { seq: row.seq, time: row.time, event: row.event, severity: row.severity }
  if (row.payload === null) return { ...bare, actor: null, subject: null, accessPoint: null, controller: null, reason: row.reason, details: {} }
  const { actor, subject, accessPoint, controller, reason, details } = JSON.parse(row.payload) as Omit<AuditRow, 'seq' | 'time' | 'event' | 'severity'>
  return { ...bare, actor, subject, accessPoint, controller, reason, details }
}
