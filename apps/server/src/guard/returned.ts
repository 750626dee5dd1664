import type { House } from '../house.ts'
import { NEVER } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'
import { giveBack } from './decide.ts'
import { keepPurse, keptTexts } from './kept.ts'
import { letterOf, pursesIn, subjectsIn } from './rows.ts'

/**
 * Gives the coin of a verification's newest code back when none of its messages can have left: the gateway was away, or said
 * "later", at every try. Whoever is sent to has no say in that: a receipt that tells of a phone which is off, a number that a
 * gateway refuses, and a try without an answer keep their coin. The cap of the day counts it all the same.
 *
 * Once for each code: call it where its last message is given up (`isGivenUp`), or before what still waits is wiped.
 */
export async function guardReturned (trx: Trx, house: House, verificationId: string, { isGivenUp = false }: { isGivenUp?: boolean } = {}): Promise<void> {
  const now = house.clock()
  const messages = await trx.prepare('SELECT state, next_at, unsure, created_at FROM outbox WHERE verification_id = ? AND created_at = (SELECT max(created_at) FROM outbox WHERE verification_id = ?)').all(verificationId, verificationId)
  // What stands by has not had its turn.
  const isUndecided = messages.some((one) => one['state'] === 'waiting' && Number(one['next_at']) < NEVER)
  if (isUndecided === isGivenUp || messages.some((one) => one['state'] === 'sent' || Number(one['unsure']) > 0)) return
  const row = await trx.prepare('SELECT subjects, took FROM guard_sends WHERE verification_id = ?').get(verificationId)
  const took = String(row?.['took'] ?? '')
  if (row === undefined || took === '') return
  const subjects = subjectsIn(String(row['subjects']))
  const purses = pursesIn(subjects, await keptTexts(trx, subjects.map(({ name }) => name)))
  const changes = giveBack(purses, subjects, took.endsWith(letterOf.own) ? 'own' : 'others', Number(messages[0]?.['created_at']), now)
  for (const change of changes) keepPurse(trx, change)
  await trx.prepare('UPDATE guard_sends SET took = ? WHERE verification_id = ?').run(took.slice(0, -1), verificationId)
  // They are looked at within a minute, and ended with a row in the record.
  for (const { purse: { blockId, shutUntil, coins } } of changes) if (blockId !== null && shutUntil <= now && coins >= 1) await trx.prepare('UPDATE guard_blocks SET until = ? WHERE id = ? AND until > ?').run(now, blockId, now)
}
