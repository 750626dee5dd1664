import type { Alarm, AlarmKind, AlarmRule, Language } from '@oncekey/protocol/schemas'
import { calendarOf } from '../grants/facts.ts'
import type { House } from '../house.ts'
import { sendMessage, sendPush } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'
import { callForHelp } from './duress.ts'
import { ruleFor } from './match.ts'
import { findDue, LEAST_REFUSED } from './queries.ts'
import { readRules } from './rules.ts'
import type { Told } from './texts/told.ts'
import { alarmBrief, alarmMail } from './words.ts'

/** Told in one go; the others follow in the next. */
const MOST_AT_ONCE = 500

type Staff = { id: string, name: string, email: string, role: string, language: Language }

/**
 * Tells whoever is to be told, by the rules of the site. The messages and the note that they were written are one commit: a kill
 * before it has told nobody and it is done at the next start; after it the outbox has them. What is of one kind goes to
 * a person in one message.
 */
export async function tellAlarms (house: House): Promise<void> {
  for (;;) {
    const now = house.clock()
    // A look that costs no write.
    const due = await house.db.ask('SELECT 1 AS due FROM alarms WHERE tell_at <= ? UNION ALL SELECT 1 FROM alarms WHERE ended_at IS NULL AND until <= ? UNION ALL SELECT 1 FROM pins WHERE duress_due > 0 LIMIT 1').get(now, now)
    if (due === undefined) return
    const told = await house.db.write((trx) => tellSome(trx, house, house.clock()))
    if (told < MOST_AT_ONCE) return
  }
}

async function tellSome (trx: Trx, house: House, now: number): Promise<number> {
  await callForHelp(trx, house)
  const due = await findDue(trx.prepare, now, MOST_AT_ONCE)
  for (const siteId of new Set(due.map((one) => one.siteId))) await tellSite(trx, house, siteId, due.filter((one) => one.siteId === siteId).map(({ alarm }) => alarm), now)
  for (const { alarm } of due) {
    await trx.prepare('UPDATE alarms SET tell_at = NULL, told_at = ?, snoozed_until = NULL WHERE id = ?').run(now, alarm.id)
    // A digest is over with its telling: the next attempt begins another.
    if (alarm.kind === 'refused') await trx.prepare('UPDATE alarms SET ended_at = ? WHERE id = ? AND ended_at IS NULL').run(now, alarm.id)
  }
  await trx.prepare('UPDATE alarms SET ended_at = until, snoozed_until = NULL WHERE ended_at IS NULL AND until <= ?').run(now)
  return due.length
}

async function tellSite (trx: Trx, house: House, siteId: string, due: readonly Alarm[], now: number): Promise<void> {
  const { rules } = await readRules(trx.prepare, siteId)
  const calendar = await calendarOf(trx.prepare, siteId, now)
  const site = await trx.sql.selectFrom('sites').select('time_zone').where('id', '=', siteId).executeTakeFirstOrThrow()
  const staff: Staff[] = (await trx.sql.selectFrom('people').select(['id', 'name', 'email', 'role', 'language']).where('site_id', '=', siteId).where('role', '<>', 'member')
    .where('removed_at', 'is', null).where('suspended_at', 'is', null).orderBy('id').execute()).map((one) => ({ ...one, language: one.language ?? 'en' }))
  const piles = new Map<string, { person: Staff, kind: AlarmKind, channel: AlarmRule['channel'], alarms: Alarm[] }>()
  for (const alarm of due) {
    if (alarm.kind === 'refused' && alarm.times < LEAST_REFUSED) continue
    const rule = ruleFor(rules, { kind: alarm.kind, severity: alarm.severity, points: await pointsOf(trx, alarm) }, calendar, now)
    if (rule === null || rule.channel === 'none') continue
    for (const person of staff) {
      if (!rule.personIds.includes(person.id) && !rule.roles.some((role) => role === person.role)) continue
      const name = `${person.id} ${alarm.kind} ${rule.channel}`
      const pile = piles.get(name) ?? { person, kind: alarm.kind, channel: rule.channel, alarms: [] }
      piles.set(name, pile)
      pile.alarms.push(alarm)
    }
  }
  for (const { person, kind, channel, alarms } of piles.values()) {
    const told = alarms.map(toldOf)
    const { subject, text } = alarmMail(person.language, site.time_zone, told, house.link(kind === 'lockout' ? '/live' : '/alerts'))
    const dedupeKey = `alarm:${alarms[0]?.id ?? ''}:${now}:${person.id}`
    if (channel !== 'push') await sendMessage(trx, house, { person, subject, text, dedupeKey })
    if (channel !== 'mail') await sendPush(trx, house, { person, title: subject, body: alarmBrief(person.language, told), path: '/alerts', dedupeKey })
  }
}

/** The access points that an alarm is about: one, or all of its controller. */
async function pointsOf (trx: Trx, { accessPoint, controller }: Alarm): Promise<{ id: string, bankId: string | null }[]> {
  const rows = accessPoint === null
    ? await trx.prepare('SELECT id, bank_id FROM access_points WHERE controller_id = ? AND removed_at IS NULL').all(controller.id)
    : await trx.prepare('SELECT id, bank_id FROM access_points WHERE id = ?').all(accessPoint.id)
  return rows.map((row) => ({ id: String(row['id']), bankId: row['bank_id'] == null ? null : String(row['bank_id']) }))
}

/** As messages tell of it. */
export function toldOf ({ kind, accessPoint, controller, openedAt, lastAt, times, state, details }: Alarm): Told {
  return { kind, place: accessPoint?.name ?? controller.name, openedAt, lastAt, times, ended: state === 'ended', details }
}
