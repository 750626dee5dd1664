import { offlineClasses, offlineDigits, offlineValue, SERIALS, slotFor, type OfflineName } from '@oncekey/otp/offline'
import { MAX_OFFLINE } from '@oncekey/protocol/messages'
import { offlineKinds, type OfflineKind } from '@oncekey/protocol/schemas'
import { linesOf } from '../controllers/links.ts'
import { useGrant } from '../grants/use.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { FARTHEST_MS, keepCode, mayAsk, wrongWindow, type CodeOrder, type IssuedCode } from './issue.ts'
import { offlineDoor, offlineLive, offlineOtpId, slotStart } from './offline.ts'

/**
 * Makes a code that its door checks without us. It can not be taken back until the controller is on line, so only an
 * operator may make one that lasts, or begins later; for themselves people get one that opens once, now.
 * @param mayLast whether who asks is an operator
 * @throws Problem as `issueCode`, and notAllowed, offlineOff, offlineFull
 */
export async function mintOffline (trx: Trx, house: House, order: CodeOrder & { offline: OfflineKind, mayLast: boolean }): Promise<IssuedCode> {
  const now = house.clock()
  const { offline, validFrom = now } = order
  if (order.expiresAt !== undefined) throw wrongWindow('expiresAt', 'nothing: a code that works without a network ends with its kind')
  if (validFrom > now + FARTHEST_MS) throw wrongWindow('validFrom', 'a moment within the next 30 days')
  const kind = offlineKinds.indexOf(offline)
  if (kind > 0 && !order.mayLast) throw new Problem('notAllowed')
  // Somebody who is about to lose access is not to take a month of them along, nor all that a controller may have.
  if (order.validFrom !== undefined && !order.mayLast) throw wrongWindow('validFrom', 'nothing: one\'s own code begins at once')
  const asking = await mayAsk(trx, house, order)
  const { controllerId, lock } = asking.point
  const door = await offlineDoor(trx, house, controllerId)
  if (door === null || door.clock === null) throw new Problem('offlineOff')
  // All that may be revoked has to fit into one message.
  if (await offlineLive(trx, controllerId, now) >= MAX_OFFLINE) throw new Problem('offlineFull')

  const { firstUse, lasts: slots } = offlineClasses[kind]!
  const slot = slotFor(Math.max(now, validFrom))
  const endsAt = slotStart(slot + slots)
  // Its door asks nobody: it is not to outlive the hours of its grant, and nobody could count how often it opens.
  if (asking.until !== null && asking.until < endsAt) throw new Problem('noGrant', { detail: 'Your access ends before such a code would.' })
  if (asking.grant !== null && asking.grant.maxUses !== null && kind > 0) throw new Problem('noGrant', { detail: 'Your access is for a number of openings; such a code would open again and again.' })
  // Counted now: whether it opened is known when its door says so, which may be after it is over.
  await useGrant(trx, asking.grant)
  const name: OfflineName = { lock, kind, slot, serial: await freeSerial(trx, controllerId, lock, slot, kind) }
  const digits = (door.locks > 1 ? String(lock) : '') + offlineDigits(offlineValue(door.key, name, linesOf(house).hmac))
  const codeId = house.newId()
  const firstUseUntil = slotStart(slot + firstUse)
  const { time_zone: timeZone } = await trx.sql.selectFrom('sites').select('time_zone').where('id', '=', order.siteId).executeTakeFirstOrThrow()
  const issued = await keepCode(trx, house, order, asking, {
    codeId, otpId: offlineOtpId(codeId), digits, validFrom: Math.max(now, validFrom), expiresAt: endsAt, details: { offline },
    lasts: { opensOnce: kind === 0, firstUseUntil: firstUseUntil < endsAt ? firstUseUntil : null, endsAt, timeZone }
  })
  await trx.sql.insertInto('offline_codes').values({ code_id: codeId, controller_id: controllerId, lock, kind, slot, serial: name.serial, over_slot: slot + slots }).execute()
  return { ...issued, offline: { firstUseUntil, opensOnce: kind === 0 } }
}

/** @throws Problem offlineFull when all of this class that may begin then are given away */
async function freeSerial (trx: Trx, controllerId: string, lock: number, slot: number, kind: number): Promise<number> {
  const rows = await trx.prepare('SELECT serial FROM offline_codes WHERE controller_id = ? AND lock = ? AND slot = ? AND kind = ?').all(controllerId, lock, slot, kind)
  const taken = new Set(rows.map((row) => Number(row['serial'])))
  for (let serial = 0; serial < SERIALS; serial++) if (!taken.has(serial)) return serial
  throw new Problem('offlineFull')
}
