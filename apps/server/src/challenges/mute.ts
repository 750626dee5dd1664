import { wipeChallenge } from '../notify/wipe.ts'
import type { Trx } from '../platform/db.ts'

/**
 * Codes that are on their way to a person are right for nobody from now on, and none follow: their address or password
 * was changed, or they were suspended or removed. The challenges stay as they are: one that ended early would tell
 * whoever asked for it that there is somebody.
 */
export async function muteChallenges (trx: Trx, personId: string, now: number): Promise<void> {
  const muted = await trx.prepare("UPDATE challenges SET letter = 'none' WHERE person_id = ? AND status = 'pending' AND letter <> 'none' RETURNING id").all(personId)
  for (const row of muted) await wipeChallenge(trx, String(row['id']), now)
}
