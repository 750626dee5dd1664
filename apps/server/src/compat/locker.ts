import { readerPolicy } from '@oncekey/otp'
import type { LockState } from '@oncekey/protocol/messages'
import { atReader } from '../access/reader.ts'
import { noteRefusal } from '../access/verify.ts'
import { endCode, endingCodes } from '../codes/end.ts'
import { grantOfCode, useGrant } from '../grants/use.ts'
import type { House } from '../house.ts'
import { countToday } from '../live/counts.ts'
import { tellStates } from '../live/states.ts'
import { channelFault } from '../notify/channel.ts'
import type { OldProgram } from './tokens.ts'

/** A code that the program at a locker compares by itself. */
export const LOCKER_CODE_MS = 120_000
const DEVICE_MS = 5_000

/** Calls the program at a locker. It answers what it likes; only that it did counts. @returns what went wrong, null: nothing */
async function call (deviceUrl: string, path: string): Promise<string | null> {
  try {
    const answer = await fetch(`${deviceUrl}/${path}`, { signal: AbortSignal.timeout(DEVICE_MS), redirect: 'manual' })
    await answer.body?.cancel()
    return answer.ok ? null : `HTTP ${answer.status}`
  } catch (error) {
    return channelFault(error instanceof Error && error.cause !== undefined ? error.cause : error)
  }
}

/** Tells the program the code that it is to take; the record has it when that failed. Call it after the commit. */
export async function giveToLocker (house: House, deviceUrl: string, { codeId, digits, holder, accessPoint }: { codeId: string, digits: string, holder: { id: string, name: string }, accessPoint: { id: string, name: string } }): Promise<void> {
  const fault = await call(deviceUrl, `receive_otp?otp=${digits}`)
  if (fault === null) return
  await house.db.write(async (trx) => {
    house.audit.append(trx, house.clock(), { event: 'code.deliveryFailed', subject: holder, accessPoint, details: { codeId, to: 'old locker program', fault } })
  })
}

/** Blocks the keypad of the program, or frees it. */
export async function blockLocker (house: House, deviceUrl: string, action: 'block' | 'unblock'): Promise<void> {
  const fault = await call(deviceUrl, `block_unlock?action=${action}`)
  if (fault !== null) house.log.warn('an old locker program could not be told', { action, fault })
}

const words: Readonly<Record<string, LockState>> = { opened: 'unlocked', open: 'unlocked', unlocked: 'unlocked', unlock: 'unlocked', closed: 'locked', close: 'locked', locked: 'locked', lock: 'locked' }

/** The program says how the locker is: what it claims becomes the state that pages show, and ends the code that it opened by. @returns false for a word that says nothing */
export async function lockerReports (house: House, { controller, point, siteId }: OldProgram, status: string): Promise<boolean> {
  const lockState = words[status.toLowerCase()]
  if (lockState === undefined) return false
  await house.db.write(async (trx) => {
    const now = house.clock()
    const row = await trx.prepare("SELECT otp_id FROM codes WHERE controller_id = ? AND state = 'issued' AND expires_at > ? ORDER BY created_at DESC LIMIT 1").get(controller.id, now)
    const [code] = lockState === 'unlocked' && row !== undefined ? await endingCodes(trx, [String(row['otp_id'])]) : []
    const before = await trx.prepare('SELECT lock_state FROM access_point_states WHERE access_point_id = ?').get(point.id)
    // It says so again and again: what is known is not written once more.
    if (code === undefined && before?.['lock_state'] === lockState) return
    await trx.prepare(`INSERT INTO access_point_states (access_point_id, lock_state, door_state, millivolts, reported_at, last_opened_at, last_opened_by) VALUES (?, ?, 'unknown', 0, ?, ?, ?)
      ON CONFLICT (access_point_id) DO UPDATE SET lock_state = excluded.lock_state, reported_at = excluded.reported_at,
        last_opened_at = coalesce(excluded.last_opened_at, access_point_states.last_opened_at), last_opened_by = coalesce(excluded.last_opened_by, access_point_states.last_opened_by)`)
      .run(point.id, lockState, now, lockState === 'unlocked' ? now : null, code?.holder.name ?? null)
    if (code !== undefined && row !== undefined) {
      await house.otp.revoke({ scope: controller.id, id: String(row['otp_id']) })
      await endCode(trx, house, code, 'used')
      await useGrant(trx, await grantOfCode(trx, code.id))
      await trx.prepare('UPDATE codes SET opened_at = ? WHERE id = ?').run(now, code.id)
    }
    if (lockState === 'unlocked') countToday(trx, house, siteId, 'openings')
    house.audit.append(trx, now, {
      event: 'lock.actuated', controller, accessPoint: point, actor: code?.holder ?? null, details: { mode: lockState === 'unlocked' ? 'unlock' : 'lock', source: 'keypad', lockState, assurance: 'low' }
    })
    trx.after(() => { tellStates(house, { accessPointIds: [point.id] }).catch((error: unknown) => { house.log.error('a state could not be told', { error }) }) })
  }, { beside: [atReader(controller.id)] })
  return true
}

/** The program saw three wrong codes: they count like those of every keypad, so that its waits double, and administrators are told. */
export async function lockerBlocked (house: House, { controller, deviceUrl }: OldProgram): Promise<void> {
  const lockoutMs = await house.db.write(async (trx) => {
    const scope = { scope: controller.id, policy: readerPolicy }
    if ((await house.otp.status(scope)).locked) return 0
    for (let tries = 1; tries < readerPolicy.triesInARow; tries++) await house.otp.count({ ...scope, granted: false })
    const last = await house.otp.count({ ...scope, granted: false })
    if (last.admitted || last.lockedUntil === null) return 0
    const { lockedUntil, resting } = last
    const lockoutMs = lockedUntil - house.clock()
    await noteRefusal(trx, house, { controller, requestId: house.newId(), lock: 0, digits: '' }, { granted: false, reason: 'wrong', id: null, slot: null, data: null, triesLeft: 0, lockedUntil, resting, lockoutStarted: true, lockoutMs }, null)
    return lockoutMs
  }, { beside: [atReader(controller.id)] })
  if (lockoutMs === 0 || deviceUrl === null) return
  await blockLocker(house, deviceUrl, 'block')
  // The program knows two minutes and no more. Lost with a restart: then an operator frees it, with a reason.
  setTimeout(() => { void blockLocker(house, deviceUrl, 'unblock') }, lockoutMs).unref()
}

/** What the program says of its block; for the record. */
export function lockerSaysBlocked (house: House, { controller, point }: OldProgram, status: string): Promise<void> {
  return house.db.write(async (trx) => {
    house.audit.append(trx, house.clock(), { event: 'compat.reported', controller, accessPoint: point, details: { blocked: status } })
  }, { beside: [atReader(controller.id)] })
}
