import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { CompatContract, CompatTokenForm } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import { addOldController } from '../controllers/commission.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import type { InLanguages } from '../platform/language.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'
import { isCompatOn } from './state.ts'

/** An old program that was let in: its controller, and the lock that it drives. */
export type OldProgram = { tokenId: string, siteId: string, contract: CompatContract, controller: Named, point: Named, deviceUrl: string | null }

const USED_EVERY_MS = 60_000

/**
 * Makes a token, and with it a controller of low assurance that drives an access point which has none. The token (256
 * bits) is in the answer and nowhere else: the database has its SHA-256.
 * @throws Problem notFound, inUse (a controller is there already), badRequest (device address)
 */
export async function makeCompatToken (trx: Trx, house: House, form: CompatTokenForm, { siteId, actor }: { siteId: string, actor: Named }): Promise<{ id: string, token: string }> {
  const point = await trx.sql.selectFrom('access_points').select(['id', 'name', 'controller_id']).where('id', '=', form.accessPointId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (point === undefined) throw new Problem('notFound')
  if (point.controller_id !== null) throw new Problem('inUse', { detail: 'This access point has a controller already.' })
  const deviceUrl = form.deviceUrl?.replace(/\/$/, '') ?? null
  if ((form.contract === 'locker') !== (deviceUrl !== null)) throw wrongAddress(form.contract === 'locker'
    ? inAll((needs) => needs.lockerAddress) : inAll((needs) => needs.noLockerAddress))
  if (deviceUrl !== null && !isNear(deviceUrl)) throw wrongAddress(inAll((needs) => needs.nearAddress))
  const now = house.clock()
  const controllerId = await addOldController(trx, house, { siteId, name: form.name?.trim() ?? point.name, hardware: form.contract === 'door' ? 'old door program' : 'old locker program', actor })
  await trx.prepare('UPDATE access_points SET controller_id = ?, lock = 1 WHERE id = ?').run(controllerId, point.id)
  const id = house.newId()
  const token = randomBytes(32).toString('base64url')
  await trx.sql.insertInto('compat_tokens').values({ id, site_id: siteId, controller_id: controllerId, contract: form.contract, token_hash: hashOf(token), device_url: deviceUrl, made_by: actor.name, created_at: now, last_used_at: null, revoked_at: null }).execute()
  house.audit.append(trx, now, { event: 'compat.tokenMade', actor, accessPoint: { id: point.id, name: point.name }, controller: { id: controllerId, name: form.name?.trim() ?? point.name }, details: { tokenId: id, contract: form.contract } })
  return { id, token }
}

/** Harmless when it is revoked. @throws Problem notFound */
export async function revokeCompatToken (trx: Trx, house: House, { siteId, id, actor }: { siteId: string, id: string, actor: Named }): Promise<void> {
  const row = await trx.sql.selectFrom('compat_tokens as t').innerJoin('controllers as c', 'c.id', 't.controller_id').select(['t.revoked_at', 'c.id', 'c.name']).where('t.id', '=', id).where('t.site_id', '=', siteId).executeTakeFirst()
  if (row === undefined) throw new Problem('notFound')
  if (row.revoked_at !== null) return
  const now = house.clock()
  await trx.prepare('UPDATE compat_tokens SET revoked_at = ? WHERE id = ?').run(now, id)
  house.audit.append(trx, now, { event: 'compat.tokenRevoked', actor, controller: { id: row.id, name: row.name }, details: { tokenId: id } })
}

/** Who comes with this token; null for one that is unknown or revoked, and for all of them while old programs are not let in. */
export async function findOldProgram (house: House, token: string, contract: CompatContract): Promise<OldProgram | null> {
  const wanted = hashOf(token)
  const row = await house.db.read.selectFrom('compat_tokens as t').innerJoin('controllers as c', 'c.id', 't.controller_id').innerJoin('access_points as a', 'a.controller_id', 'c.id')
    .select(['t.id', 't.site_id', 't.contract', 't.token_hash', 't.device_url', 't.last_used_at', 'c.id as controller_id', 'c.name as controller', 'a.id as point_id', 'a.name as point'])
    .where('t.token_hash', '=', wanted).where('t.revoked_at', 'is', null).where('t.contract', '=', contract).where('c.removed_at', 'is', null).where('a.removed_at', 'is', null).limit(1).executeTakeFirst()
  const isOn = await isCompatOn(house.db.read)
  // The index finds by the hash, which says nothing of the token; what it found is compared in constant time all the same.
  if (row === undefined || !isOn || !timingSafeEqual(Buffer.from(row.token_hash), Buffer.from(wanted))) return null
  const now = house.clock()
  if (row.last_used_at === null || now - row.last_used_at >= USED_EVERY_MS || now < row.last_used_at) {
    await house.db.write(async (trx) => {
      await trx.prepare('UPDATE compat_tokens SET last_used_at = ? WHERE id = ?').run(now, row.id)
      await trx.prepare('UPDATE controllers SET last_seen_at = ? WHERE id = ?').run(now, row.controller_id)
    }, { beside: [`compat token:${row.id}`] })
  }
  return { tokenId: row.id, siteId: row.site_id, contract: row.contract, controller: { id: row.controller_id, name: row.controller }, point: { id: row.point_id, name: row.point }, deviceUrl: row.device_url }
}

function hashOf (token: string): string {
  return hash('sha256', token)
}

function wrongAddress (needs: InLanguages): Problem {
  return new Problem('badRequest', { errors: [{ field: 'deviceUrl', needs }] })
}

const near = new BlockList()
for (const [network, bits] of [['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['127.0.0.0', 8]] as const) near.addSubnet(network, bits)
near.addSubnet('fc00::', 7, 'ipv6')

/** By its number, because what a name means can change after it was looked at. Link-local addresses are not among them: clouds give secrets away there. */
function isNear (url: string): boolean {
  const host = URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? ''
  return isIPv4(host) ? near.check(host) : isIPv6(host) && near.check(host, 'ipv6')
}
