import type { ProgramCode, ProgramUnlock, RemoteAnswer } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import { issueCode } from '../codes/issue.ts'
import { giveCommand, outcomeOf } from '../controllers/commands.ts'
import type { House } from '../house.ts'
import { tokenBuckets } from '../platform/budget.ts'
import type { Trx } from '../platform/db.ts'
import { isAtLeast, type KeyHolder } from '../platform/http.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'

/** A key that leaked does not open every door of a building within a second. */
const triesOf = perHouse((house: House) => tokenBuckets({ burst: 10, perSecond: 0.2, clock: house.clock }))

/**
 * A program has a lock moved. Decided as for the person who made its key, of this moment: without them, or without their role, the key
 * moves nothing. @throws Problem notFound, controllerOffline, notAllowed, tooManyTries
 */
export async function unlockByKey (house: House, key: KeyHolder, { accessPointId, reason }: ProgramUnlock): Promise<RemoteAnswer> {
  spend(house, key)
  const given = await house.db.write(async (trx) => {
    const askedBy = await answering(trx, key)
    return giveCommand(trx, house, { siteId: key.siteId, accessPointId, op: 'unlock', why: reason, askedBy, program: key.name })
  })
  return outcomeOf(house, given)
}

/** A program has a code made for somebody, who gets it by their own channel. @throws Problem as issueCode, and notAllowed, tooManyTries */
export async function issueByKey (house: House, key: KeyHolder, { accessPointId, personId, validFrom, expiresAt }: ProgramCode): Promise<{ codeId: string }> {
  spend(house, key)
  const { codeId } = await house.db.write(async (trx) => {
    const askedBy = await answering(trx, key)
    return issueCode(trx, house, { siteId: key.siteId, accessPointId, holderId: personId, askedBy, validFrom, expiresAt, deliver: true, program: key.name })
  })
  return { codeId }
}

function spend (house: House, { id }: KeyHolder): void {
  if (!triesOf(house).take(id)) throw new Problem('tooManyTries', { retryAfterSeconds: 5 })
}

/** Who answers for what a key does: whoever made it, as long as they may do it themselves. @throws Problem notAllowed */
async function answering (trx: Trx, key: KeyHolder): Promise<Named> {
  // The key is looked at once more: it may have been revoked a moment ago, by another server.
  const row = await trx.prepare('SELECT p.id, p.name, p.role FROM api_keys k JOIN people p ON p.id = k.made_by_id WHERE k.id = ? AND k.revoked_at IS NULL AND p.suspended_at IS NULL AND p.removed_at IS NULL').get(key.id)
  const role = row?.['role']
  if (row === undefined || !(role === 'owner' || role === 'admin' || role === 'operator') || !isAtLeast(role, 'operator')) throw new Problem('notAllowed', { detail: 'Who made this key may not do that any more.' })
  return { id: String(row['id']), name: String(row['name']) }
}
