import type { ImageKey, ImageKeyForm } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'

/** Takes images with this key's signature from now on. @throws Problem alreadyExists */
export async function trustKey (trx: Trx, house: House, { name, publicKey }: ImageKeyForm, { siteId, actor }: { siteId: string, actor: Named }): Promise<ImageKey> {
  if (await trx.prepare('SELECT id FROM image_keys WHERE site_id = ? AND public_key = ?').get(siteId, publicKey) !== undefined) throw new Problem('alreadyExists', { detail: 'This key is trusted already.' })
  const key = { id: house.newId(), name, publicKey, createdAt: house.clock() }
  await trx.sql.insertInto('image_keys').values({ id: key.id, site_id: siteId, public_key: publicKey, name, created_at: key.createdAt }).execute()
  house.audit.append(trx, key.createdAt, { event: 'imageKey.trusted', actor, details: { name, publicKey } })
  return key
}

/** Takes no more images with this key's signature. Those that are here stay. @throws Problem notFound */
export async function removeKey (trx: Trx, house: House, id: string, { siteId, actor }: { siteId: string, actor: Named }): Promise<void> {
  const row = await trx.prepare('SELECT name, public_key FROM image_keys WHERE id = ? AND site_id = ?').get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  await trx.prepare('DELETE FROM image_keys WHERE id = ?').run(id)
  house.audit.append(trx, house.clock(), { event: 'imageKey.removed', actor, details: { name: String(row['name']), publicKey: String(row['public_key']) } })
}
