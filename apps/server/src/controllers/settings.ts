import type { Settings } from '@oncekey/protocol/messages'
import { readerPolicy } from '@oncekey/otp'
import { offlineSettings } from '../codes/offline.ts'
import { doorModeSettings } from '../doors/settings.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { lineTo } from './links.ts'
import { policiesOf, policySettings } from './policies.ts'

/** How long a lock stays unlocked before it locks again, with its door closed. */
const AUTO_RELOCK_MS = 10_000
/** The display has 16 columns; longer labels would only cost bytes of the one message that carries all of them. */
const LABEL_CHARACTERS = 16
/** Room in a message of 8,192 bytes beside envelope and MAC. */
const MOST_BYTES = 8_000

/**
 * Something that a controller shows or does has changed (names, locks, the site's zone): gives its settings the next
 * version and sends them once the change is durable. Call it in the transaction of the change.
 */
export async function settingsChanged (trx: Trx, house: House, controllerId: string): Promise<void> {
  await trx.prepare('UPDATE controllers SET settings_version = settings_version + 1 WHERE id = ? AND removed_at IS NULL').run(controllerId)
  await sendSettings(trx, house, controllerId)
}

/** Sends the present settings, retained and bound by their version, once the transaction is durable. */
export async function sendSettings (trx: Trx, house: House, controllerId: string): Promise<void> {
  const settings = await settingsOf(trx, house, controllerId)
  if (settings === null) return
  trx.after(() => {
    void lineTo(house, controllerId).then((line) => {
      if (line === null) return
      const { topic, payload } = line.link.state('settings', settings)
      house.transport.publish(topic, payload, { qos: 1, retain: true })
    }, (error: unknown) => { house.log.error('settings could not be sent', { controller: controllerId, error }) })
  })
}

/** Sends settings again to controllers whose site has put its clocks forward or back since they were sent. */
export async function followClocks (house: House, since: number): Promise<void> {
  const sites = await house.db.read.selectFrom('sites').select(['id', 'time_zone']).execute()
  const shifted = sites.filter((site) => utcOffsetMinutes(site.time_zone, since) !== utcOffsetMinutes(site.time_zone, house.clock()))
  if (shifted.length === 0) return
  await house.db.write(async (trx) => {
    const rows = await trx.sql.selectFrom('controllers').select('id').where('removed_at', 'is', null).where('site_id', 'in', shifted.map((site) => site.id)).execute()
    for (const row of rows) await settingsChanged(trx, house, row.id)
  })
}

async function settingsOf (trx: Trx, house: House, controllerId: string): Promise<Settings | null> {
  const row = await trx.prepare(`SELECT c.name, c.locks, c.settings_version, c.offline_clock, c.policies, s.time_zone FROM controllers c JOIN sites s ON s.id = c.site_id
    WHERE c.id = ? AND c.removed_at IS NULL`).get(controllerId)
  if (row === undefined) return null
  const rows = await trx.prepare('SELECT lock, name, kind, standing FROM access_points WHERE controller_id = ? AND removed_at IS NULL').all(controllerId)
  const points = new Map(rows.map((point) => [Number(point['lock']), { label: String(point['name']), kind: point['kind'] === 'door' ? 'door' as const : 'compartment' as const }]))
  const ruled = rows.filter((point) => point['standing'] !== null)
  // With all that it drives also the locks of nothing, so that the display knows by their number that no code is worth typing.
  const spare = ruled.length === 0 || ruled.length < rows.length ? [] : Array.from({ length: Number(row['locks']) }, (_, i) => i + 1).filter((lock) => !points.has(lock))
  const standing = [...ruled.map((point) => `${point['lock']}.${point['standing']}`), ...spare.map((lock) => `${lock}.held`)]
  const offline = await offlineSettings(trx, controllerId, row['offline_clock'], house.clock())
  const policies = policiesOf(row['policies'])
  const doorMode = await doorModeSettings(trx, house, controllerId)
  const settings = (characters: number): Settings => ({
    version: Number(row['settings_version']),
    name: first(String(row['name']), characters),
    language: 'en',
    utcOffsetMinutes: utcOffsetMinutes(String(row['time_zone']), house.clock()),
    wrongCodeEntryLimit: readerPolicy.triesInARow,
    lockoutMs: readerPolicy.lockoutMs,
    autoRelockMs: AUTO_RELOCK_MS,
    locks: Array.from({ length: Number(row['locks']) }, (_, i) => {
      const point = points.get(i + 1) ?? { label: `Lock ${i + 1}`, kind: 'compartment' as const }
      const isFailSafe = point.kind === 'door' && policies.failSafeLocks.includes(i + 1)
      return { lock: i + 1, label: first(point.label, characters), kind: point.kind, ...isFailSafe && { failSafe: true } }
    }),
    ...offline && { offline },
    ...policySettings(policies),
    ...doorMode && { doorMode },
    ...standing.length > 0 && { standing }
  })
  const long = settings(LABEL_CHARACTERS)
  // 96 labels in a script of four bytes a character: shorter ones rather than none.
  return Buffer.byteLength(JSON.stringify(long)) <= MOST_BYTES ? long : settings(LABEL_CHARACTERS / 4)
}

/** Minutes that a zone is ahead of UTC at a moment; 0 for a zone that this platform does not know. */
export function utcOffsetMinutes (timeZone: string, at: number): number {
  try {
    const name = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? ''
    const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? []
    return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  } catch {
    return 0
  }
}

function first (text: string, characters: number): string {
  return [...text].slice(0, characters).join('')
}
