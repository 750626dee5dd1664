import { dailyChance, readerPolicy } from '@oncekey/otp'
import type { CompatContract, CompatState } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { following, type Awaitable, type Prepare, type Trx } from '../platform/db.ts'

const KEY = 'compat'
/** Old programs read so many keys and no more. */
export const COMPAT_DIGITS = 4
/** Chance of guessing in within a day of trying: whoever stands there can have a code made, so one is always live. */
export const COMPAT_CHANCE = dailyChance(1, COMPAT_DIGITS, readerPolicy.ceiling)

/** Whether old programs are let in at all: not until an administrator says so. */
export async function isCompatOn (sql: Trx['sql']): Promise<boolean> {
  return (await sql.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst())?.value === 'on'
}

export async function switchCompat (trx: Trx, house: House, on: boolean, actor: Named): Promise<void> {
  if (await isCompatOn(trx.sql) === on) return
  await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(KEY, on ? 'on' : 'off')
  house.audit.append(trx, house.clock(), { event: 'compat.switched', actor, details: { on } })
}

export async function compatState (house: House, siteId: string): Promise<CompatState> {
  const rows = await house.db.read.selectFrom('compat_tokens as t').innerJoin('controllers as c', 'c.id', 't.controller_id')
    .leftJoin('access_points as a', (join) => join.onRef('a.controller_id', '=', 'c.id').on('a.removed_at', 'is', null))
    .select(['t.id', 't.contract', 't.controller_id', 'c.name', 't.device_url', 't.made_by', 't.created_at', 't.last_used_at', 't.revoked_at', 'a.id as point_id', 'a.name as point'])
    .where('t.site_id', '=', siteId).where('c.removed_at', 'is', null).orderBy('t.created_at').orderBy('t.id').execute()
  return {
    on: await isCompatOn(house.db.read), digits: COMPAT_DIGITS, dailyChance: COMPAT_CHANCE,
    tokens: rows.map((row) => ({
      id: row.id, contract: row.contract, controllerId: row.controller_id, controllerName: row.name, accessPointId: row.point_id, accessPointName: row.point, deviceUrl: row.device_url,
      madeBy: row.made_by, createdAt: row.created_at, lastUsedAt: row.last_used_at, revokedAt: row.revoked_at
    }))
  }
}

/** Which old program drives this controller, as far as it is one. Also when its token is revoked: it stays what it is. */
export function oldProgramOf (prepare: Prepare, controllerId: string): Awaitable<{ contract: CompatContract, deviceUrl: string | null } | null> {
  return following(prepare('SELECT contract, device_url FROM compat_tokens WHERE controller_id = ? ORDER BY created_at DESC, id DESC LIMIT 1').get(controllerId), (row) => row === undefined ? null : {
    contract: row['contract'] === 'door' ? 'door' : 'locker', deviceUrl: row['device_url'] === null ? null : String(row['device_url'])
  })
}
