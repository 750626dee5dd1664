import { decideAccess, holdsUntil } from '@oncekey/protocol/access'
import type { Holiday, HolidayForm } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import { revokeCodes } from '../codes/revoke.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'
import { calendarOf, datesAround, GRANT_COLUMNS, grantOf } from './facts.ts'

const YEAR_MS = 366 * 86_400_000
const MOST = 500

/** The dates of a site on which schedules do not hold, the first of them first. */
export async function findHolidays (house: House, siteId: string): Promise<Holiday[]> {
  return house.db.read.selectFrom('holidays').select(['id', 'date', 'name']).where('site_id', '=', siteId).where('date', '>=', datesAround(house.clock() - YEAR_MS).from).orderBy('date').execute()
}

/**
 * Adds a date. Codes that doors check without us are revoked if the hours that they were made for end with it; all others are
 * asked for their hours when they are typed.
 * @throws Problem badRequest for a date that no calendar has, alreadyExists, tooLarge beyond 500
 */
export async function addHoliday (trx: Trx, house: House, siteId: string, { date, name }: HolidayForm, actor: Named): Promise<Holiday> {
  if (!isDate(date)) throw new Problem('badRequest', { errors: [{ field: 'date', needs: inAll((needs) => needs.dayOfCalendar) }] })
  const there = await trx.prepare('SELECT count(*) AS count, max(CASE WHEN date = ? THEN 1 ELSE 0 END) AS same FROM holidays WHERE site_id = ?').get(date, siteId)
  if (Number(there?.['same'] ?? 0) === 1) throw new Problem('alreadyExists', { detail: `${date} is a holiday already.` })
  if (Number(there?.['count'] ?? 0) >= MOST) throw new Problem('tooLarge')
  const id = house.newId()
  await trx.sql.insertInto('holidays').values({ id, site_id: siteId, date, name }).execute()
  const codes = await revokeOutlived(trx, house, siteId, actor)
  house.audit.append(trx, house.clock(), { event: 'holiday.added', actor, details: { date, name, ...codes > 0 && { codes } } })
  return { id, date, name }
}

/** @throws Problem notFound */
export async function removeHoliday (trx: Trx, house: House, siteId: string, id: string, actor: Named): Promise<void> {
  const row = await trx.prepare('SELECT date, name FROM holidays WHERE id = ? AND site_id = ?').get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  await trx.prepare('DELETE FROM holidays WHERE id = ?').run(id)
  house.audit.append(trx, house.clock(), { event: 'holiday.removed', actor, details: { date: String(row['date']), name: String(row['name']) } })
}

/** Ends codes that doors check by themselves and that would last longer than the hours of their grant do now. @returns how many */
async function revokeOutlived (trx: Trx, house: House, siteId: string, actor: Named): Promise<number> {
  const now = house.clock()
  const calendar = await calendarOf(trx.prepare, siteId, now)
  const rows = await trx.prepare(`SELECT c.id, c.valid_from, c.expires_at, ${GRANT_COLUMNS} FROM offline_codes o JOIN codes c ON c.id = o.code_id
    JOIN access_points a ON a.id = c.access_point_id JOIN grants g ON g.id = c.grant_id WHERE a.site_id = ? AND c.state = 'issued' AND g.schedule IS NOT NULL`).all(siteId)
  let ended = 0
  for (const row of rows) {
    const at = Math.max(now, Number(row['valid_from']))
    const facts = { now: at, ...calendar, grants: [{ ...grantOf(row), maxUses: null }], accessPoint: { isThere: true, hasController: true, isConnected: true, isBatteryLow: false, isHeld: false, isLockedDown: false }, person: { isThere: true, isSuspended: false, mayCommand: false, mayOverride: false } }
    const { grant, granted } = decideAccess('entry', facts)
    const until = grant === null || !granted ? at : holdsUntil(grant, facts)
    if (until !== null && until < Number(row['expires_at'])) ended += await revokeCodes(trx, house, { codeId: String(row['id']) }, actor)
  }
  return ended
}

function isDate (text: string): boolean {
  const moment = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(moment) && new Date(moment).toISOString().startsWith(text)
}
