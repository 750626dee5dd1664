import { readerPolicy } from '@oncekey/otp'
import type { Named } from '../audit/append.ts'
import { blockLocker } from '../compat/locker.ts'
import { oldProgramOf } from '../compat/state.ts'
import type { House } from '../house.ts'
import { tellStates } from '../live/states.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { COMMAND_MS } from './commands.ts'
import { sayTo } from './links.ts'

/**
 * Ends the lockout of a keypad, with a reason for the record. The level stays: the next lockout of the day is as long
 * as it would have been. A controller that is off line hears of it in its next welcome.
 * @throws Problem notFound
 */
export async function clearLockout (trx: Trx, house: House, { siteId, controllerId, why, askedBy }: { siteId: string, controllerId: string, why: string, askedBy: Named }): Promise<void> {
  const row = await trx.prepare('SELECT id, name FROM controllers WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(controllerId, siteId)
  if (row === undefined) throw new Problem('notFound')
  const now = house.clock()
  const commandId = house.newId()
  const expires = now + COMMAND_MS
  await house.otp.clear({ scope: controllerId, policy: readerPolicy })
  await trx.sql.insertInto('commands').values({
    id: commandId, controller_id: controllerId, access_point_id: null, op: 'clearLockout', lock: 0, reason: why, asked_by: askedBy.id, created_at: now,
    expires_at: expires, status: 'pending', measured: null, ended_at: null
  }).execute()
  house.audit.append(trx, now, { event: 'keypad.cleared', actor: askedBy, controller: { id: controllerId, name: String(row['name']) }, details: { why } })
  const old = await oldProgramOf(trx.prepare, controllerId)
  trx.after(() => {
    if (old !== null && old.deviceUrl !== null) void blockLocker(house, old.deviceUrl, 'unblock')
    sayTo(house, controllerId, 'command', { id: commandId, expires, op: 'clearLockout' })
    tellStates(house, { controllerId }).catch((error: unknown) => { house.log.error('a state could not be told', { error }) })
  })
}
