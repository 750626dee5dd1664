import type { AuditRow, RecordPage, RecordQuery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'

const USUAL_PAGE = 100

/** Rows of the record after a number, the oldest first, for a program that follows it. Of an erased row the bare event is left. */
export async function recordAfter (house: House, { after = 0, limit = USUAL_PAGE }: RecordQuery): Promise<RecordPage> {
  const found = await house.db.read.selectFrom('audit').select(['seq', 'time', 'event', 'severity', 'reason', 'payload']).where('seq', '>', after).orderBy('seq').limit(limit + 1).execute()
  const rows = found.slice(0, limit).map(({ payload, ...bare }): AuditRow => {
    const empty = { ...bare, actor: null, subject: null, accessPoint: null, controller: null, details: {} }
    // The payload is the rest of the row, as `append` wrote it.
    return payload === null ? empty : { ...empty, ...JSON.parse(payload) as Partial<AuditRow> }
  })
  return { rows, last: rows.at(-1)?.seq ?? after, hasMore: found.length > limit }
}
