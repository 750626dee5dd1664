import { readerPolicy } from '@oncekey/otp'
import type { LockMode } from '@oncekey/protocol/messages'
import { atReader } from '../access/reader.ts'
import { noteRefusal } from '../access/verify.ts'
import { askForCode, type Asked } from '../doors/ask.ts'
import { noteReach, settledReach, type Reach } from '../doors/reach.ts'
import { findDoorCode, useDoorCode } from '../doors/typed.ts'
import type { House } from '../house.ts'
import { countToday } from '../live/counts.ts'
import { COMPAT_DIGITS } from './state.ts'
import type { OldProgram } from './tokens.ts'

/** The program gives up after ten seconds: what became of the mails is waited for so long. */
const WAIT_MS = 6_000
/** What binds these codes, beside their reader: one for an old door is none for any other keypad. */
const PURPOSE = 'compat'

/** Somebody at the door asks for a code. The weak one that the program made up is nowhere: this one comes from the engine and goes to everybody on the door's list. */
export function requestCode (house: House, door: OldProgram, mode: LockMode): Promise<Asked> {
  return house.db.write((trx) => askForCode(trx, house, { ...door, mode, requestId: null, way: 'mail', kind: { purpose: PURPOSE, digits: COMPAT_DIGITS } }), { beside: [atReader(door.controller.id)] })
}

/** How many of a code's mails the mail server has taken; waits a little for those that are on their way. */
export async function deliveriesOf (house: House, codeId: string): Promise<Reach> {
  const reach = await settledReach(house, codeId, WAIT_MS)
  await house.db.write((trx) => noteReach(trx, house, codeId))
  return reach
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
    const code = await findDoorCode(trx, verdict.id)
    if (code !== null) await useDoorCode(trx, house, code.id)
    house.audit.append(trx, now, { event: 'access.granted', controller, accessPoint: point, details: { codeId: code?.id ?? '', askedAtDoor: true, mode, assurance: 'low' } })
    if (mode === 'unlock') countToday(trx, house, siteId, 'openings')
    return mode
  }, { beside: [atReader(controller.id)] })
}
