import type { Trx } from '../platform/db.ts'
import { forgetBrowsers } from '../sessions/browsers.ts'
import { waysOf } from './ways.ts'

/** Where somebody adds a second factor: their session, and the mark of the browser. */
export type Here = { sessionHash: string, browser: string | undefined }

/**
 * Before a person's first second factor is added: other browsers and sessions were let in without one, perhaps by whoever it is
 * meant to keep out. The browsers are forgotten, and the sessions are asked before what is dangerous.
 */
export async function distrustOthers (trx: Trx, personId: string, here: Here): Promise<void> {
  if ((await waysOf(trx, personId)).length > 0) return
  await forgetBrowsers(trx, personId, here.browser)
  await trx.prepare('UPDATE sessions SET proven_at = 0 WHERE person_id = ? AND token_hash <> ?').run(personId, here.sessionHash)
}
