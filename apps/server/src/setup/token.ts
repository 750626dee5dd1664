import { timingSafeEqual } from 'node:crypto'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { newToken, tokenHash } from '../sessions/tokens.ts'

const KEY = 'setup.token'

/**
 * The one-time token of the first run: 256 random bits, new at each start, of which only the SHA-256 is kept.
 * @returns null when an owner exists
 */
export async function setupToken (house: House): Promise<string | null> {
  return house.db.write(async (trx) => {
    if (await hasOwner(trx)) return null
    const { token, hash } = newToken()
    await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(KEY, hash)
    return token
  })
}

/** Whether this is the token of this start; the time it takes says nothing. */
async function isSetupToken (trx: Trx, token: string): Promise<boolean> {
  const kept = await trx.prepare('SELECT value FROM settings WHERE key = ?').get(KEY)
  return timingSafeEqual(Buffer.from(tokenHash(token), 'hex'), Buffer.from(kept === undefined ? tokenHash('') : String(kept['value']), 'hex')) && kept !== undefined
}

/** @throws Problem alreadySetUp, setupLinkWrong */
export async function checkMaySetUp (trx: Trx, token: string): Promise<void> {
  if (await hasOwner(trx)) throw new Problem('alreadySetUp')
  if (!await isSetupToken(trx, token)) throw new Problem('setupLinkWrong')
}

/** From then on no form and no backup counts; the next start makes a new one while there is no owner. */
export async function spendSetupToken (trx: Trx): Promise<void> {
  await trx.prepare('DELETE FROM settings WHERE key = ?').run(KEY)
}

/** Whether the first run is over. An owner who was suspended or removed counts: somebody has been here. */
export async function hasOwner (trx: Trx): Promise<boolean> {
  return await trx.prepare("SELECT 1 FROM people WHERE role = 'owner' LIMIT 1").get() !== undefined
}
