import type { CameraPicture, Role } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { isAtLeast } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import type { PictureType, Snapshot } from './snapshot.ts'

/** Of one camera; the oldest go first. With the most that one may weigh, no camera fills a disk. */
export const MOST_KEPT = 200
const FORGOTTEN_AT_ONCE = 100
export const DAY_MS = 86_400_000

type Taken = { accessPointId: string, cause: CameraPicture['cause'], seq: number | null, takenAt: number }
export type SealedPicture = { id: string, sealed: string }

/** Outside of any write: a megabyte takes ten milliseconds, in which no keypad is to wait. */
export function sealPicture (house: Pick<House, 'seal' | 'newId'>, { type, bytes }: Exclude<Snapshot, { fault: string }>): SealedPicture {
  const id = house.newId()
  return { id, sealed: house.seal.close(`${type} ${bytes.toString('base64')}`, bindingOf(id)) }
}

/**
 * Keeps a picture for as long as is set now, which may be less than when it was asked for. Of a camera that was taken away or
 * replaced meanwhile it is thrown away. @param camera its sealed address, when it was asked
 */
export async function keepPicture (trx: Trx, house: House, { id, sealed }: SealedPicture, camera: string, { accessPointId, cause, seq, takenAt }: Taken): Promise<CameraPicture | { fault: string }> {
  // Of a call for help nothing shows, to whom it is not for: neither here nor on pages that are open.
  const isSecret = cause === 'duress'
  const there = await trx.prepare(`UPDATE cameras SET ${isSecret ? 'causes = causes' : 'last_at = ?, fault = NULL'} WHERE access_point_id = ? AND sealed = ? RETURNING keep_days`).get(...isSecret ? [] : [takenAt], accessPointId, camera)
  if (there === undefined) return { fault: 'gone' }
  const endsAt = takenAt + Number(there['keep_days']) * DAY_MS
  await trx.sql.insertInto('camera_pictures').values({ id, access_point_id: accessPointId, seq, cause, taken_at: takenAt, ends_at: endsAt, sealed }).execute()
  // Those of calls for help are counted apart: neither pushes the other out, nor tells of it.
  const alike = isSecret ? "cause = 'duress'" : "cause <> 'duress'"
  await trx.prepare(`DELETE FROM camera_pictures WHERE access_point_id = ? AND ${alike} AND id NOT IN (SELECT id FROM camera_pictures WHERE access_point_id = ? AND ${alike} ORDER BY taken_at DESC, id DESC LIMIT ?)`).run(accessPointId, accessPointId, MOST_KEPT)
  // Timelines that are open somewhere ask for it.
  if (!isSecret) trx.after(() => { house.feed.publish({ kind: 'picture', accessPointId }) })
  return { id, seq, cause, takenAt, endsAt }
}

/** A picture for somebody who looks at it, which is on the record; not of a call for help, as operators read the record. @throws Problem notFound for one that is gone, of another site, or not for them */
export async function openPicture (trx: Trx, house: House, { siteId, id, actor }: { siteId: string, id: string, actor: Named & { role: Role } }): Promise<{ type: PictureType, bytes: Buffer }> {
  const row = await trx.prepare('SELECT p.sealed, p.taken_at, p.cause, a.id AS point, a.name FROM camera_pictures p JOIN access_points a ON a.id = p.access_point_id WHERE p.id = ? AND a.site_id = ? AND p.ends_at > ?').get(id, siteId, house.clock())
  if (row === undefined || (row['cause'] === 'duress' && !seesDuress(actor.role))) throw new Problem('notFound')
  const [type = '', text = ''] = house.seal.open(String(row['sealed']), bindingOf(id)).split(' ')
  if (row['cause'] !== 'duress') house.audit.append(trx, house.clock(), { event: 'camera.pictureSeen', actor: { id: actor.id, name: actor.name }, accessPoint: { id: String(row['point']), name: String(row['name']) }, details: { pictureId: id } })
  return { type: type === 'image/png' ? 'image/png' : 'image/jpeg', bytes: Buffer.from(text, 'base64') }
}

/** Forgets pictures whose time is over. */
export async function forgetPictures (house: House): Promise<void> {
  for (;;) {
    const now = house.clock()
    if (await house.db.ask('SELECT id FROM camera_pictures WHERE ends_at <= ? LIMIT 1').get(now) === undefined) return
    await house.db.write(async (trx) => { await trx.prepare('DELETE FROM camera_pictures WHERE id IN (SELECT id FROM camera_pictures WHERE ends_at <= ? LIMIT ?)').run(now, FORGOTTEN_AT_ONCE) })
  }
}

/** Whoever is told of calls for help: see alarms/. An operator may be the one who forces somebody. */
export function seesDuress (role: Role): boolean {
  return isAtLeast(role, 'admin')
}

const bindingOf = (id: string): string => `picture:${id}`
