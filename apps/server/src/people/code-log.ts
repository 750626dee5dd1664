import { createHash } from 'node:crypto'
import type { CodeLog, LoggedCode } from '@oncekey/protocol/schemas'
import { isOffline } from '../codes/offline.ts'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import { isAtLeast } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import type { Actor } from './authority.ts'

const USUAL_PAGE = 20

type Row = { key: string, code: LoggedCode }
type Place = { at: number, key: string }

/**
 * The codes that were made for a person, newest first: for doors and compartments, and those mailed to prove who they are,
 * with the state of each and of its messages. Never digits and no hash; a challenge's own name, with which it can be
 * answered, stays inside, too.
 * @throws Problem notFound, notAllowed for a person of higher role, badRequest for an `after` that was not ours
 */
export async function codeLog (house: House, actor: Actor, personId: string, { after, limit = USUAL_PAGE }: { after?: string, limit?: number }): Promise<CodeLog> {
  const person = await house.db.read.selectFrom('people').select('role').where('id', '=', personId).where('site_id', '=', actor.siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (person === undefined) throw new Problem('notFound')
  if (!isAtLeast(actor.role, person.role)) throw new Problem('notAllowed')
  const from = after === undefined ? null : placeFrom(house, personId, after)
  const both = [...await doorCodes(house, personId, limit + 1, from), ...await mailedCodes(house, personId, limit + 1, from)]
    .sort((a, b) => b.code.createdAt - a.code.createdAt || (a.key < b.key ? 1 : -1))
  const page = both.slice(0, limit)
  const last = page.at(-1)
  return { codes: page.map((row) => row.code), next: both.length > limit && last !== undefined ? house.seal.close(JSON.stringify([last.code.createdAt, last.key]), binding(personId)) : null }
}

const binding = (personId: string): string => 'code-log:' + personId

/** Sealed, because the key of a mailed code is what it can be answered with. */
function placeFrom (house: House, personId: string, after: string): Place {
  try {
    const [at, key]: unknown[] = JSON.parse(house.seal.open(after, binding(personId)))
    if (typeof at === 'number' && typeof key === 'string') return { at, key }
  } catch { /* It was not ours. */ }
  throw new Problem('badRequest', { errors: [{ field: 'after', needs: 'the `next` of the page before' }] })
}

/** Both kinds share one order: by moment, then door codes before mailed ones (`d` > `c`), then by id. */
const doorKey = (id: string): string => 'd' + id
const mailedKey = (id: string): string => 'c' + id

async function doorCodes (house: House, personId: string, count: number, from: Place | null): Promise<Row[]> {
  let query = house.db.read.selectFrom('codes as c').innerJoin('access_points as a', 'a.id', 'c.access_point_id').innerJoin('sites as s', 's.id', 'a.site_id')
    .leftJoin('banks as b', 'b.id', 'a.bank_id').innerJoin('people as i', 'i.id', 'c.issued_by')
    .select(['c.id', 'c.state', 'c.created_at', 'c.expires_at', 'c.ended_at', 'c.opened_at', 'c.otp_id', 'a.name as point', 's.name as site', 'b.name as bank', 'i.name as issuer'])
    .where('c.holder_id', '=', personId).orderBy('c.created_at', 'desc').orderBy('c.id', 'desc').limit(count)
  if (from !== null) query = query.where('c.created_at', '<=', from.at).where((eb) => eb.or([eb('c.created_at', '<', from.at), ...idsBelow('d', from, (id) => eb('c.id', '<', id))]))
  const rows = await query.execute()
  const deliveries = await deliveriesOf(house, 'code_id', rows.map((row) => row.id))
  return rows.map((row) => ({
    key: doorKey(row.id),
    code: {
      id: row.id, createdAt: row.created_at, expiresAt: row.expires_at, endedAt: row.ended_at, deliveries: deliveries.get(row.id) ?? [], mailed: null,
      door: { accessPointName: row.point, place: row.bank ?? row.site, issuedBy: row.issuer, openedAt: row.opened_at, offline: isOffline(row.otp_id), state: row.state }
    }
  }))
}

async function mailedCodes (house: House, personId: string, count: number, from: Place | null): Promise<Row[]> {
  let query = house.db.read.selectFrom('challenges as c').select(['c.id', 'c.purpose', 'c.status', 'c.created_at', 'c.expires_at', 'c.failures'])
    .where('c.person_id', '=', personId).orderBy('c.created_at', 'desc').orderBy('c.id', 'desc').limit(count)
  if (from !== null) query = query.where('c.created_at', '<=', from.at).where((eb) => eb.or([eb('c.created_at', '<', from.at), ...idsBelow('c', from, (id) => eb('c.id', '<', id))]))
  const rows = await query.execute()
  const deliveries = await deliveriesOf(house, 'challenge_id', rows.map((row) => row.id))
  return rows.map((row) => ({
    key: mailedKey(row.id),
    code: {
      id: createHash('sha256').update(`code log\n${row.id}`).digest('hex').slice(0, 32), createdAt: row.created_at, expiresAt: row.expires_at, endedAt: null,
      deliveries: deliveries.get(row.id) ?? [], door: null, mailed: { purpose: row.purpose, state: row.status, wrongTries: row.failures }
    }
  }))
}

/** Of the same moment as the last one shown: those behind it in the one order of both kinds. */
function idsBelow<Condition> (kind: 'c' | 'd', from: Place, below: (id: string) => Condition): Condition[] {
  if (from.key.startsWith(kind)) return [below(from.key.slice(1))]
  // Behind a door code come all mailed ones; behind a mailed one no door code.
  return kind === 'c' ? [below('\u{10ffff}')] : []
}

async function deliveriesOf (house: House, column: 'code_id' | 'challenge_id', ids: readonly string[]): Promise<Map<string, LoggedCode['deliveries']>> {
  const deliveries = new Map<string, LoggedCode['deliveries']>()
  if (ids.length === 0) return deliveries
  const sent = await house.db.read.selectFrom('outbox').select([`${column} as of`, 'channel', 'recipient', 'state', 'ended_at', 'error']).where(column, 'in', ids).orderBy('created_at').orderBy('id').execute()
  const add = (of: string | null, delivery: LoggedCode['deliveries'][number]): void => { if (of !== null) deliveries.set(of, [...deliveries.get(of) ?? [], delivery]) }
  for (const { of, channel, recipient, state, ended_at: at, error } of sent) {
    // Those that nobody is to get are told apart from those that failed.
    const isHeld = error === 'withheld'
    add(of, { channel, to: maskAddress(recipient), state: isHeld ? 'held' : state, at, fault: isHeld || state === 'sent' ? null : error })
  }
  if (column === 'code_id') {
    const inbox = await house.db.read.selectFrom('inbox as i').innerJoin('people as p', 'p.id', 'i.person_id').select(['i.code_id', 'i.created_at', 'p.name']).where('i.code_id', 'in', ids).execute()
    for (const message of inbox) add(message.code_id, { channel: 'inbox', to: message.name, state: 'sent', at: message.created_at, fault: null })
  }
  return deliveries
}
