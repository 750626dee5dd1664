import { dailyChance, readerPolicy } from '@oncekey/otp'
import type { Controller } from '@oncekey/protocol/schemas'
import { limitsOf } from '../access/reader.ts'
import { COMPAT_DIGITS, oldProgramOf } from '../compat/state.ts'
import type { House } from '../house.ts'
import { leaseDays } from '../pins/lend.ts'
import { livePinDigits } from '../pins/pins.ts'
import { policiesOf } from './policies.ts'
import type { Trx } from '../platform/db.ts'
import { isOnline } from './links.ts'

/** So long after a gap or a contradiction in its own record a controller is shown with it. */
const DOUBTED_MS = 30 * 86_400_000

/** The controllers of a site, or one of them, with what an operator wants to know of each, in order of name. */
export async function describeControllers (house: House, siteId: string, only?: string): Promise<Controller[]> {
  return house.db.write(async (trx) => {
    let query = trx.sql.selectFrom('controllers').selectAll().where('site_id', '=', siteId).where('removed_at', 'is', null).orderBy('name')
    if (only !== undefined) query = query.where('id', '=', only)
    const rows = await query.execute()
    const described: Controller[] = []
    for (const row of rows) {
      const status = await house.otp.status({ scope: row.id, policy: readerPolicy })
      const compat = await oldProgramOf(trx.prepare, row.id) !== null
      const digits = compat ? COMPAT_DIGITS : (await limitsOf(trx, row.id, house.leastDigits)).digits
      // Whoever stands at an old door can have a code made: one is as good as always live.
      const live = compat ? Math.max(1, status.live) : status.live
      described.push({
        id: row.id, name: row.name, online: isOnline(house, row.id), hardware: row.hardware, firmware: row.firmware, simulated: row.simulated === 1, compat, assurance: row.assurance,
        lastSeen: row.last_seen_at, lockedOutUntil: status.lockedUntil, failuresToday: status.failuresInWindow, resting: status.resting,
        offlineCodes: row.offline_clock ?? 'off', offlinePinDays: leaseDays(row.pin_lease_ms), policies: policiesOf(row.policies), battery: row.battery_level,
        recordsDoubted: await isDoubted(trx, row.id, house.clock()), digits,
        dailyChance: chanceOf(digits, live, await livePinDigits(trx, row.id, house.clock()))
      })
    }
    return described
  }, { beside: [] })
}

/** The best chance that somebody has who guesses codes or pins all day: a guess has one length. */
function chanceOf (digits: number, live: number, pins: readonly { digits: number, live: number }[]): number {
  const same = pins.find((one) => one.digits === digits)?.live ?? 0
  return Math.max(dailyChance(live + same, digits, readerPolicy.ceiling), ...pins.map((one) => dailyChance(one.live, one.digits, readerPolicy.ceiling)))
}

/** Whether what it wrote down itself had a gap or contradicted itself lately. */
async function isDoubted (trx: Trx, controllerId: string, now: number): Promise<boolean> {
  const row = await trx.prepare(`SELECT 1 AS found FROM audit WHERE controller_id = ? AND event IN ('controller.recordGap', 'controller.recordFork') AND time > ? LIMIT 1`).get(controllerId, now - DOUBTED_MS)
  return row !== undefined
}
