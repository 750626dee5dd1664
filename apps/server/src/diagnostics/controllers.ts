import { parseEventRecord } from '@oncekey/protocol/messages'
import type { ControllerFacts, Finding } from '@oncekey/protocol/schemas'
import type { Kysely } from 'kysely'
import type { Tables } from '../platform/tables.ts'
import { find } from './finding.ts'
import type { Patient } from './patient.ts'

/** Codes are good for minutes, and slots of codes off line are two minutes long. */
const CLOCK_MS = 60_000
/** A session's batches take a moment. */
const QUEUE = 64
/** Later records may have waited on the controller; those that came at once tell how its clock stands. */
const LATEST = 8
const DAY_MS = 86_400_000

/** Every controller of the house: what is known of it, and what is wrong with it. */
export async function lookAtControllers (patient: Patient): Promise<{ findings: Finding[], controllers: ControllerFacts[] }> {
  const { all: controllers, old } = await patient.read(async (sql) => {
    const rows = await sql.selectFrom('controllers').select(['id', 'name', 'firmware', 'hardware', 'key_version', 'assurance', 'last_seen_at']).where('removed_at', 'is', null).orderBy('name').execute()
    // Old programs come now and then by HTTP: they are never connected, and never away.
    const old = new Set((await sql.selectFrom('compat_tokens').select('controller_id').distinct().execute()).map((row) => row.controller_id))
    const all: ControllerFacts[] = []
    for (const row of rows) {
      const told = await toldBy(sql, row.id)
      const present = old.has(row.id) ? null : patient.present?.(row.id) ?? null
      all.push({
        id: row.id, name: row.name, online: present?.online ?? null, lastSeen: row.last_seen_at, firmware: row.firmware, hardware: row.hardware,
        keyVersion: row.key_version, assurance: row.assurance, queued: present?.queued ?? null,
        clockErrorMs: told.clockErrorMs, clockTrust: told.clockTrust, reset: present?.reset ?? told.reset
      })
    }
    return { all, old }
  })
  return { controllers, findings: controllers.flatMap((one) => faultsOf(one, patient.now, old.has(one.id)).map((finding) => ({ ...finding, controllerId: one.id }))) }
}

function faultsOf (one: ControllerFacts, now: number, isOld: boolean): Finding[] {
  const { name } = one
  const found: Finding[] = []
  if (one.lastSeen === null && one.online !== true) found.push(find('controller.never', { name }))
  else if (!isOld && (one.online === false || (one.online === null && now - (one.lastSeen ?? 0) > DAY_MS))) found.push(find('controller.away', { name }))
  if (one.clockTrust === 'none') found.push(find('controller.clockUntrusted', { name }))
  else if (one.clockErrorMs !== null && Math.abs(one.clockErrorMs) > CLOCK_MS) found.push(find('controller.clockWrong', { name, seconds: Math.round(Math.abs(one.clockErrorMs) / 1000) }))
  if (one.reset === 'brownOut' || one.reset === 'watchdog') found.push(find('controller.fell', { name, reset: one.reset }))
  if (one.queued !== null && one.queued > QUEUE) found.push(find('controller.queue', { name, queued: one.queued }))
  if (one.assurance === 'low') found.push(find('controller.lowAssurance', { name }))
  return found.length > 0 ? found : [find(one.online === true ? 'controller.ok' : 'controller.known', { name })]
}

/** What its newest records say of its clock and its last start. */
async function toldBy (sql: Kysely<Tables>, controllerId: string): Promise<Pick<ControllerFacts, 'clockErrorMs' | 'clockTrust' | 'reset'>> {
  const newest = await sql.selectFrom('controller_records').select(['record', 'time', 'received_at']).where('controller_id', '=', controllerId)
    // At boot no clock is right yet: the server's welcome brings the time.
    .where('type', '<>', 'controller.booted').orderBy('received_at', 'desc').orderBy('seq', 'desc').limit(LATEST).execute()
  const boot = await sql.selectFrom('controller_records').select('record').where('controller_id', '=', controllerId).where('type', '=', 'controller.booted').orderBy('received_at', 'desc').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  const booted = boot === undefined ? null : parseEventRecord(boot.record)
  // Of records that waited for the line only the least distance says something.
  const errors = newest.filter((one) => one.time > 0).map((one) => one.time - one.received_at).toSorted((a, b) => Math.abs(a) - Math.abs(b))
  return {
    clockErrorMs: errors[0] ?? null, clockTrust: newest[0] === undefined ? null : parseEventRecord(newest[0].record)?.trust ?? null,
    reset: booted?.type === 'controller.booted' ? booted.reset : null
  }
}
