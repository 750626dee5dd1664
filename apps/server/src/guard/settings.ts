import type { GuardSettings, GuardSettingsChange } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'

/** Its row of the table `settings`. */
export const KEY = 'guard'
/** Messages a day where nobody said anything else: what a bad night may cost somebody who has just begun. */
const FIRST_CAP = 1000

let usual: { timeZone: string, settings: GuardSettings } | null = null

/** What holds until an administrator decides otherwise. @param timeZone of the site, IANA */
export function usualSettings (timeZone: string): GuardSettings {
  if (usual?.timeZone !== timeZone) usual = { timeZone, settings: Object.freeze(makeUsual(timeZone)) }
  return usual.settings
}

function makeUsual (timeZone: string): GuardSettings {
  const home = countryOf(timeZone)
  return {
    countries: home === null ? [] : [home], adaptive: true, currency: 'EUR', costs: [],
    caps: (['sms', 'whatsapp', 'voice'] as const).map((channel) => ({ channel, messages: FIRST_CAP, micros: null }))
  }
}

export async function guardSettings (sql: Trx['sql']): Promise<GuardSettings> {
  const row = await sql.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst()
  if (row !== undefined) return settingsIn(row.value)
  const site = await sql.selectFrom('sites').select('time_zone').orderBy('created_at').limit(1).executeTakeFirst()
  return usualSettings(site?.time_zone ?? 'UTC')
}

let read: { text: string, settings: GuardSettings } | null = null

/** The text is our own, written below; the last one is not read again. */
export function settingsIn (text: string): GuardSettings {
  if (read?.text !== text) read = { text, settings: Object.freeze(JSON.parse(text) as GuardSettings) }
  return read.settings
}

export async function changeGuard (trx: Trx, house: House, change: GuardSettingsChange, actor: Named): Promise<GuardSettings> {
  const before = await guardSettings(trx.sql)
  const after: GuardSettings = { ...before, ...change }
  await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(KEY, JSON.stringify(after))
  const changed = Object.keys(change).sort().join(' ')
  house.audit.append(trx, house.clock(), { event: 'guard.changed', actor, details: { changed, countries: after.countries.join(' '), adaptive: after.adaptive } })
  return after
}

/** Countries by their time zones, as this platform knows them; made when it is first asked. */
let homes: Map<string, string> | null = null

/** The country that a time zone is of; null for UTC and the like. */
function countryOf (timeZone: string): string | null {
  homes ??= new Map(regions().flatMap((region) => zonesOf(region).map((zone): [string, string] => [zone, region])))
  return homes.get(timeZone) ?? homes.get(plainZone(timeZone)) ?? null
}

/** All pairs of letters that the platform has a name of its own for. */
function regions (): string[] {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  return letters.flatMap((first) => letters.map((second) => first + second)).filter((region) => !['EU', 'EZ', 'UN', 'XA', 'XB', 'ZZ'].includes(region) && names.of(region) !== undefined)
}

/** Newer than the types of the language (ECMA-402, Intl Locale Info); what the platform does not have is no zone. */
function zonesOf (region: string): string[] {
  const locale = new Intl.Locale(`und-${region}`)
  const ask: unknown = Reflect.get(locale, 'getTimeZones')
  const zones: unknown = locale.region === region && typeof ask === 'function' ? ask.call(locale) : []
  return Array.isArray(zones) ? zones.map(String) : []
}

/** One spelling of a zone that has several, e.g. Asia/Calcutta. */
function plainZone (zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return zone
  }
}
