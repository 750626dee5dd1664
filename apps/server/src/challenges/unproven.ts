import type { House } from '../house.ts'
import { tellAdministrators } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'

/**
 * Codes to addresses that are nobody's yet: anybody can have them sent to anybody, so the whole house has a budget of them.
 * An hour has room for 100, and for two more for each address that was proven in the 24 hours before: where people really
 * register it grows with them, and where somebody only has mail sent it does not. In the database: for all servers together.
 */
const BASE = 100
const PER_PROVEN = 2
/** From here on, and one more for each proven address, whoever wants one does some work first. */
const QUIET = 20
const HOUR_MS = 3_600_000
const HOURS = 24

type Sql = Trx['sql']
type Hour = { sent: number, proven: number }

/** `sent` in this hour, `proven` in the last 24. Hours that a clock ran ahead for do not count. */
async function lately (sql: Sql, now: number): Promise<Hour> {
  const hour = Math.floor(now / HOUR_MS)
  const rows = await sql.selectFrom('unproven_sends').selectAll().where('hour', '>', hour - HOURS).where('hour', '<=', hour).execute()
  return { sent: Number(rows.find((one) => Number(one.hour) === hour)?.sent ?? 0), proven: rows.reduce((sum, one) => sum + Number(one.proven), 0) }
}

/** Whether more codes go to strangers' addresses than are typed in: then a little work is asked for. */
export async function isFlooded (house: House): Promise<boolean> {
  const { sent, proven } = await lately(house.db.read, house.clock())
  return sent >= QUIET + proven
}

/**
 * Counts a code to an address that is nobody's yet. The last one that this hour has room for is told to the record, and to
 * administrators once a day.
 * @throws Problem busy, for everybody alike, until the next hour
 */
export async function countUnproven (trx: Trx, house: House): Promise<void> {
  const now = house.clock()
  const { sent, proven } = await lately(trx.sql, now)
  const most = BASE + PER_PROVEN * proven
  if (sent >= most) throw new Problem('busy', { retryAfterSeconds: Math.ceil((HOUR_MS - now % HOUR_MS) / 1000) })
  await trx.prepare('INSERT INTO unproven_sends (hour, sent, proven) VALUES (?, 1, 0) ON CONFLICT (hour) DO UPDATE SET sent = unproven_sends.sent + 1').run(Math.floor(now / HOUR_MS))
  if (sent + 1 < most) return
  house.audit.append(trx, now, { event: 'registration.flooded', details: { sent: most, proven } })
  const link = house.link('/people')
  await tellAdministrators(trx, house, { dedupeKey: `unproven:${Math.floor(now / (HOURS * HOUR_MS))}`, letter: (letters) => letters.manyRegistrations(most, link) })
}

/** Counts an address that was proven: somebody real. */
export async function countProven (trx: Trx, house: House): Promise<void> {
  await trx.prepare('INSERT INTO unproven_sends (hour, sent, proven) VALUES (?, 0, 1) ON CONFLICT (hour) DO UPDATE SET proven = unproven_sends.proven + 1').run(Math.floor(house.clock() / HOUR_MS))
}

/** Forgets the hours that count no more. */
export async function forgetUnproven (house: House): Promise<void> {
  await house.db.write(async (trx) => { await trx.prepare('DELETE FROM unproven_sends WHERE hour <= ?').run(Math.floor(house.clock() / HOUR_MS) - HOURS) })
}
