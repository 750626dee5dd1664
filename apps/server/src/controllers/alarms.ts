import type { AuditEventName } from '@oncekey/protocol/audit-events'
import type { House } from '../house.ts'
import { keepNewest } from '../platform/newest.ts'
import { perHouse } from '../platform/per-house.ts'
import type { Abuse } from '../platform/transport/transport.ts'
import type { Disbelief } from './link.ts'

/** One alarm of a kind a minute for each controller: a flood of forgeries is one fact with a number, not a full disk. */
const QUIET_MS = 60_000
/** A line that broke looks like a second controller for a moment; two within this time are no accident. */
const FLAPPING_MS = 300_000
const MOST_KEYS = 10_000

type Tally = { count: number, toldAt: number, lastAt: number }
const tallies = perHouse((_house: House) => keepNewest<Tally>(MOST_KEYS))

/** Something arrived that this controller can not have said now. Counted; told to the record at most once a minute; never answered. */
export function noteForgery (house: House, controllerId: string, what: Disbelief | Abuse): void {
  const tally = count(house, `${controllerId} forged`)
  tell(house, tally, controllerId, 'controller.forged', { what })
}

/** A second connection came with the same id. The newest wins. The first time is silent, see FLAPPING_MS. */
export function noteDuplicate (house: House, controllerId: string): void {
  const key = `${controllerId} duplicated`
  const before = tallies(house).get(key)
  const isFlapping = before !== undefined && house.clock() - before.lastAt < FLAPPING_MS
  const tally = count(house, key)
  if (isFlapping) tell(house, tally, controllerId, 'controller.duplicated', {})
}

function count (house: House, key: string): Tally {
  const all = tallies(house)
  const tally = all.get(key) ?? { count: 0, toldAt: -Infinity, lastAt: 0 }
  all.set(key, tally)
  tally.count++
  tally.lastAt = house.clock()
  return tally
}

function tell (house: House, tally: Tally, controllerId: string, event: AuditEventName, details: Record<string, string>): void {
  const now = house.clock()
  if (now - tally.toldAt < QUIET_MS) return
  const times = tally.count
  tally.toldAt = now
  tally.count = 0
  void house.db.write(async (trx) => {
    const row = await trx.prepare('SELECT name FROM controllers WHERE id = ?').get(controllerId)
    // Anybody can claim any id in vain; only what touches a controller of ours is a fact for the record.
    if (row === undefined) return
    house.audit.append(trx, now, { event, controller: { id: controllerId, name: String(row['name']) }, details: { ...details, times } })
  }, { beside: [] }).catch((error: unknown) => { house.log.error('an alarm could not be recorded', { controller: controllerId, error }) })
}
