import type { AuditEventName } from '@oncekey/protocol/audit-events'
import type { ControllerFacts, Finding } from '@oncekey/protocol/schemas'
import type { Kysely } from 'kysely'
import type { Tables } from '../platform/tables.ts'
import { find } from './finding.ts'
import type { Patient } from './patient.ts'

/** Codes are good for minutes, and slots of codes off line are two minutes long. */
const CLOCK_MS = 60_000
/** A session's batches take a moment. */
const QUEUE = 64
/** Rows of the record that are looked at, of each kind, for all controllers together. */
const LATEST = 500
const DAY_MS = 86_400_000

/** Every controller of the house: what is known of it, and what is wrong with it. */
export async function lookAtControllers (patient: Patient): Promise<{ findings: Finding[], controllers: ControllerFacts[] }> {
  const { all: controllers, old } = await patient.read(async (sql) => {
    const rows = await sql.selectFrom('controllers').select(['id', 'name', 'firmware', 'hardware', 'key_version', 'assurance', 'last_seen_at']).where('removed_at', 'is', null).orderBy('name').execute()
    // Old programs come now and then by HTTP: they are never connected, and never away.
    const old = new Set((await sql.selectFrom('compat_tokens').select('controller_id').distinct().execute()).map((row) => row.controller_id))
    const toldBy = await toldOf(sql)
    const all: ControllerFacts[] = []
    for (const row of rows) {
      const told = toldBy.get(row.id)
      const present = old.has(row.id) ? null : patient.present?.(row.id) ?? null
      all.push({
        id: row.id, name: row.name, online: present?.online ?? null, lastSeen: row.last_seen_at, firmware: row.firmware, hardware: row.hardware,
        keyVersion: row.key_version, assurance: row.assurance, queued: present?.queued ?? null,
        clockErrorMs: told?.clockErrorMs ?? null, clockTrust: told?.clockTrust ?? null, reset: present?.reset ?? told?.reset ?? null
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

type Told = Pick<ControllerFacts, 'clockErrorMs' | 'clockTrust' | 'reset'>

/**
 * What the newest rows of the record say of clocks and last starts, by controller. So many rows of each kind and no more,
 * by the index of events: there may be ten million of them, and in SQLite everybody would wait. Whoever is not among them
 * has said nothing for long.
 */
async function toldOf (sql: Kysely<Tables>): Promise<Map<string, Told>> {
  const newest = (event: AuditEventName) => sql.selectFrom('audit').select(['controller_id', 'time', 'payload']).where('event', '=', event).orderBy('seq', 'desc').limit(LATEST).execute()
  const told = new Map<string, Told>()
  const of = (id: string): Told => {
    const known = told.get(id) ?? { clockErrorMs: null, clockTrust: null, reset: null }
    told.set(id, known)
    return known
  }
  for (const { controller_id: id, payload } of await newest('controller.booted')) {
    if (id !== null) of(id).reset ??= textIn(payload, 'reset')
  }
  // At boot no clock is right yet, the server's welcome brings the time: these are of later.
  const rows = [...await newest('lock.actuated'), ...await newest('door.changed')].toSorted((a, b) => b.time - a.time)
  for (const { controller_id: id, time, payload } of rows) {
    const details = detailsIn(payload)
    const at = details['at']
    if (id === null || typeof at !== 'number') continue
    const facts = of(id)
    facts.clockTrust ??= textIn(payload, 'trust')
    // Of records that waited for the line only the least distance says something.
    if (at > 0 && (facts.clockErrorMs === null || Math.abs(at - time) < Math.abs(facts.clockErrorMs))) facts.clockErrorMs = at - time
  }
  return told
}

function detailsIn (payload: string | null): Record<string, unknown> {
  // We wrote this text ourselves, see audit/append.ts; null where it was erased.
  return (JSON.parse(payload ?? '{}') as { details?: Record<string, unknown> }).details ?? {}
}

function textIn (payload: string | null, name: string): string | null {
  const value = detailsIn(payload)[name]
  return typeof value === 'string' ? value : null
}
