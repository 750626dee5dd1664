import { dailyChance, readerPolicy } from '@oncekey/otp'
import type { Controller } from '@oncekey/protocol/schemas'
import { limitsOf } from '../access/reader.ts'
import { COMPAT_DIGITS, oldProgramOf } from '../compat/state.ts'
import type { House } from '../house.ts'
import { isOnline } from './links.ts'

/** The controllers of a site with what an operator wants to know of each, in order of name. */
export async function describeControllers (house: House, siteId: string): Promise<Controller[]> {
  return house.db.write(async (trx) => {
    const rows = await trx.sql.selectFrom('controllers').selectAll().where('site_id', '=', siteId).where('removed_at', 'is', null).orderBy('name').execute()
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
        offlineCodes: row.offline_clock ?? 'off', digits, dailyChance: dailyChance(live, digits, readerPolicy.ceiling)
      })
    }
    return described
  }, { beside: [] })
}
