import type { House } from '../house.ts'
import type { KeyHolder } from '../platform/http.ts'
import { KNOWN_MS, knownKeysOf, MOST_KNOWN } from './known.ts'
import { secretHash } from './make.ts'

/** `last_used_at` is written at most so often: not each call costs a write. */
const SEEN_EVERY_MS = 60_000

/** Which key a secret is; null for one that is unknown, or has ended: revoked, expired, or rotated longer ago than its grace. */
export function whoHolds (house: House): (secret: string) => KeyHolder | Promise<KeyHolder | null> {
  const known = knownKeysOf(house)
  return (secret) => {
    const hash = secretHash(secret)
    const recent = known.get(hash)
    const now = house.clock()
    return recent !== undefined && Math.abs(now - recent.lookedUpAt) < KNOWN_MS && now < recent.until ? recent : lookUp(house, hash)
  }
}

async function lookUp (house: House, hash: string): Promise<KeyHolder | null> {
  const known = knownKeysOf(house)
  const now = house.clock()
  known.delete(hash)
  const row = await house.db.read.selectFrom('api_keys').select(['id', 'name', 'site_id', 'scopes', 'last_used_at', 'secret_hash', 'ends_at', 'previous_until'])
    .where((is) => is.or([is('secret_hash', '=', hash), is('previous_hash', '=', hash)])).where('revoked_at', 'is', null).executeTakeFirst()
  if (row === undefined) return null
  const until = Math.min(row.ends_at ?? Infinity, row.secret_hash === hash ? Infinity : row.previous_until ?? 0)
  if (until <= now) return null
  if (known.size >= MOST_KNOWN) known.clear()
  const holder = { id: row.id, name: row.name, siteId: row.site_id, scopes: row.scopes.split(' '), lookedUpAt: now, until }
  known.set(hash, holder)
  if (row.last_used_at === null || now - row.last_used_at >= SEEN_EVERY_MS) await noteUsed(house, row.id, now)
  return holder
}

async function noteUsed (house: House, keyId: string, now: number): Promise<void> {
  try {
    await house.db.write(async (trx) => { await trx.prepare('UPDATE api_keys SET last_used_at = ? WHERE id = ?').run(now, keyId) })
  } catch (error) {
    house.log.warn('a key\'s last use could not be noted', { error })
  }
}
