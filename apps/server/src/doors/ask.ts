import { hash, randomBytes } from 'node:crypto'
import { readerPolicy } from '@oncekey/otp'
import type { LockMode } from '@oncekey/protocol/messages'
import type { Named } from '../audit/append.ts'
import { mayGetCodeAt } from '../codes/allowance.ts'
import type { House } from '../house.ts'
import { sendToAddress } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'
import { showApprovers, tellApprovers } from './approvers.ts'
import { receiversOf } from './recipients.ts'
import { codeMail } from './words.ts'

/** How long a code that was asked for at a door works, and how long a request waits for a yes. */
export const DOOR_CODE_MS = 120_000
const DAY_MS = 86_400_000
/** The same trouble at the same door is told to the record once in this time: strangers press as often as they like. */
const QUIET_MS = 60_000
const FULL_MS = 30_000

export type Door = { siteId: string, controller: Named, point: Named }
/** What the codes of a door are like. `drawn`: one that the door made itself. */
export type CodeKind = { purpose: string, digits: number, maxLive?: number, drawn?: string }
export type AskOrder = Door & { mode: LockMode, kind: CodeKind, /** Of a controller: a repeated one gets what the first one got. */ requestId: string | null, /** `approval`: a yes has to come first, and no code is made yet. */ way: 'mail' | 'approval' | 'opens' }

export type WhyNot = 'nobody' | 'noMail' | 'tooSoon' | 'lockedOut'
export type Asked =
  /** `isNew` false: there was a live code or request; it stays the one, and nobody is written to again. */
  | { is: 'asked', codeId: string, isNew: boolean }
  | { is: 'refused', why: WhyNot, waitMs: number }

const told = perHouse((_house: House): Map<string, number> => new Map())

/**
 * Somebody at a door asks for a code, through whatever drives it: one implementation for all of them. A live code is never
 * superseded and never sent again, or strangers could kill codes and bomb mailboxes; the budget for a door is in its rows,
 * so it holds over restarts and for several processes. Call it in a write that names the reader.
 */
export async function askForCode (trx: Trx, house: House, order: AskOrder): Promise<Asked> {
  const { siteId, controller, point, mode, requestId, way } = order
  const now = house.clock()
  const rows = await trx.prepare('SELECT id, state, request_id, created_at, expires_at FROM door_codes WHERE access_point_id = ? AND created_at > ? ORDER BY created_at DESC, id DESC LIMIT 20').all(point.id, now - DAY_MS)
  const same = rows.find((row) => requestId !== null && row['request_id'] === requestId)
  const live = rows.find((row) => isOpen(row['state']) && Number(row['expires_at']) > now)
  const known = same ?? live
  if (known !== undefined) return { is: 'asked', codeId: String(known['id']), isNew: known === same }
  const at = mayGetCodeAt(rows.map((row) => ({ createdAt: Number(row['created_at']), wasUnopened: false })), now)
  if (at > 0) return { is: 'refused', why: 'tooSoon', waitMs: at - now }
  const { lockedUntil } = await house.otp.status({ scope: controller.id, policy: readerPolicy })
  if (lockedUntil !== null) return { is: 'refused', why: 'lockedOut', waitMs: Math.max(0, lockedUntil - now) }
  if (way === 'mail') {
    const why = await whyNobody(trx, house, point.id)
    if (why !== null) return refused(trx, house, order, why)
  }
  for (const row of rows) if (isOpen(row['state'])) await endDoorCode(trx, house, String(row['id']), row['state'] === 'waiting' ? 'unanswered' : 'expired')

  const codeId = house.newId()
  await trx.sql.insertInto('door_codes').values({
    id: codeId, site_id: siteId, controller_id: controller.id, access_point_id: point.id, mode, state: 'waiting', request_id: requestId,
    otp_id: null, cancel_hash: null, reached: null, created_at: now, expires_at: now + DOOR_CODE_MS, ended_at: null
  }).execute()
  if (way !== 'mail') {
    house.audit.append(trx, now, { event: 'door.codeRequested', controller, accessPoint: point, details: { codeId, mode, waits: true, expiresAt: now + DOOR_CODE_MS } })
    await tellApprovers(trx, house, point.id)
    await showApprovers(trx, house, { siteId, point, mode, codeId, until: now + DOOR_CODE_MS })
    return { is: 'asked', codeId, isNew: true }
  }
  const of = await sendCode(trx, house, { ...order, codeId })
  if (of === 0) {
    await trx.prepare('DELETE FROM door_codes WHERE id = ?').run(codeId)
    return { is: 'refused', why: 'tooSoon', waitMs: FULL_MS }
  }
  house.audit.append(trx, now, { event: 'door.codeRequested', controller, accessPoint: point, details: { codeId, mode, of, expiresAt: now + DOOR_CODE_MS, ...order.kind.drawn !== undefined && { madeAtDoor: true } } })
  return { is: 'asked', codeId, isNew: true }
}

/** Why a code would reach nobody; null when there is somebody. */
export async function whyNobody (trx: Trx, house: House, accessPointId: string): Promise<'nobody' | 'noMail' | null> {
  if (house.config.smtpUrl === null) return 'noMail'
  return (await receiversOf(trx.sql, accessPointId)).length === 0 ? 'nobody' : null
}

/** Makes the code of a request and sends it to everybody on the door's list. @returns how many; 0: there was no room for another code */
export async function sendCode (trx: Trx, house: House, { codeId, siteId, controller, point, mode, kind }: Door & { codeId: string, mode: LockMode, kind: CodeKind }): Promise<number> {
  const issued = await house.otp.issue({ ...kind, scope: controller.id, slot: `door|${point.id}`, policy: readerPolicy, ttlMs: DOOR_CODE_MS, data: mode })
  if (!issued.issued) return 0
  const cancel = randomBytes(16).toString('base64url')
  await trx.prepare("UPDATE door_codes SET state = 'issued', otp_id = ?, cancel_hash = ?, expires_at = ? WHERE id = ?").run(issued.id, cancelHash(cancel), issued.expiresAt, codeId)
  const site = String((await trx.prepare('SELECT name FROM sites WHERE id = ?').get(siteId))?.['name'])
  const receivers = await receiversOf(trx.sql, point.id)
  const link = house.link(`/stop-code/${cancel}`)
  for (const { id, channel, address, language } of receivers) {
    const { subject, text } = codeMail[language]({ point: point.name, site, mode, digits: issued.code, link })
    await sendToAddress(trx, house, {
      channel, recipient: address, challengeId: codeId, dedupeKey: `door:${codeId}:${id}`, subject, secret: { digits: issued.code, expiresAt: issued.expiresAt, text }
    })
  }
  return receivers.length
}

/** The code, or the request, is over: no mail of it leaves any more. @returns false when it was over already */
export async function endDoorCode (trx: Trx, house: House, codeId: string, state: 'used' | 'expired' | 'cancelled' | 'refused' | 'unanswered' | 'opened'): Promise<boolean> {
  const now = house.clock()
  const row = await trx.prepare("UPDATE door_codes SET state = ?, ended_at = ? WHERE id = ? AND state IN ('waiting', 'issued') RETURNING access_point_id").get(state, now, codeId)
  if (row === undefined) return false
  await tellApprovers(trx, house, String(row['access_point_id']))
  await trx.prepare(`UPDATE outbox SET sealed = NULL, state = CASE state WHEN 'waiting' THEN 'failed' ELSE state END,
      error = CASE state WHEN 'waiting' THEN coalesce(error, 'codeEnded') ELSE error END, ended_at = coalesce(ended_at, ?)
    WHERE challenge_id = ? AND sealed IS NOT NULL`).run(now, codeId)
  return true
}

export function cancelHash (secret: string): string {
  return hash('sha256', secret)
}

function isOpen (state: unknown): boolean {
  return state === 'waiting' || state === 'issued'
}

function refused (trx: Trx, house: House, { controller, point, mode }: AskOrder, why: 'nobody' | 'noMail'): Asked {
  const now = house.clock()
  const until = told(house).get(point.id) ?? 0
  if (now >= until) {
    house.audit.append(trx, now, { event: 'door.codeRequested', controller, accessPoint: point, details: { mode, of: 0, refused: why } })
    trx.after(() => { told(house).set(point.id, now + QUIET_MS) })
  }
  return { is: 'refused', why, waitMs: 0 }
}
