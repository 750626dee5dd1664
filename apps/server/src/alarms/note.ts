import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Ledger, Trx } from '../platform/db.ts'
import { createBell } from '../platform/bell.ts'
import { perHouse } from '../platform/per-house.ts'
import { effectOf, keyOf, type Effect } from './causes.ts'

/** How long refused attempts gather before they are told as one. */
export const GATHER_MS = 900_000
/** Whoever has acknowledged an alarm is at it: what happens there within this time is counted, and told to nobody. */
const QUIET_MS = 3_600_000

/** Rings when somebody may have to be told. */
export const alarmBellOf = perHouse(createBell)

type Noted = { controllerId: string, details: string, now: number, times: number, id: string, effect: Effect }

/**
 * What a group of writes means for alarms, written once at its end and in the order of the controllers: two processes never
 * wait for each other crosswise. An alarm is part of the commit of its cause, or not there at all.
 */
const ledger: Ledger<Noted> = {
  rank: 5,
  async write ({ prepare }, items) {
    const inOrder = gathered(items).toSorted((a, b) => a.controllerId < b.controllerId ? -1 : a.controllerId > b.controllerId ? 1 : 0)
    for (const { controllerId, effect, now, times, id, details } of inOrder) {
      // Nobody has been told of a controller that is back so soon, and nobody will be.
      const ending = "UPDATE alarms SET ended_at = ?, snoozed_until = NULL, tell_at = CASE WHEN kind = 'offLine' OR told_at IS NOT NULL THEN NULL ELSE tell_at END WHERE ended_at IS NULL AND"
      if (effect.do === 'end') await prepare(`${ending} key = ?`).run(now, effect.key)
      else if (effect.do === 'endAll') await prepare(`${ending} ${effect.of} = ?`).run(now, effect.id)
      else await open(prepare, { effect, controllerId, details, now, times, id })
    }
  }
}

/** Somebody typed a pin that calls for help, so many times. Not by the record: that says what everybody may see. */
export async function openDuress (trx: Trx, house: House, { controller, accessPoint, pin, times }: { controller: Named, accessPoint: Named, pin: string, times: number }): Promise<void> {
  const effect = { do: 'open', kind: 'duress', severity: 'alarm', place: { controller, accessPoint }, until: null, tellAfterMs: 0 } as const
  await open(trx.prepare, { effect, controllerId: controller.id, details: JSON.stringify({ event: 'duress', pin }), now: house.clock(), times, id: house.newId() })
}

async function open (prepare: Trx['prepare'], { effect, controllerId, details, now, times, id }: Omit<Noted, 'effect'> & { effect: Extract<Effect, { do: 'open' }> }): Promise<void> {
  const { kind, severity, place, until, tellAfterMs } = effect
  const key = keyOf(kind, place)
  const controller = await prepare('SELECT site_id, simulated FROM controllers WHERE id = ? AND removed_at IS NULL').get(controllerId)
  // A simulated door goes off line with the page that it is on.
  if (controller === undefined || (kind === 'offLine' && controller['simulated'] === 1)) return
  // The lockout before this one is over, and its end was not noticed yet: each one is an alarm of its own.
  if (until !== null) await prepare('UPDATE alarms SET ended_at = until, snoozed_until = NULL WHERE key = ? AND ended_at IS NULL AND until <= ?').run(key, now)
  // Each call for help is told, whatever became of the one before.
  const anew = `(excluded.kind = 'duress' OR (alarms.severity = 'notice' AND excluded.severity = 'alarm') OR alarms.acknowledged_at < excluded.last_at - ${QUIET_MS})`
  await prepare(`INSERT INTO alarms (id, site_id, kind, severity, key, controller_id, access_point_id, opened_at, last_at, times, until, details, tell_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) WHERE ended_at IS NULL DO UPDATE SET times = alarms.times + excluded.times, last_at = excluded.last_at, until = excluded.until, details = excluded.details, severity = excluded.severity,
      tell_at = CASE WHEN ${anew} THEN excluded.tell_at ELSE alarms.tell_at END, snoozed_until = CASE WHEN excluded.kind = 'duress' THEN NULL ELSE alarms.snoozed_until END,
      acknowledged_at = CASE WHEN ${anew} THEN NULL ELSE alarms.acknowledged_at END`)
    .run(id, String(controller['site_id']), kind, severity, key, controllerId, place.accessPoint?.id ?? null, now, now, times, until, details, now + tellAfterMs)
}

/** A storm at one keypad is one row for a group, with a number. */
function gathered (items: readonly Noted[]): Noted[] {
  const refused = new Map<string, Noted>()
  const others: Noted[] = []
  for (const item of items) {
    if (item.effect.do !== 'open' || item.effect.kind !== 'refused') others.push(item)
    else refused.set(item.controllerId, { ...item, times: item.times + (refused.get(item.controllerId)?.times ?? 0) })
  }
  return [...others, ...refused.values()]
}

/** From now on alarms follow from what the record is told. */
export function watchForAlarms (house: House): void {
  house.audit.onAppended((trx, row) => {
    const now = row.time
    const effect = effectOf(row, now)
    if (effect === null) return
    trx.note(ledger, { controllerId: row.controller?.id ?? '', details: JSON.stringify({ event: row.event, ...row.details }), now, times: 1, id: house.newId(), effect })
    if (effect.do === 'open') trx.after(() => { alarmBellOf(house).ring() })
  })
}

/** One more refused attempt at a keypad, whether or not the record tells of it: they are told together, as one number. */
export function noteRefused (trx: Trx, house: House, controller: Named): void {
  const now = house.clock()
  trx.note(ledger, { controllerId: controller.id, details: '{}', now, times: 1, id: house.newId(), effect: { do: 'open', kind: 'refused', severity: 'notice', place: { controller, accessPoint: null }, until: null, tellAfterMs: GATHER_MS } })
}
