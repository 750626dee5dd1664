import { dateOf, type GrantFacts, type OffsetMs } from '@oncekey/protocol/access'
import type { Schedule } from '@oncekey/protocol/schemas'
import type { Prepare, Row } from '../platform/db.ts'
import { offsetIn } from '../platform/zone.ts'

const DAY_MS = 86_400_000

/** Columns of `grants g` that `grantOf` needs. */
export const GRANT_COLUMNS = 'g.id AS grant_id, g.ended_at AS grant_ended, g.starts_at AS grant_starts, g.ends_at AS grant_ends, g.schedule, g.max_uses, g.uses'

/** A grant as the decision sees it. */
export function grantOf (row: Row): GrantFacts {
  const number = (column: string): number | null => row[column] == null ? null : Number(row[column])
  return {
    id: String(row['grant_id']), isEnded: row['grant_ended'] !== null, startsAt: number('grant_starts'), endsAt: number('grant_ends'),
    schedule: scheduleFrom(row['schedule']), maxUses: number('max_uses'), uses: Number(row['uses'])
  }
}

/** Of the column. */
export function scheduleFrom (text: unknown): Schedule | null {
  // We wrote this text ourselves, in give.ts.
  return typeof text === 'string' ? JSON.parse(text) as Schedule : null
}

/** The grants of a person for an access point that were not ended, the newest first; if there is none, the one that was ended last. */
export async function grantsOf (prepare: Prepare, personId: string, accessPointId: string): Promise<GrantFacts[]> {
  const rows = await prepare(`SELECT ${GRANT_COLUMNS} FROM grants g WHERE g.person_id = ? AND g.access_point_id = ? AND g.ended_at IS NULL ORDER BY g.created_at DESC, g.id DESC`).all(personId, accessPointId)
  if (rows.length > 0) return rows.map(grantOf)
  const last = await prepare(`SELECT ${GRANT_COLUMNS} FROM grants g WHERE g.person_id = ? AND g.access_point_id = ? AND g.ended_at IS NOT NULL ORDER BY g.ended_at DESC LIMIT 1`).get(personId, accessPointId)
  return last === undefined ? [] : [grantOf(last)]
}

/** Of which dates a site's holidays can matter at a moment, whatever its time zone is: to look for in SQL. */
export function datesAround (moment: number): { from: string, to: string } {
  const day = Math.floor(moment / DAY_MS)
  return { from: dateOf(day - 2), to: dateOf(day + 1) }
}

export type SiteCalendar = { holidays: readonly string[], offsetMs: OffsetMs }

/** The clock and the holidays of a site. @param since holidays before this moment do not matter */
export async function calendarOf (prepare: Prepare, siteId: string, since: number): Promise<SiteCalendar> {
  const site = await prepare('SELECT time_zone FROM sites WHERE id = ?').get(siteId)
  const rows = await prepare('SELECT date FROM holidays WHERE site_id = ? AND date >= ?').all(siteId, datesAround(since).from)
  return { holidays: rows.map((row) => String(row['date'])), offsetMs: offsetIn(String(site?.['time_zone'] ?? 'UTC')) }
}
