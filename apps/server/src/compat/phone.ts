import { whoHolds } from '../api-keys/who.ts'
import { recipientKeyOf } from '../challenges/recipient.ts'
import type { House } from '../house.ts'
import { tokenBuckets } from '../platform/budget.ts'
import type { Trx } from '../platform/db.ts'
import { hasScope } from '../platform/http.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import type { addresseeOf } from '../verifications/address.ts'
import { checkCode } from '../verifications/check.ts'
import { findVerification } from '../verifications/find.ts'
import { resendCode, startVerification, type Asker } from '../verifications/start.ts'
import { isCompatOn } from './state.ts'

/** To whom a code of an old program goes. */
export type Recipient = Awaited<ReturnType<typeof addresseeOf>>

/** What codes that an old program asks for are bound to, beside their recipient: none of them is one for the API, and no budget is the API's. */
const APART = 'compat'
const DAY_MS = 86_400_000

/** A stolen key is not to fill the disk with questions. */
const questionsOf = perHouse((house: House) => tokenBuckets({ burst: 60, perSecond: 10, clock: house.clock }))

/**
 * The program that comes with this key in its address.
 * @throws Problem notFound: the key is unknown, has ended, is for something else, or old programs are not let in: all the same; tooManyTries
 */
export async function findPhoneProgram (house: House, key: string): Promise<Asker> {
  const holder = await whoHolds(house)(key)
  if (holder === null || !hasScope(holder, 'compat') || !await isCompatOn(house.db.read)) throw new Problem('notFound')
  if (!questionsOf(house).take(holder.id)) throw new Problem('tooManyTries', { retryAfterSeconds: 1 })
  return holder
}

/**
 * Sends a code to a recipient. Whoever asks again while one lives has another sent and the one before ended, with no tries
 * given back: this program knows no verification, only whom it is about.
 * @throws Problem coolingDown, tooManyTries, channelNotSetUp
 */
export async function requestPhoneCode (trx: Trx, house: House, recipient: Recipient, asker: Asker): Promise<void> {
  const now = house.clock()
  const key = keyOf(asker, recipient)
  const known = await verificationOf(trx, asker, key)
  const before = known === null ? null : await findVerification(trx, known, asker)
  if (before !== null && before.status === 'pending' && before.challenge.expiresAt > now) {
    await resendCode(trx, house, before.id, asker)
    return
  }
  const { id } = await startVerification(trx, house, { ...recipient, purpose: APART, language: null, apart: APART }, asker)
  await trx.prepare(`INSERT INTO compat_recipients (api_key_id, recipient_key, verification_id, forget_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (api_key_id, recipient_key) DO UPDATE SET verification_id = excluded.verification_id, forget_at = excluded.forget_at`).run(asker.id, key, id, now + DAY_MS)
}

/** Whether this is the newest code of this recipient; used up when it is. Only in a write that is alone, as `checkCode`. */
export async function checkPhoneCode (trx: Trx, house: House, recipient: Recipient, code: string, asker: Asker): Promise<boolean> {
  // Whoever was never sent a code is refused like everybody else, with a row in the record.
  const id = await verificationOf(trx, asker, keyOf(asker, recipient)) ?? ''
  return (await checkCode(trx, house, id, code, asker)).status === 'approved'
}

/** Forgets which verification was meant, a day later. */
export async function forgetPhoneRecipients (house: House): Promise<void> {
  const due = await house.db.read.selectFrom('compat_recipients').select('recipient_key').where('forget_at', '<=', house.clock()).limit(1).executeTakeFirst()
  if (due !== undefined) await house.db.write(async (trx) => { await trx.prepare('DELETE FROM compat_recipients WHERE forget_at <= ?').run(house.clock()) })
}

function keyOf ({ siteId }: Asker, { to }: Recipient): string {
  return recipientKeyOf(siteId, to.kind, to.address, APART)
}

async function verificationOf (trx: Trx, asker: Asker, recipientKey: string): Promise<string | null> {
  const row = await trx.prepare('SELECT verification_id FROM compat_recipients WHERE api_key_id = ? AND recipient_key = ?').get(asker.id, recipientKey)
  return row === undefined ? null : String(row['verification_id'])
}
