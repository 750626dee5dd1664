import type { HomeAssistantForm, HomeAssistantState } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'
import { isAtLeast } from '../platform/http.ts'
import { homeAssistantBell } from './bell.ts'
import { connectionOf } from './connection.ts'
import type { Broker } from './reach.ts'

/** What a row of `home_assistant` says. */
export type Settings = Broker & { siteId: string, isOn: boolean, isLeaving: boolean, prefix: string, changedAt: number }

/** Sites whose broker we are to talk to: it is on, or something of ours is still there. */
export async function findSettings (house: House, siteId?: string): Promise<Settings[]> {
  const rows = await house.db.read.selectFrom('home_assistant').selectAll().$if(siteId !== undefined, (query) => query.where('site_id', '=', siteId ?? '')).execute()
  return rows.map((row) => ({
    siteId: row.site_id, isOn: row.is_on === 1, isLeaving: row.is_leaving === 1, host: row.host, port: row.port, isTls: row.is_tls === 1, ca: row.ca, userName: row.user_name, prefix: row.prefix, changedAt: row.changed_at,
    password: row.password_sealed === null ? null : house.seal.open(row.password_sealed, binding(row.site_id))
  }))
}

/** What the page shows; never the password. */
export async function describeHomeAssistant (house: House, siteId: string): Promise<HomeAssistantState> {
  const [settings] = await findSettings(house, siteId)
  const allowed = await house.db.read.selectFrom('home_assistant_commands as h').innerJoin('access_points as a', 'a.id', 'h.access_point_id').innerJoin('people as p', 'p.id', 'h.person_id').leftJoin('banks as b', 'b.id', 'a.bank_id')
    .select(['a.id', 'a.name', 'b.name as bank', 'h.allowed_at', 'p.name as person', 'p.role', 'p.suspended_at', 'p.removed_at']).where('a.site_id', '=', siteId).where('a.removed_at', 'is', null).orderBy('a.name').execute()
  const { state, since, fault, devices, missed } = connectionOf(house)
  return {
    settings: settings === undefined ? null : { isOn: settings.isOn, host: settings.host, port: settings.port, isTls: settings.isTls, ca: settings.ca, userName: settings.userName, hasPassword: settings.password !== null, prefix: settings.prefix },
    state, since, fault, devices, missed,
    allowed: allowed.map((row) => ({ accessPointId: row.id, name: row.bank === null ? row.name : `${row.bank} ${row.name}`, by: row.person, at: row.allowed_at, isGood: row.suspended_at === null && row.removed_at === null && isAtLeast(row.role, 'operator') }))
  }
}

/** Keeps the settings. What was put on a broker is taken back when it is switched off; at another broker, or prefix, as far as the one before can be reached then. @throws Problem badRequest where a kept password would go to another broker */
export async function changeHomeAssistant (trx: Trx, house: House, siteId: string, form: HomeAssistantForm, actor: Named): Promise<void> {
  const now = house.clock()
  const before = await trx.prepare('SELECT password_sealed, is_on, host, port, is_tls FROM home_assistant WHERE site_id = ?').get(siteId)
  const isElsewhere = before !== undefined && (before['host'] !== form.host || before['port'] !== form.port || (before['is_tls'] === 1 && !form.isTls))
  // Whoever does not know the password is not to learn it by naming a broker of their own.
  if (form.password === undefined && isElsewhere && before['password_sealed'] !== null) throw new Problem('badRequest', { errors: [{ field: 'password', needs: inAll((needs) => needs.brokerPassword) }] })
  const sealed = form.password === undefined ? before?.['password_sealed'] ?? null : form.password === null || form.password === '' ? null : house.seal.close(form.password, binding(siteId))
  const isLeaving = !form.isOn && before?.['is_on'] === 1
  await trx.prepare(`INSERT INTO home_assistant (site_id, is_on, is_leaving, host, port, is_tls, ca, user_name, password_sealed, prefix, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (site_id) DO UPDATE SET is_on = excluded.is_on, is_leaving = excluded.is_leaving, host = excluded.host, port = excluded.port, is_tls = excluded.is_tls, ca = excluded.ca, user_name = excluded.user_name,
      password_sealed = excluded.password_sealed, prefix = excluded.prefix, changed_at = excluded.changed_at`)
    .run(siteId, form.isOn ? 1 : 0, isLeaving ? 1 : 0, form.host, form.port, form.isTls ? 1 : 0, form.ca === '' ? null : form.ca, form.userName, sealed, form.prefix, now)
  house.audit.append(trx, now, { event: 'homeAssistant.changed', actor, details: { isOn: form.isOn, broker: `${form.host}:${form.port}`, isTls: form.isTls, prefix: form.prefix, ...form.password !== undefined && { password: form.password === null ? 'removed' : 'changed' } } })
  trx.after(() => { homeAssistantBell(house).ring() })
}

/** Whether an access point may be moved from there: by whoever allows it, as long as they may do so themselves. @throws Problem notFound */
export async function allowCommands (trx: Trx, house: House, { siteId, accessPointId, isAllowed }: { siteId: string, accessPointId: string, isAllowed: boolean }, actor: Named): Promise<void> {
  const point = await trx.prepare('SELECT name FROM access_points WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(accessPointId, siteId)
  if (point === undefined) throw new Problem('notFound')
  const now = house.clock()
  const { changes } = isAllowed
    ? await trx.prepare('INSERT INTO home_assistant_commands (access_point_id, person_id, allowed_at) VALUES (?, ?, ?) ON CONFLICT (access_point_id) DO UPDATE SET person_id = excluded.person_id, allowed_at = excluded.allowed_at').run(accessPointId, actor.id, now)
    : await trx.prepare('DELETE FROM home_assistant_commands WHERE access_point_id = ?').run(accessPointId)
  if (changes > 0) house.audit.append(trx, now, { event: isAllowed ? 'homeAssistant.allowed' : 'homeAssistant.forbidden', actor, accessPoint: { id: accessPointId, name: String(point['name']) } })
  trx.after(() => { homeAssistantBell(house).ring() })
}

function binding (siteId: string): string {
  return 'homeAssistant:' + siteId
}
