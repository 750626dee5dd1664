import type { AuditRow } from '@oncekey/protocol/schemas'
import type { Kysely, Selectable } from 'kysely'
import type { Tables } from '../platform/tables.ts'
import { rowOf } from './row.ts'
import { walkRecord, type RecordFilter } from './search.ts'

export type FoundFormat = 'csv' | 'json'
/** `asked`: the filters as they were sent, for the file to say so. */
export type FoundOrder = { format: FoundFormat, filter: RecordFilter, asked: Readonly<Record<string, string | number>>, now: number }

const AT_ONCE = 500
export const NOTE = 'These are the rows of the record that were found by a search. This file proves nothing: neither that no row is missing nor that none was changed. The whole record can be exported with its proof.'
const COLUMNS = ['row', 'time', 'event', 'severity', 'actor', 'actorId', 'subject', 'subjectId', 'accessPoint', 'accessPointId', 'controller', 'controllerId', 'reason', 'details'] as const

/**
 * Rows that fit, the oldest first, as a file: CSV (RFC 4180, with the mark by which spreadsheets know UTF-8) or one JSON object. A
 * file that was cut off lacks its end: the last line of the CSV begins with "end", and JSON is no JSON. Rows that are
 * written meanwhile are not in it, and memory stays flat.
 */
export async function * foundLines (read: Kysely<Tables>, { format, filter, asked, now }: FoundOrder, onProgress: (rows: number, share: number) => void): AsyncGenerator<string> {
  const last = Number((await read.selectFrom('audit_head').select('seq').executeTakeFirst())?.seq ?? 0)
  yield format === 'csv' ? `\u{feff}${csvLine(COLUMNS)}` : `{"type":"oncekey found rows","version":1,"time":${now},"asked":${JSON.stringify(asked)},"note":${JSON.stringify(NOTE)},"rows":[`
  let count = 0
  for (let after: number | null = 0; after !== null;) {
    const { rows, edge }: Awaited<ReturnType<typeof walkRecord>> = await walkRecord(read, filter, { after, before: last + 1, limit: AT_ONCE })
    for (const row of rows.map((one: Selectable<Tables['audit']>) => rowOf(one))) {
      yield format === 'csv' ? csvLine(cellsOf(row)) : `${count === 0 ? '' : ','}\n${JSON.stringify(row)}`
      count++
    }
    after = edge
    onProgress(count, last === 0 ? 1 : (edge ?? last) / last)
  }
  yield format === 'csv' ? csvLine(['end', new Date(now).toISOString(), ...COLUMNS.slice(2, -1).map(() => ''), `${count} rows. ${NOTE}`]) : `\n],"count":${count}}\n`
}

function cellsOf (row: AuditRow): string[] {
  const of = (one: { id: string | null, name: string } | null): string[] => [one?.name ?? '', one?.id ?? '']
  return [String(row.seq), new Date(row.time).toISOString(), row.event, row.severity, ...of(row.actor), ...of(row.subject), ...of(row.accessPoint), ...of(row.controller), row.reason ?? '', JSON.stringify(row.details)]
}

/**
 * Names are other people's words, and a spreadsheet takes a cell that begins so for a formula, which can send what is beside it
 * elsewhere (OWASP, CSV injection): an apostrophe before it makes it text. Wide forms of these signs count as well.
 */
function csvLine (cells: readonly string[]): string {
  return cells.map((cell) => {
    const text = /^[\s\0]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell) ? `'${cell}` : cell
    return /[",;\r\n\t']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }).join(',') + '\r\n'
}
