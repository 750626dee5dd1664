import type { Trx } from '../platform/db.ts'

const COOL_DOWN_MS = 30_000
/** At most so many codes of one holder for one access point within each of these times. */
const limits = [{ ms: 600_000, codes: 5 }, { ms: 86_400_000, codes: 20 }]

/** A code that was asked for, as far as it counts. */
export type Asked = { createdAt: number, wasUnopened: boolean }

/**
 * When this holder may have the next code for this access point: 0 = now. A cancelled code counts, or cancelling would
 * be a way around the wait; one that was granted and then did not open has no cool-down, because the door owes it.
 * @param asked newest first, at least those of the last 24 h
 */
export function mayGetCodeAt (asked: readonly Asked[], now: number): number {
  const [last] = asked
  let at = last === undefined || last.wasUnopened ? 0 : last.createdAt + COOL_DOWN_MS
  for (const { ms, codes } of limits) {
    const oldest = asked[codes - 1]
    if (oldest !== undefined) at = Math.max(at, oldest.createdAt + ms)
  }
  return at > now ? at : 0
}

/** The newest codes of a holder for an access point, as `mayGetCodeAt` wants them. */
export async function askedFor (prepare: Trx['prepare'], holderId: string, accessPointId: string, now: number): Promise<Asked[]> {
  const rows = await prepare(`SELECT created_at, CASE WHEN not_opened_at IS NOT NULL AND opened_at IS NULL THEN 1 ELSE 0 END AS unopened FROM codes
    WHERE holder_id = ? AND access_point_id = ? AND created_at > ? ORDER BY created_at DESC, id DESC LIMIT 20`).all(holderId, accessPointId, now - 86_400_000)
  return rows.map((row) => ({ createdAt: Number(row['created_at']), wasUnopened: row['unopened'] === 1 }))
}
