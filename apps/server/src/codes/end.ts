import type { AuditEventName } from '@oncekey/protocol/audit-events'
import type { Doer, Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { wipeCode } from '../notify/wipe.ts'
import type { Trx } from '../platform/db.ts'

export type CodeEnd = 'used' | 'expired' | 'revoked' | 'superseded'
/** As much of a code as its end needs. */
export type EndingCode = { id: string, holder: Named, accessPoint: Named }

const facts: Record<CodeEnd, AuditEventName | null> = {
  // The verdict writes its own row.
  used: null,
  expired: 'code.expired',
  revoked: 'code.revoked',
  superseded: 'code.superseded'
}

/**
 * Ends an issued code that the engine has ended in the same transaction: its row, every text that held its digits, the
 * record, the pages. A code that has ended already stays as it ended.
 * @param by.actor who ended it; null for time itself
 * @param by.requestId the question of a keypad that it was used in
 */
export async function endCode (trx: Trx, house: House, code: EndingCode, end: CodeEnd, { actor = null, requestId = null }: { actor?: Doer | null, requestId?: string | null } = {}): Promise<boolean> {
  const now = house.clock()
  const { changes } = await trx.prepare("UPDATE codes SET state = ?, ended_at = ?, request_id = ? WHERE id = ? AND state = 'issued'").run(end, now, requestId, code.id)
  if (changes !== 1) return false
  await wipeCode(trx, [code.id])
  await trx.prepare('UPDATE idempotency_keys SET answer_sealed = NULL WHERE code_id = ?').run(code.id)
  const event = facts[end]
  if (event !== null) house.audit.append(trx, now, { event, actor, subject: code.holder, accessPoint: code.accessPoint, details: { codeId: code.id } })
  trx.after(() => { house.feed.publish({ kind: 'code', codeId: code.id, change: end, at: now }, [code.holder.id]) })
  return true
}

/** The codes of these ids in the engine's tables, as they are to be ended. */
export async function endingCodes (trx: Trx, otpIds: readonly string[]): Promise<EndingCode[]> {
  const find = trx.prepare(`SELECT c.id, c.holder_id, p.name AS holder, a.id AS point_id, a.name AS point
    FROM codes c JOIN people p ON p.id = c.holder_id JOIN access_points a ON a.id = c.access_point_id WHERE c.otp_id = ?`)
  const codes: EndingCode[] = []
  for (const otpId of otpIds) {
    const row = await find.get(otpId)
    if (row === undefined) continue
    codes.push({
      id: String(row['id']), holder: { id: String(row['holder_id']), name: String(row['holder']) },
      accessPoint: { id: String(row['point_id']), name: String(row['point']) }
    })
  }
  return codes
}
