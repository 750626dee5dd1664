import type { Camera, CameraForm, CameraPicture, PictureCause, Role } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Row, Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { targetNeeds, targetsIn } from '../webhooks/targets.ts'
import { DAY_MS, seesDuress } from './pictures.ts'
import type { CameraAddress } from './snapshot.ts'

const SHOWN = 100

/** The camera of an access point and its newest pictures, as far as this role may know of them. @throws Problem notFound for an unknown access point */
export async function findCamera (house: House, { siteId, role }: { siteId: string, role: Role }, accessPointId: string): Promise<{ camera: Camera | null, pictures: CameraPicture[] }> {
  const point = await house.db.read.selectFrom('access_points').select('id').where('id', '=', accessPointId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (point === undefined) throw new Problem('notFound')
  const row = await house.db.read.selectFrom('cameras').selectAll().where('access_point_id', '=', accessPointId).executeTakeFirst()
  let kept = house.db.read.selectFrom('camera_pictures').select(['id', 'seq', 'cause', 'taken_at as takenAt', 'ends_at as endsAt']).where('access_point_id', '=', accessPointId).where('ends_at', '>', house.clock())
    .orderBy('taken_at', 'desc').orderBy('id', 'desc').limit(SHOWN)
  if (!seesDuress(role)) kept = kept.where('cause', '<>', 'duress')
  const pictures = await kept.execute()
  return { camera: row === undefined ? null : { host: row.host, causes: causesIn(row.causes), keepDays: row.keep_days, lastAt: row.last_at, fault: row.fault }, pictures }
}

/**
 * Puts a camera at an access point, or sets the one that is there. Where it is and what it is asked with rest sealed.
 * @throws Problem notFound, badRequest (an address that may not be asked, or none)
 */
export async function setCamera (trx: Trx, house: House, { siteId, accessPointId, form, actor }: { siteId: string, accessPointId: string, form: CameraForm, actor: Named }): Promise<void> {
  const point = await pointOf(trx, siteId, accessPointId)
  const before = await trx.sql.selectFrom('cameras').select(['host', 'sealed']).where('access_point_id', '=', point.id).executeTakeFirst()
  const { url, user = '', password = '', causes, keepDays } = form
  const refusal = url === undefined ? (before === undefined ? 'noUrl' : null) : targetsIn(house.config.webhookNetworks).refusalOf(url)
  if (refusal !== null) throw new Problem('badRequest', { errors: [{ field: 'url', needs: targetNeeds[refusal] }] })
  const host = url === undefined ? before?.host ?? '' : new URL(url).host
  const sealed = url === undefined ? before?.sealed ?? '' : house.seal.close(JSON.stringify({ url: new URL(url).href, user, password } satisfies CameraAddress), bindingOf(point.id))
  const row = { host, sealed, causes: causes.join(' '), keep_days: keepDays, fault: null }
  await trx.sql.insertInto('cameras').values({ access_point_id: point.id, made_at: house.clock(), last_at: null, ...row }).onConflict((conflict) => conflict.column('access_point_id').doUpdateSet(row)).execute()
  // What was promised when it was taken is kept; less is kept from now on.
  await trx.prepare('UPDATE camera_pictures SET ends_at = taken_at + ? WHERE access_point_id = ? AND ends_at > taken_at + ?').run(keepDays * DAY_MS, point.id, keepDays * DAY_MS)
  house.audit.append(trx, house.clock(), { event: 'camera.set', actor, accessPoint: point, details: { host, causes: causes.join(' '), keepDays } })
}

/** Takes a camera away, and with it all of its pictures. Harmless when there is none. @throws Problem notFound for an unknown access point */
export async function removeCamera (trx: Trx, house: House, { siteId, accessPointId, actor }: { siteId: string, accessPointId: string, actor: Named }): Promise<void> {
  const point = await pointOf(trx, siteId, accessPointId)
  const pictures = await forgetCamera(trx, point.id)
  if (pictures !== null) house.audit.append(trx, house.clock(), { event: 'camera.removed', actor, accessPoint: point, details: { pictures } })
}

/**
 * A camera is going, or its access point. @param which `isKept`: pictures of a call for help stay until their day
 * @returns how many pictures went that everybody knew of; null: there was no camera
 */
export async function forgetCamera (trx: Trx, accessPointId: string, { isKept }: { isKept?: 'duress' } = {}): Promise<number | null> {
  const { changes } = await trx.prepare("DELETE FROM camera_pictures WHERE access_point_id = ? AND cause <> 'duress'").run(accessPointId)
  if (isKept === undefined) await trx.prepare('DELETE FROM camera_pictures WHERE access_point_id = ?').run(accessPointId)
  const camera = await trx.prepare('DELETE FROM cameras WHERE access_point_id = ?').run(accessPointId)
  return Number(camera.changes) === 0 ? null : Number(changes)
}

export function causesIn (text: unknown): PictureCause[] {
  // We wrote them ourselves, from a form that was checked.
  return String(text).split(' ') as PictureCause[]
}

/** Where it is asked. */
export function addressOf (house: Pick<House, 'seal'>, row: Row): CameraAddress {
  return JSON.parse(house.seal.open(String(row['sealed']), bindingOf(String(row['access_point_id'])))) as CameraAddress
}

const bindingOf = (accessPointId: string): string => `camera:${accessPointId}`

async function pointOf (trx: Trx, siteId: string, accessPointId: string): Promise<Named> {
  const point = await trx.sql.selectFrom('access_points').select(['id', 'name']).where('id', '=', accessPointId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (point === undefined) throw new Problem('notFound')
  return point
}
