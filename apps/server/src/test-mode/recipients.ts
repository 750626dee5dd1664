import type { TestRecipientForm, TestRecipients } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import { recipientKeyOf } from '../challenges/recipient.ts'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import type { Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'

/** Nobody forgets a back door for longer. */
const LONGEST_MS = 30 * 86_400_000
const MOST_OF_SITE = 100

/** A code that one recipient always has, until when. */
export type FixedCode = { code: string, expiresAt: number }

/**
 * Gives a recipient a fixed code: nothing is sent to it until `expiresAt`, and its verifications are marked. All budgets count.
 * At rest the code is sealed; no list and no record has it. `to`: an address, or a number in E.164.
 * @throws Problem testModeOff, badRequest (an end that is over, or more than 30 days ahead), alreadyExists, inUse
 */
export async function addTestRecipient (trx: Trx, house: House, { to, code, expiresAt }: TestRecipientForm, { siteId, actor }: { siteId: string, actor: Named }): Promise<{ id: string }> {
  if (!house.config.testRecipients) throw new Problem('testModeOff')
  const now = house.clock()
  if (expiresAt <= now || expiresAt > now + LONGEST_MS) throw new Problem('badRequest', { errors: [{ field: 'expiresAt', needs: inAll((needs) => needs.within30Days) }] })
  const key = keyOf(siteId, to)
  await trx.prepare('DELETE FROM test_recipients WHERE recipient_key = ? AND expires_at <= ?').run(key, now)
  const all = await trx.prepare('SELECT count(*) AS count FROM test_recipients WHERE site_id = ?').get(siteId)
  if (Number(all?.['count']) >= MOST_OF_SITE) throw new Problem('inUse', { detail: `There are ${MOST_OF_SITE} test recipients already.` })
  const id = house.newId()
  const { changes } = await trx.prepare('INSERT INTO test_recipients (id, site_id, recipient, recipient_key, code_sealed, made_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (recipient_key) DO NOTHING')
    .run(id, siteId, to, key, house.seal.close(code, bindingOf(id)), actor.name, now, expiresAt)
  if (changes === 0) throw new Problem('alreadyExists')
  house.audit.append(trx, now, { event: 'testRecipient.added', actor, subject: { id: null, name: maskAddress(to) }, details: { testRecipientId: id, expiresAt } })
  return { id }
}

/** From this moment its code is none. @throws Problem notFound */
export async function removeTestRecipient (trx: Trx, house: House, { id, siteId }: { id: string, siteId: string }, actor: Named): Promise<void> {
  const row = await trx.prepare('DELETE FROM test_recipients WHERE id = ? AND site_id = ? RETURNING recipient').get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  house.audit.append(trx, house.clock(), { event: 'testRecipient.removed', actor, subject: { id: null, name: maskAddress(String(row['recipient'])) }, details: { testRecipientId: id } })
}

/** The fixed code of a recipient; null for everybody who is not a test recipient now. Costs nothing where there may be none. */
export async function fixedCodeOf (trx: Trx, house: House, siteId: string, to: string): Promise<FixedCode | null> {
  if (!house.config.testRecipients) return null
  const row = await trx.prepare('SELECT id, code_sealed, expires_at FROM test_recipients WHERE recipient_key = ? AND expires_at > ?').get(keyOf(siteId, to), house.clock())
  return row === undefined ? null : { code: house.seal.open(String(row['code_sealed']), bindingOf(String(row['id']))), expiresAt: Number(row['expires_at']) }
}

/** Whether a test that began at `startedAt` may still be approved: its recipient was one then, is one now, and the server may have some. */
export async function isStillTested (trx: Trx, house: House, siteId: string, to: string, startedAt: number): Promise<boolean> {
  return house.config.testRecipients && await trx.prepare('SELECT 1 AS one FROM test_recipients WHERE recipient_key = ? AND expires_at > ? AND created_at <= ?').get(keyOf(siteId, to), house.clock(), startedAt) !== undefined
}

/** Those of a site that have not expired, the newest first. */
export async function findTestRecipients (house: House, siteId: string): Promise<TestRecipients> {
  const rows = await house.db.read.selectFrom('test_recipients').select(['id', 'recipient', 'made_by', 'created_at', 'expires_at']).where('site_id', '=', siteId).where('expires_at', '>', house.clock()).orderBy('created_at', 'desc').orderBy('id', 'desc').execute()
  return { isAllowed: house.config.testRecipients, recipients: rows.map((row) => ({ id: row.id, to: row.recipient, madeBy: row.made_by, createdAt: row.created_at, expiresAt: row.expires_at })) }
}

/** Forgets those that have expired. Writes only when there is one. */
export async function forgetTestRecipients (house: House): Promise<void> {
  const due = await house.db.read.selectFrom('test_recipients').select('id').where('expires_at', '<=', house.clock()).limit(1).executeTakeFirst()
  if (due !== undefined) await house.db.write(async (trx) => { await trx.prepare('DELETE FROM test_recipients WHERE expires_at <= ?').run(house.clock()) })
}

/** Who it is, whatever the spelling and the way. */
function keyOf (siteId: string, to: string): string {
  return recipientKeyOf(siteId, to.includes('@') ? 'email' : 'phone', to, 'test')
}

function bindingOf (id: string): string {
  return `testRecipient:${id}`
}
