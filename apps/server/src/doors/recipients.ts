import type { DoorRecipient, Language } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import type { Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'

/** Each of them gets a mail for each code: a door is no mailing list. */
const MOST_RECIPIENTS = 20

/** Where a code of a door goes. `personId` null: nobody who has a login here. */
export type Receiver = { id: string, name: string, personId: string | null, address: string, channel: 'email', language: Language }

/** Whoever is to be sent a code that is asked for at this door, as of now: people who are suspended or gone get none. */
export async function receiversOf (sql: Trx['sql'], accessPointId: string): Promise<Receiver[]> {
  return (await recipientsOf(sql, accessPointId)).flatMap(({ address, ...one }) => address === null ? [] : [{ ...one, address }])
}

/** Everybody on the list of a door, in the order in which they came. A person who is removed is on none. */
export async function recipientsOf (sql: Trx['sql'], accessPointId: string): Promise<DoorRecipient[]> {
  const rows = await sql.selectFrom('door_recipients as r').leftJoin('people as p', 'p.id', 'r.person_id')
    .select(['r.id', 'r.person_id', 'r.address', 'r.channel', 'r.created_at', 'r.language', 'p.language as own_language', 'p.name', 'p.email', 'p.suspended_at', 'p.removed_at'])
    .where('r.access_point_id', '=', accessPointId).where('p.removed_at', 'is', null).orderBy('r.created_at').orderBy('r.id').execute()
  return rows.map((row) => ({
    id: row.id, name: row.name ?? row.address ?? '', personId: row.person_id, channel: row.channel, createdAt: row.created_at, language: row.own_language ?? row.language,
    address: row.person_id === null ? row.address : row.suspended_at === null ? row.email : null
  }))
}

export type RecipientOrder = { siteId: string, accessPointId: string, personId?: string | undefined, address?: string | undefined, language?: Language | undefined, actor: Named }

/**
 * Puts a person, or an address of nobody here, on the list of a door.
 * @throws Problem notFound, badRequest (neither or both, or too many), alreadyExists
 */
export async function addRecipient (trx: Trx, house: House, { siteId, accessPointId, personId, address, language = 'en', actor }: RecipientOrder): Promise<string> {
  if ((personId === undefined) === (address === undefined)) throw new Problem('badRequest', { errors: [{ field: 'address', needs: inAll((needs) => needs.personOrAddress) }] })
  const point = await findPoint(trx, siteId, accessPointId)
  const person = personId === undefined ? null : await trx.sql.selectFrom('people').select(['id', 'name']).where('id', '=', personId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (person === undefined) throw new Problem('notFound')
  const known = await recipientsOf(trx.sql, accessPointId)
  if (known.length >= MOST_RECIPIENTS) throw new Problem('badRequest', { errors: [{ field: 'address', needs: inAll((needs) => needs.fewerRecipients(MOST_RECIPIENTS)) }] })
  if (known.some((one) => person === null ? one.personId === null && one.address?.toLowerCase() === address?.toLowerCase() : one.personId === person.id)) throw new Problem('alreadyExists')
  const id = house.newId()
  const now = house.clock()
  await trx.sql.insertInto('door_recipients').values({ id, access_point_id: accessPointId, person_id: person?.id ?? null, address: person === null ? address ?? null : null, channel: 'email', added_by: actor.id, created_at: now, language }).execute()
  house.audit.append(trx, now, { event: 'door.recipientAdded', actor, accessPoint: point, subject: person ?? { id: null, name: maskAddress(address ?? '') }, details: { channel: 'email' } })
  return id
}

/** Takes one off the list; codes that are out already stay. @throws Problem notFound */
export async function removeRecipient (trx: Trx, house: House, { siteId, recipientId, actor }: { siteId: string, recipientId: string, actor: Named }): Promise<void> {
  const row = await trx.sql.selectFrom('door_recipients').select('access_point_id').where('id', '=', recipientId).executeTakeFirst()
  const point = await findPoint(trx, siteId, row?.access_point_id ?? '')
  const one = (await recipientsOf(trx.sql, point.id)).find(({ id }) => id === recipientId)
  if (one === undefined) throw new Problem('notFound')
  await trx.sql.deleteFrom('door_recipients').where('id', '=', recipientId).execute()
  house.audit.append(trx, house.clock(), {
    event: 'door.recipientRemoved', actor, accessPoint: point, subject: one.personId === null ? { id: null, name: maskAddress(one.address ?? '') } : { id: one.personId, name: one.name }, details: { channel: one.channel }
  })
}

/** @throws Problem notFound */
export async function findPoint (trx: Pick<Trx, 'sql'>, siteId: string, accessPointId: string): Promise<{ id: string, name: string }> {
  const point = await trx.sql.selectFrom('access_points').select(['id', 'name']).where('id', '=', accessPointId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (point === undefined) throw new Problem('notFound')
  return point
}
