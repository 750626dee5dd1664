import { reasons } from '@oncekey/protocol/audit-events'
import type { AuditPage, AuditQuery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { peopleCalled } from '../people/called.ts'
import { accessPointsCalled } from '../sites/called.ts'
import { theSite } from '../sites/the-site.ts'
import { rowOf } from './row.ts'
import { walkRecord, type RecordFilter, type Term } from './search.ts'

const USUAL_PAGE = 50
/** Of each, that a text may stand for. */
const MOST_CALLED = 8

/** A page of the record, the newest first. What it costs depends on the page's length, not on the record's. */
export async function findAudit (house: House, query: AuditQuery): Promise<AuditPage> {
  const { before, after, limit = USUAL_PAGE } = query
  const { filter, means } = await filterOf(house, query)
  const { rows, edge } = await walkRecord(house.db.read, filter, { before, after: before === undefined ? after : undefined, limit })
  const said = means === undefined ? {} : { means }
  if (before !== undefined || after === undefined) {
    return { rows: rows.map(rowOf), next: edge, previous: before === undefined ? null : (rows[0]?.seq ?? before - 1), ...said }
  }
  rows.reverse()
  return { rows: rows.map(rowOf), next: rows.at(-1)?.seq ?? after + 1, previous: edge, ...said }
}

/** What is asked for, in the terms of the record. A text that stands for nothing finds nothing. */
export async function filterOf (house: House, query: Omit<AuditQuery, 'before' | 'after' | 'limit'>): Promise<{ filter: RecordFilter, means?: NonNullable<AuditPage['means']> }> {
  const { event, personId, accessPointId, severity, reason, from, to, text } = query
  const clauses: Term[][] = []
  // Who did it or whom it is about.
  if (personId !== undefined) clauses.push(termsOfPerson(personId))
  if (accessPointId !== undefined) clauses.push([{ column: 'access_point_id', value: accessPointId }])
  if (event !== undefined) clauses.push([...new Set(event.split(','))].map((value) => ({ column: 'event', value })))
  if (reason !== undefined) clauses.push([{ column: 'reason', value: reason }])
  if (severity !== undefined) clauses.push([{ column: 'severity', value: severity }])
  if (text === undefined) return { filter: { clauses, from, to } }
  const means = await meaningOf(house, text)
  clauses.push([...means.people.flatMap(({ id }) => termsOfPerson(id)), ...means.accessPoints.map(({ id }): Term => ({ column: 'access_point_id', value: id })), ...means.reasons.map((value): Term => ({ column: 'reason', value }))])
  return { filter: { clauses, from, to }, means }
}

function termsOfPerson (id: string): Term[] {
  return [{ column: 'actor_id', value: id }, { column: 'subject_id', value: id }]
}

async function meaningOf (house: House, text: string): Promise<NonNullable<AuditPage['means']>> {
  const site = await theSite(house)
  const [who, where] = [await peopleCalled(house, site.id, text, MOST_CALLED), await accessPointsCalled(house, site.id, text, MOST_CALLED)]
  const word = text.trim().toLowerCase()
  const hasLetters = /\p{L}|\p{N}/u.test(word)
  return {
    // Without a letter everybody would be called so.
    people: hasLetters ? who.people : [], accessPoints: where.accessPoints, reasons: hasLetters ? reasons.filter((one) => one.toLowerCase().startsWith(word)) : [], hasMore: hasLetters && (who.hasMore || where.hasMore)
  }
}
