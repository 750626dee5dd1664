import type { Alarm } from '@oncekey/protocol/schemas'
import type { AuditFact, Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { sendMessage } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { findAlarm } from './queries.ts'
import { toldOf } from './tell.ts'
import { assignedMail } from './words.ts'

/** Who does something with which alarm. */
export type Step = { siteId: string, id: string, actor: Named, /** Whether calls for help are theirs to see. */ seesDuress: boolean }

/** Somebody has seen it: nobody else is told. Twice is as good as once. @throws Problem notFound, alreadyDecided when it has ended */
export async function acknowledgeAlarm (trx: Trx, house: House, step: Step): Promise<void> {
  const alarm = await openAlarm(trx, house, step)
  if (alarm.state === 'acknowledged') return
  await trx.prepare('UPDATE alarms SET acknowledged_at = ?, acknowledged_by = ?, snoozed_until = NULL, tell_at = CASE WHEN kind = \'refused\' THEN tell_at END WHERE id = ?').run(house.clock(), step.actor.id, alarm.id)
  append(trx, house, step, alarm, 'alarm.acknowledged')
}

/** Not now: it is told again in so many minutes, if it has not ended. @throws Problem notFound, alreadyDecided */
export async function snoozeAlarm (trx: Trx, house: House, step: Step, minutes: number): Promise<void> {
  const alarm = await openAlarm(trx, house, step)
  const until = house.clock() + minutes * 60_000
  await trx.prepare('UPDATE alarms SET acknowledged_at = NULL, acknowledged_by = NULL, snoozed_until = ?, tell_at = ? WHERE id = ?').run(until, until, alarm.id)
  append(trx, house, step, alarm, 'alarm.snoozed', { until })
}

/** Somebody is to see to it, and is told so unless it is themselves. @throws Problem notFound, also for who does not work here; alreadyDecided */
export async function assignAlarm (trx: Trx, house: House, step: Step, personId: string | null): Promise<void> {
  const alarm = await openAlarm(trx, house, step)
  if (personId === (alarm.assignedTo?.id ?? null)) return
  const person = personId === null ? null : await trx.sql.selectFrom('people').select(['id', 'name', 'email', 'language', 'role']).where('id', '=', personId).where('site_id', '=', step.siteId)
    .where('role', '<>', 'member').where('removed_at', 'is', null).where('suspended_at', 'is', null).executeTakeFirst() ?? null
  if (personId !== null && (person === null || (alarm.kind === 'duress' && person.role === 'operator'))) throw new Problem('notFound')
  await trx.prepare('UPDATE alarms SET assigned_to = ? WHERE id = ?').run(personId, alarm.id)
  append(trx, house, step, alarm, 'alarm.assigned', {}, person)
  if (person === null || person.id === step.actor.id) return
  const site = await trx.sql.selectFrom('sites').select('time_zone').where('id', '=', step.siteId).executeTakeFirstOrThrow()
  const { subject, text } = assignedMail(person.language ?? 'en', site.time_zone, toldOf(alarm), step.actor.name, house.link('/alerts'))
  await sendMessage(trx, house, { person, subject, text, dedupeKey: `assigned:${alarm.id}:${house.clock()}:${person.id}` })
}

/** Its cause is gone and nothing says so, or it was none. The next cause is a new alarm. @throws Problem notFound, alreadyDecided */
export async function endAlarm (trx: Trx, house: House, step: Step): Promise<void> {
  const alarm = await openAlarm(trx, house, step)
  await trx.prepare('UPDATE alarms SET ended_at = ?, ended_by = ?, snoozed_until = NULL, tell_at = NULL WHERE id = ?').run(house.clock(), step.actor.id, alarm.id)
  if (alarm.kind === 'duress') house.audit.append(trx, house.clock(), { event: 'duress.ended', actor: step.actor, controller: alarm.controller, accessPoint: alarm.accessPoint, details: { alarmId: alarm.id, pin: alarm.details['pin'] ?? null, times: alarm.times, openedAt: alarm.openedAt, lastAt: alarm.lastAt, acknowledgedBy: alarm.acknowledgedBy?.name ?? null } })
  else append(trx, house, step, alarm, 'alarm.ended')
}

async function openAlarm (trx: Trx, house: House, { siteId, id, seesDuress }: Step): Promise<Alarm> {
  const alarm = await findAlarm(trx.prepare, house.clock(), siteId, id, seesDuress)
  if (alarm === null) throw new Problem('notFound')
  if (alarm.state === 'ended') throw new Problem('alreadyDecided')
  return alarm
}

/** What is done about a call for help is told when it is over: every page of the house shows the record's rows as they come. */
function append (trx: Trx, house: House, { actor }: Step, { id, kind, controller, accessPoint }: Alarm, event: AuditFact['event'], details: AuditFact['details'] = {}, subject: Named | null = null): void {
  if (kind === 'duress') return
  house.audit.append(trx, house.clock(), { event, actor, subject: subject === null ? null : { id: subject.id, name: subject.name }, controller, accessPoint, details: { alarm: kind, alarmId: id, ...details } })
}
