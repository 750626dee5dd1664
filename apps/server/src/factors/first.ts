import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { forgetBrowsers } from '../sessions/browsers.ts'
import { endOtherSessions } from '../sessions/sessions.ts'
import { waysOf } from './ways.ts'

/** Where somebody adds a second factor: their session, and the mark of the browser. */
export type Here = { sessionHash: string, browser: string | undefined }

/**
 * Before a person's first second factor is added: other browsers and sessions were let in without one, perhaps by whoever it is
 * meant to keep out. The browsers are forgotten, and the sessions end; returns how many.
 */
export async function distrustOthers (trx: Trx, house: House, { id, name }: Named & { id: string }, here: Here): Promise<number> {
  if ((await waysOf(trx, id)).length > 0) return 0
  await forgetBrowsers(trx, id, here.browser)
  return endOtherSessions(trx, house, { id, name }, here.sessionHash)
}
