import type { InsightBatteries } from '@oncekey/protocol/schemas'
import { conditionOf } from '../controllers/condition.ts'
import { policiesOf } from '../controllers/policies.ts'
import type { House } from '../house.ts'
import { inTurns, marks } from '../platform/many.ts'
import { offsetIn } from '../platform/zone.ts'
import { DAY_MS } from './count.ts'
import { forecast, type Measured } from './forecast.ts'
import { timeZoneOf } from './progress.ts'

const SHOWN_DAYS = 90
const MOST_SHOWN = 50
const AT_ONCE = 500

/** Notes what each battery is at now; called now and then. Of controllers that are away nobody knows, and another server hears its own. The mean of a day forgives the dip of a motor. */
export async function sampleBatteries (house: House): Promise<void> {
  const now = house.clock()
  const day = Math.floor((now + offsetIn(await timeZoneOf(house))(now)) / DAY_MS)
  for (let last = ''; ;) {
    const rows = await house.db.ask(`SELECT c.id, max(s.millivolts) AS millivolts FROM controllers c JOIN access_points a ON a.controller_id = c.id JOIN access_point_states s ON s.access_point_id = a.id
      WHERE c.id > ? AND c.removed_at IS NULL AND a.removed_at IS NULL AND s.millivolts > 0 GROUP BY c.id ORDER BY c.id LIMIT ${AT_ONCE}`).all(last)
    const here = rows.filter((row) => conditionOf(house, String(row['id'])).online)
    if (here.length > 0) await house.db.write(async (trx) => {
      for (const row of here) {
        await trx.prepare(`INSERT INTO battery_days (controller_id, day, samples, millivolts) VALUES (?, ?, 1, ?)
          ON CONFLICT (controller_id, day) DO UPDATE SET samples = battery_days.samples + 1, millivolts = battery_days.millivolts + excluded.millivolts`).run(String(row['id']), day, Number(row['millivolts']))
      }
    }, { beside: ['insights'] })
    if (rows.length < AT_ONCE) return
    last = String(rows.at(-1)?.['id'])
  }
}

/** Batteries that were measured within the last 90 days, with when they will be low; those that need somebody soonest come first. */
export async function findBatteries (house: House, siteId: string): Promise<InsightBatteries> {
  const all = await measuredBatteries(house, siteId)
  const soonest = ({ forecast: { is, ...more } }: InsightBatteries['batteries'][number]): number => is === 'low' ? -1 : 'on' in more && more.on !== undefined ? more.on : is === 'notEnough' ? 1e6 : 1e7
  const sorted = all.sort((a, b) => soonest(a) - soonest(b) || (a.name < b.name ? -1 : 1))
  return { batteries: sorted.slice(0, MOST_SHOWN), more: Math.max(0, sorted.length - MOST_SHOWN) }
}

export async function measuredBatteries (house: House, siteId: string): Promise<InsightBatteries['batteries']> {
  const now = house.clock()
  const today = Math.floor((now + offsetIn(await timeZoneOf(house))(now)) / DAY_MS)
  const controllers = await house.db.ask('SELECT c.id, c.name, c.policies FROM controllers c WHERE c.site_id = ? AND c.removed_at IS NULL AND EXISTS (SELECT 1 FROM battery_days d WHERE d.controller_id = c.id AND d.day > ?)').all(siteId, today - SHOWN_DAYS)
  const days = new Map<string, Measured[]>()
  // Each of them once, though what fills a statement up is asked for twice.
  const found = (await inTurns([64, 16, 4, 1], controllers.map((one) => String(one['id'])), (ids) =>
    house.db.ask(`SELECT controller_id AS id, day, samples, millivolts FROM battery_days WHERE controller_id IN (${marks(ids.length)}) AND day > ? ORDER BY controller_id, day`).all(...ids, today - SHOWN_DAYS))).flat()
  for (const row of found) {
    const id = String(row['id'])
    days.set(id, [...days.get(id) ?? [], { day: Number(row['day']), millivolts: Math.round(Number(row['millivolts']) / Number(row['samples'])) }])
  }
  return controllers.map((one) => {
    const id = String(one['id'])
    const measured = days.get(id) ?? []
    const { lowMillivolts } = policiesOf(one['policies'])
    return { controllerId: id, name: String(one['name']), lowMillivolts, days: measured, forecast: forecast(measured, lowMillivolts) }
  })
}
