import { giveCommand, outcomeOf } from '../controllers/commands.ts'
import type { House } from '../house.ts'
import { tokenBuckets, type TokenBuckets } from '../platform/budget.ts'
import { keepNewest, type Newest } from '../platform/newest.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'

/** As the record names it. */
const PROGRAM = 'home-assistant'
/** Refusals of one access point are one row a minute: an automation that goes round in circles is one fact with a number. */
const QUIET_MS = 60_000
/** Commands that are under way at once, whatever comes. */
const MOST_UNDER_WAY = 32

type Desk = { tries: TokenBuckets, refusals: Newest<{ count: number, toldAt: number }>, underWay: number }
const deskOf = perHouse((house: House): Desk => ({ tries: tokenBuckets({ burst: 6, perSecond: 0.1, clock: house.clock }), refusals: keepNewest(10_000), underWay: 0 }))

/** What a command of Home Assistant's says; null: nothing that we know. */
export function orderIn (payload: string): 'unlock' | 'lock' | null {
  return payload === 'UNLOCK' ? 'unlock' : payload === 'LOCK' ? 'lock' : null
}

/**
 * Home Assistant wants a lock moved. It is decided as for a person who does it from afar, and that person is who allowed it: gone,
 * suspended or without their role, they allow nothing any more. Nobody waits there for an answer: what is refused is in the record.
 */
export async function takeOrder (house: House, { siteId, accessPointId, op }: { siteId: string, accessPointId: string, op: 'unlock' | 'lock' }): Promise<void> {
  const desk = deskOf(house)
  if (!desk.tries.take(accessPointId) || desk.underWay >= MOST_UNDER_WAY) return refuse(house, accessPointId, 'tooMany')
  desk.underWay++
  try {
    const given = await house.db.write(async (trx) => {
      const by = await trx.prepare('SELECT p.id, p.name FROM home_assistant_commands h JOIN people p ON p.id = h.person_id WHERE h.access_point_id = ?').get(accessPointId)
      if (by === undefined) throw new Problem('notAllowed')
      return giveCommand(trx, house, { siteId, accessPointId, op, why: 'Home Assistant', askedBy: { id: String(by['id']), name: String(by['name']) }, program: PROGRAM })
    })
    await outcomeOf(house, given)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    await refuse(house, accessPointId, error.code)
  } finally {
    desk.underWay--
  }
}

async function refuse (house: House, accessPointId: string, because: string): Promise<void> {
  const { refusals } = deskOf(house)
  const now = house.clock()
  const known = refusals.get(accessPointId) ?? { count: 0, toldAt: -Infinity }
  known.count++
  refusals.set(accessPointId, known)
  if (now - known.toldAt < QUIET_MS && now >= known.toldAt) return
  const times = known.count
  Object.assign(known, { count: 0, toldAt: now })
  await house.db.write(async (trx) => {
    const point = await trx.prepare('SELECT name FROM access_points WHERE id = ?').get(accessPointId)
    // Whoever writes to its broker can make up any id.
    if (point === undefined) return
    house.audit.append(trx, now, { event: 'homeAssistant.refused', actor: { id: null, name: PROGRAM }, accessPoint: { id: accessPointId, name: String(point['name']) }, details: { because, times } })
  }, { beside: [] })
}
