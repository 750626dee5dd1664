import type { LockMode } from '@oncekey/protocol/messages'
import type { Role } from '@oncekey/protocol/schemas'
import { KEYPAD, limitsOf } from '../access/reader.ts'
import type { Named } from '../audit/append.ts'
import { giveCommand } from '../controllers/commands.ts'
import type { House } from '../house.ts'
import type { Row, Trx } from '../platform/db.ts'
import { isAtLeast } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { approversOf, mayDecide, tellApprovers } from './approvers.ts'
import { cancelHash, endDoorCode, sendCode, whyNobody, type Door } from './ask.ts'
import { noteReach } from './reach.ts'

type OpenCode = Door & { id: string, mode: LockMode, state: string, way: string | null, otpId: string | null, expiresAt: number }

/**
 * Says yes or no to a request that waits. A yes sends the code, or moves the bolt where the door is set so.
 * @throws Problem notFound, also for a member who is not named for the door; notAllowed; alreadyDecided (somebody was quicker, or nobody was for too long), noRecipients, channelNotSetUp, controllerOffline, readerFull
 */
export async function decide (trx: Trx, house: House, { siteId, codeId, approve, actor }: { siteId: string, codeId: string, approve: boolean, actor: Named & { id: string, role: Role } }): Promise<void> {
  const code = await findOpen(trx, siteId, codeId)
  const who = { id: actor.id, name: actor.name }
  if (!mayDecide(actor, await approversOf(trx.sql, code.point.id))) throw new Problem(isAtLeast(actor.role, 'operator') ? 'notAllowed' : 'notFound')
  const now = house.clock()
  if (code.state !== 'waiting' || code.expiresAt <= now) throw new Problem('alreadyDecided')
  const { point, controller, mode } = code
  if (!approve) {
    await endDoorCode(trx, house, codeId, 'refused')
    house.audit.append(trx, now, { event: 'door.codeRefused', actor: who, accessPoint: point, controller, details: { codeId, mode } })
    return
  }
  if (code.way === 'opens') {
    await giveCommand(trx, house, { siteId, accessPointId: point.id, op: mode, why: 'asked for at the door', askedBy: who, isApprover: true })
    await endDoorCode(trx, house, codeId, 'opened')
  } else {
    const why = await whyNobody(trx, house, point.id)
    if (why !== null) throw new Problem(why === 'noMail' ? 'channelNotSetUp' : 'noRecipients')
    if (await sendCode(trx, house, { ...code, codeId, kind: { purpose: KEYPAD, ...await limitsOf(trx, controller.id, house.leastDigits) } }) === 0) throw new Problem('readerFull')
    await tellApprovers(trx, house, point.id)
  }
  house.audit.append(trx, now, { event: 'door.codeApproved', actor: who, accessPoint: point, controller, details: { codeId, mode, opens: code.way === 'opens' } })
}

/** Ends a live code or a waiting request. @throws Problem notFound; harmless when it has ended */
export async function cancelDoorCode (trx: Trx, house: House, { siteId, codeId, actor }: { siteId: string, codeId: string, actor: Named | null }): Promise<void> {
  const code = await findOpen(trx, siteId, codeId)
  if (code.otpId !== null) await house.otp.revoke({ scope: code.controller.id, id: code.otpId })
  if (!await endDoorCode(trx, house, codeId, 'cancelled')) return
  house.audit.append(trx, house.clock(), { event: 'door.codeCancelled', actor, accessPoint: code.point, controller: code.controller, details: { codeId, mode: code.mode } })
}

/**
 * What the link in each mail of a code does: whoever got it may end it. Strangers with made-up links cost no write, and
 * those who kept one that is long over neither.
 * @returns `used`: somebody was quicker and has typed it; null: no such code
 */
export async function cancelByLink (house: House, secret: string): Promise<'ended' | 'used' | null> {
  const find = () => house.db.read.selectFrom('door_codes').select(['id', 'site_id', 'state']).where('cancel_hash', '=', cancelHash(secret)).executeTakeFirst()
  const row = await find()
  if (row?.state === 'issued') await house.db.write((trx) => cancelDoorCode(trx, house, { siteId: row.site_id, codeId: row.id, actor: null }))
  const now = row?.state === 'issued' ? await find() : row
  return now === undefined ? null : now.state === 'used' ? 'used' : 'ended'
}

/** Ends codes and requests whose time is over. Writes only when there is one. */
export async function expireDoorCodes (house: House): Promise<void> {
  const due = await house.db.read.selectFrom('door_codes').select('id').where('state', 'in', ['waiting', 'issued']).where('expires_at', '<=', house.clock()).limit(1).executeTakeFirst()
  if (due === undefined) return
  await house.db.write(async (trx) => {
    const now = house.clock()
    for (const row of await trx.prepare(`${open} WHERE d.state IN ('waiting', 'issued') AND d.expires_at <= ? LIMIT 500`).all(now)) {
      const { id, point, controller, mode, state } = openCode(row)
      await noteReach(trx, house, id)
      await endDoorCode(trx, house, id, state === 'waiting' ? 'unanswered' : 'expired')
      house.audit.append(trx, now, { event: state === 'waiting' ? 'door.codeUnanswered' : 'door.codeExpired', accessPoint: point, controller, details: { codeId: id, mode } })
    }
  })
}

const open = `SELECT d.id, d.site_id, d.mode, d.state, d.otp_id, d.expires_at, d.access_point_id, d.controller_id, a.name AS point, a.door_mode, c.name AS controller
  FROM door_codes d JOIN access_points a ON a.id = d.access_point_id JOIN controllers c ON c.id = d.controller_id`

async function findOpen (trx: Trx, siteId: string, codeId: string): Promise<OpenCode> {
  const row = await trx.prepare(`${open} WHERE d.id = ? AND d.site_id = ?`).get(codeId, siteId)
  if (row === undefined) throw new Problem('notFound')
  return openCode(row)
}

function openCode (row: Row): OpenCode {
  return {
    id: String(row['id']), siteId: String(row['site_id']), mode: row['mode'] === 'lock' ? 'lock' : 'unlock', state: String(row['state']), way: row['door_mode'] === null ? null : String(row['door_mode']),
    otpId: row['otp_id'] === null ? null : String(row['otp_id']), expiresAt: Number(row['expires_at']),
    point: { id: String(row['access_point_id']), name: String(row['point']) }, controller: { id: String(row['controller_id']), name: String(row['controller']) }
  }
}
