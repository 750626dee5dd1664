import type { Trx } from '../platform/db.ts'

/**
 * Wipes the sealed texts of codes that are used, expired, revoked or superseded: mails that did not leave yet stay here,
 * and inbox messages say that the code is gone. Call it after the codes' own rows have been ended.
 */
export async function wipeCode (trx: Trx, codeIds: readonly string[]): Promise<void> {
  const mail = trx.prepare(`UPDATE outbox SET sealed = NULL, state = CASE state WHEN 'waiting' THEN 'failed' ELSE state END,
      error = CASE state WHEN 'waiting' THEN 'codeEnded' ELSE error END,
      ended_at = coalesce(ended_at, (SELECT coalesce(c.ended_at, c.expires_at) FROM codes c WHERE c.id = code_id))
    WHERE code_id = ? AND sealed IS NOT NULL`)
  const inbox = trx.prepare(`UPDATE inbox SET sealed = NULL, gone_at = (SELECT coalesce(c.ended_at, c.expires_at) FROM codes c WHERE c.id = code_id)
    WHERE code_id = ? AND gone_at IS NULL`)
  for (const id of codeIds) {
    await mail.run(id)
    await inbox.run(id)
  }
}

/** Wipes the sealed texts of a verification whose code was used, replaced, or ended otherwise. */
export async function wipeVerification (trx: Trx, verificationId: string, now: number): Promise<void> {
  await trx.prepare(`UPDATE outbox SET sealed = NULL, state = CASE state WHEN 'waiting' THEN 'failed' ELSE state END,
      error = CASE state WHEN 'waiting' THEN 'codeEnded' ELSE error END, ended_at = coalesce(ended_at, ?)
    WHERE verification_id = ? AND sealed IS NOT NULL`).run(now, verificationId)
}

/** The same for a challenge. */
export async function wipeChallenge (trx: Trx, challengeId: string, now: number): Promise<void> {
  await trx.prepare(`UPDATE outbox SET sealed = NULL, state = CASE state WHEN 'waiting' THEN 'failed' ELSE state END,
      error = CASE state WHEN 'waiting' THEN 'codeEnded' ELSE error END, ended_at = coalesce(ended_at, ?)
    WHERE challenge_id = ? AND sealed IS NOT NULL`).run(now, challengeId)
}

/** Everything that waits for, or was told to, a removed person. */
export async function forgetMessages (trx: Trx, now: number, personId: string): Promise<void> {
  await trx.prepare("UPDATE outbox SET sealed = NULL, text = NULL, state = 'failed', error = 'personRemoved', ended_at = ? WHERE person_id = ? AND state = 'waiting'").run(now, personId)
  await trx.prepare('DELETE FROM inbox WHERE person_id = ?').run(personId)
}
