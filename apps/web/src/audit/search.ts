import { reasons, type Reason } from '@oncekey/protocol/audit-events'
import type { AuditPage, AuditQuery, AuditRow } from '@oncekey/protocol/schemas'

/** What is looked for in the record; an empty word is no filter. `kinds`: one of them. `from`, `to`: moments, null is none. */
export type RecordSearch = {
  text: string
  kinds: readonly string[]
  personId: string
  accessPointId: string
  severity: 'all' | AuditRow['severity']
  reason: '' | Reason
  from: number | null
  to: number | null
}

export const everything: RecordSearch = { text: '', kinds: [], personId: '', accessPointId: '', severity: 'all', reason: '', from: null, to: null }
const mostKinds = 24

/** As a link or a reload says it; what makes no sense is left out. */
export function readSearch (asked: URLSearchParams): RecordSearch {
  const moment = (name: string): number | null => {
    const text = asked.get(name)
    return text !== null && /^\d{1,16}$/.test(text) ? Number(text) : null
  }
  const severity = asked.get('severity')
  return {
    text: (asked.get('text') ?? '').slice(0, 100), kinds: (asked.get('event') ?? '').split(',').filter(kind => /^[A-Za-z.]+$/.test(kind)).slice(0, mostKinds), personId: asked.get('person') ?? '', accessPointId: asked.get('accessPoint') ?? '',
    severity: severity === 'info' || severity === 'notice' || severity === 'alarm' ? severity : 'all', reason: reasons.find(one => one === asked.get('reason')) ?? '', from: moment('from'), to: moment('to')
  }
}

/** What the page's address says, beside where on the way it is. */
export function addressOf (search: RecordSearch): Record<string, string | null> {
  const moment = (value: number | null): string | null => value === null ? null : String(value)
  return {
    text: search.text.trim(), event: search.kinds.join(','), person: search.personId, accessPoint: search.accessPointId, severity: search.severity === 'all' ? null : search.severity,
    reason: search.reason, from: moment(search.from), to: moment(search.to)
  }
}

/** What the server is asked. */
export function queryOf ({ text, kinds, personId, accessPointId, severity, reason, from, to }: RecordSearch): AuditQuery {
  return {
    ...(text.trim() && { text: text.trim() }), ...(kinds.length > 0 && { event: kinds.slice(0, mostKinds).join(',') }), ...(personId && { personId }), ...(accessPointId && { accessPointId }),
    ...(severity !== 'all' && { severity }), ...(reason && { reason }), ...(from !== null && { from }), ...(to !== null && { to })
  }
}

/** Whether a new row belongs on a page with these filters, as the server would say it; `means`: what it took the text for. */
export function fits (row: AuditRow, query: AuditQuery, means?: AuditPage['means']): boolean {
  const isOf = (id: string): boolean => row.subject?.id === id || row.actor?.id === id
  return (!query.event || query.event.split(',').includes(row.event)) &&
    (!query.personId || isOf(query.personId)) &&
    (!query.accessPointId || row.accessPoint?.id === query.accessPointId) &&
    (!query.severity || row.severity === query.severity) &&
    (!query.reason || row.reason === query.reason) &&
    (query.from === undefined || row.time >= query.from) && (query.to === undefined || row.time < query.to) &&
    (!query.text || (means !== undefined && (means.people.some(({ id }) => isOf(id)) || means.accessPoints.some(({ id }) => row.accessPoint?.id === id) || means.reasons.some(reason => row.reason === reason))))
}
