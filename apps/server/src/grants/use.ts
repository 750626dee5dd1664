import type { GrantFacts } from '@oncekey/protocol/access'
import type { Trx } from '../platform/db.ts'

/**
 * Counts one opening against a grant that is good for so many; of others nothing is written. Only in a write at the reader of
 * its access point, or one that is alone: then no two read the same count.
 */
export async function useGrant (trx: Trx, grant: Pick<GrantFacts, 'id' | 'maxUses'> | null): Promise<void> {
  if (grant !== null && grant.maxUses !== null) await trx.prepare('UPDATE grants SET uses = uses + 1 WHERE id = ?').run(grant.id)
}

/** By which a code was made; null for one that an operator made for somebody. */
export async function grantOfCode (trx: Trx, codeId: string): Promise<Pick<GrantFacts, 'id' | 'maxUses'> | null> {
  const row = await trx.prepare('SELECT g.id, g.max_uses FROM codes c JOIN grants g ON g.id = c.grant_id WHERE c.id = ?').get(codeId)
  return row === undefined ? null : { id: String(row['id']), maxUses: row['max_uses'] === null ? null : Number(row['max_uses']) }
}
