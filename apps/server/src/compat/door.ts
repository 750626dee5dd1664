import { readerPolicy } from '@oncekey/otp'
import type { LockMode } from '@oncekey/protocol/messages'
import { atReader } from '../access/reader.ts'
import { noteRefusal } from '../access/verify.ts'
import { mayGetCodeAt } from '../codes/allowance.ts'
import { receiversOf, type Receiver } from '../doors/recipients.ts'
import type { House } from '../house.ts'
import { countToday } from '../live/counts.ts'
import { sendToAddress } from '../notify/send.ts'
import { wipeChallenge } from '../notify/wipe.ts'
import type { Trx } from '../platform/db.ts'
import { COMPAT_DIGITS } from './state.ts'
import type { OldProgram } from './tokens.ts'

/** A code that was asked for at the door. */
const CODE_MS = 120_000
/** The program gives up after ten seconds: what became of the mails is waited for so long. */
const WAIT_MS = 6_000
const LOOK_MS = 100
/** What binds these codes, beside their reader: one for an old door is none for any other keypad. */
const PURPOSE = 'compat'
const DAY_MS = 86_400_000

export type Requested =
  | { is: 'sent', codeId: string, of: number }
  /** There is a live code: it stays the one, and nobody is written to again. */
  | { is: 'alreadySent' }
  | { is: 'refused', why: 'nobody' | 'noMail' | 'tooSoon' | 'lockedOut' }

/**
 * Somebody at the door asks for a code. The weak one that the program made up is nowhere: this one comes from the engine
 * and goes to everybody on the door's list. A live code is never superseded, or strangers could kill codes and bomb mailboxes.
 */
export function requestCode (house: House, { controller, point, siteId }: OldProgram, mode: LockMode): Promise<Requested> {
  return house.db.write(async (trx): Promise<Requested> => {
    const now = house.clock()
    const refused = (why: Extract<Requested, { is: 'refused' }>['why']): Requested => {
      house.audit.append(trx, now, { event: 'door.codeRequested', controller, accessPoint: point, details: { mode, sent: 0, of: 0, refused: why } })
      return { is: 'refused', why }
    }
    const asked = await trx.prepare('SELECT id, state, created_at, expires_at FROM compat_codes WHERE controller_id = ? AND created_at > ? ORDER BY created_at DESC, id DESC LIMIT 20').all(controller.id, now - DAY_MS)
    if (asked.some((row) => row['state'] === 'issued' && Number(row['expires_at']) > now)) return { is: 'alreadySent' }
    if (mayGetCodeAt(asked.map((row) => ({ createdAt: Number(row['created_at']), wasUnopened: false })), now) > 0) return { is: 'refused', why: 'tooSoon' }
    if ((await house.otp.status({ scope: controller.id, policy: readerPolicy })).locked) return { is: 'refused', why: 'lockedOut' }
    if (house.config.smtpUrl === null) return refused('noMail')
    const receivers = await receiversOf(trx.sql, point.id)
    if (receivers.length === 0) return refused('nobody')
    const issued = await house.otp.issue({ purpose: PURPOSE, scope: controller.id, slot: `compat|${point.id}`, policy: readerPolicy, digits: COMPAT_DIGITS, ttlMs: CODE_MS, data: mode })
    if (!issued.issued) return refused('tooSoon')
    const codeId = house.newId()
    await trx.prepare("UPDATE compat_codes SET state = 'ended', ended_at = expires_at WHERE controller_id = ? AND state = 'issued'").run(controller.id)
    await trx.prepare("INSERT INTO compat_codes (id, controller_id, access_point_id, mode, state, otp_id, created_at, expires_at, ended_at) VALUES (?, ?, ?, ?, 'issued', ?, ?, ?, NULL)")
      .run(codeId, controller.id, point.id, mode, issued.id, now, issued.expiresAt)
    for (const receiver of receivers) await mail(trx, house, { codeId, receiver, mode, point: point.name, siteId, digits: issued.code, expiresAt: issued.expiresAt })
    house.audit.append(trx, now, { event: 'door.codeRequested', controller, accessPoint: point, details: { codeId, mode, sent: receivers.length, of: receivers.length, expiresAt: issued.expiresAt } })
    return { is: 'sent', codeId, of: receivers.length }
  }, { beside: [atReader(controller.id)] })
}

async function mail (trx: Trx, house: House, { codeId, receiver, mode, point, siteId, digits, expiresAt }: { codeId: string, receiver: Receiver, mode: LockMode, point: string, siteId: string, digits: string, expiresAt: number }): Promise<void> {
  const site = String((await trx.prepare('SELECT name FROM sites WHERE id = ?').get(siteId))?.['name'])
  await sendToAddress(trx, house, {
    channel: receiver.channel, recipient: receiver.address, challengeId: codeId, dedupeKey: `door:${codeId}:${receiver.id}`, subject: `Code for ${point}`,
    secret: { digits, expiresAt, text: `Somebody at ${point} (${site}) wants to ${mode} it. The code is ${digits}\nIt works there once, within 2 minutes. If you do not expect anybody, give it to nobody: without it the door stays as it is.` }
  })
}

/** How many of a code's mails the mail server has taken; waits a little for those that are on their way. */
export async function deliveriesOf (house: House, codeId: string, waitMs: number = WAIT_MS): Promise<{ sent: number, of: number }> {
  const until = performance.now() + waitMs
  for (;;) {
    const rows = await house.db.read.selectFrom('outbox').select(['state', 'error']).where('challenge_id', '=', codeId).execute()
    // One that failed once is tried again, but not within the time that the program waits.
    const isOpen = rows.some((row) => row.state === 'waiting' && row.error === null)
    if (!isOpen || performance.now() >= until) return { sent: rows.filter((row) => row.state === 'sent').length, of: rows.length }
    await new Promise((resolve) => { setTimeout(resolve, LOOK_MS) })
  }
}

/** What was typed at the door: used up when it is right. Budget, lockout and record are those of every keypad. @returns what the bolt is to do; null: nothing */
export function verifyCode (house: House, { controller, point, siteId }: OldProgram, typed: string): Promise<LockMode | null> {
  return house.db.write(async (trx): Promise<LockMode | null> => {
    const now = house.clock()
    const verdict = await house.otp.verify({ purpose: PURPOSE, scope: controller.id, policy: readerPolicy, code: typed })
    if (!verdict.granted) {
      await noteRefusal(trx, house, { controller, requestId: house.newId(), lock: 0, digits: '' }, verdict, null)
      return null
    }
    const mode = verdict.data === 'lock' ? 'lock' : 'unlock'
    const code = await trx.prepare("UPDATE compat_codes SET state = 'used', ended_at = ? WHERE otp_id = ? RETURNING id").get(now, verdict.id)
    if (code !== undefined) await wipeChallenge(trx, String(code['id']), now)
    house.audit.append(trx, now, { event: 'access.granted', controller, accessPoint: point, details: { codeId: String(code?.['id'] ?? ''), mode, assurance: 'low' } })
    if (mode === 'unlock') countToday(trx, house, siteId, 'openings')
    return mode
  }, { beside: [atReader(controller.id)] })
}
