import type { AuditRow, Live } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { counterOf, dayIn } from './counts.ts'
import { statesOf } from './states.ts'

const ALARM_MS = 86_400_000
const MOST_ALARMS = 1000
/** Rows that are sent again after a break; who missed more reads the page of the record. */
const MOST_MISSED = 500

/** The operator's numbers: open now, off line, alarms of the last 24 hours, openings today by the site's calendar. */
export async function findLive (house: House, siteId: string, withStates = true): Promise<Live> {
  const now = house.clock()
  const states = withStates ? await statesOf(house, { siteId }) : []
  const site = await house.db.read.selectFrom('sites').select('time_zone').where('id', '=', siteId).executeTakeFirst()
  const openings = await house.db.read.selectFrom('daily_counts').select('count').where('day', '=', dayIn(site?.time_zone ?? 'UTC', now))
    .where('name', '=', counterOf(siteId, 'openings')).executeTakeFirst()
  const alarms = await house.db.read.selectFrom('audit').select('seq').where('severity', '=', 'alarm').where('time', '>', now - ALARM_MS)
    .orderBy('seq', 'desc').limit(MOST_ALARMS).execute()
  return {
    states,
    openNow: states.filter((state) => state.online && (state.lockState === 'unlocked' || state.doorState === 'open')).length,
    offline: states.filter((state) => !state.online).length,
    alarms: alarms.length,
    openingsToday: openings?.count ?? 0
  }
}

/** Rows of the record after `seq`, oldest first; the newest ones when there are too many. Erased ones are left out. */
export async function findMissed (house: House, seq: number): Promise<AuditRow[]> {
  const rows = await house.db.read.selectFrom('audit').select(['seq', 'time', 'event', 'payload']).where('seq', '>', seq).orderBy('seq', 'desc').limit(MOST_MISSED).execute()
  return rows.reverse().flatMap(({ seq, time, event, payload }) => payload === null
    ? []
    // The payload is the rest of the row, as `append` wrote it.
    : [{ seq, time, event, ...JSON.parse(payload) as Omit<AuditRow, 'seq' | 'time' | 'event'> }])
}
