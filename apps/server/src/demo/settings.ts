import type { DemoSettings } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'

const KEY = 'demo'
/** Who has a demonstration on purpose gets it open, by `openDemo`; nobody else has strangers on a page of theirs unasked. */
const byDefault: DemoSettings = Object.freeze({ forStrangers: false })

export async function demoSettings (sql: Trx['sql']): Promise<DemoSettings> {
  const row = await sql.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst()
  // We wrote this text ourselves, below.
  return row === undefined ? byDefault : JSON.parse(row.value) as DemoSettings
}

/** Decides whether the demo page is for everybody. What strangers have begun ends with it: they are let in to nothing any more. */
export async function changeDemo (trx: Trx, house: House, { forStrangers }: DemoSettings, actor: Named): Promise<void> {
  await keep(trx, { forStrangers })
  house.audit.append(trx, house.clock(), { event: 'site.changed', actor, details: { demoForStrangers: forStrangers } })
}

/** For a site that is made with a demonstration; its first row in the record says so. */
export async function openDemo (trx: Trx): Promise<void> {
  await keep(trx, { forStrangers: true })
}

async function keep (trx: Trx, settings: DemoSettings): Promise<void> {
  await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(KEY, JSON.stringify(settings))
}
