import type { Doer } from '../audit/append.ts'
import { settingsChanged } from '../controllers/settings.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { endCode, endingCodes } from './end.ts'
import { isOffline } from './offline.ts'

/** Which live codes are meant: all of a person, of an access point, of a grant, of a controller, or one. */
export type WhichCodes = { holderId: string } | { accessPointId: string } | { grantId: string } | { controllerId: string } | { codeId: string }

/**
 * Ends live codes at once, in the caller's transaction.
 * @param actor who ends them, for the record; null for a rule
 * @returns how many there were
 */
export async function revokeCodes (trx: Trx, house: House, which: WhichCodes, actor: Doer | null): Promise<number> {
  let query = trx.sql.selectFrom('codes').select(['otp_id', 'controller_id']).where('state', '=', 'issued')
  if ('holderId' in which) query = query.where('holder_id', '=', which.holderId)
  else if ('accessPointId' in which) query = query.where('access_point_id', '=', which.accessPointId)
  else if ('grantId' in which) query = query.where('grant_id', '=', which.grantId)
  else if ('controllerId' in which) query = query.where('controller_id', '=', which.controllerId)
  else query = query.where('id', '=', which.codeId)
  const rows = await query.execute()
  for (const row of rows) if (!isOffline(row.otp_id)) await house.otp.revoke({ scope: row.controller_id, id: row.otp_id })
  let ended = 0
  for (const code of await endingCodes(trx, rows.map((row) => row.otp_id))) {
    if (await endCode(trx, house, code, 'revoked', { actor })) ended++
  }
  // Doors that take codes without us have to hear which of them open nothing any more.
  for (const id of new Set(rows.filter((row) => isOffline(row.otp_id)).map((row) => row.controller_id))) await settingsChanged(trx, house, id)
  return ended
}
