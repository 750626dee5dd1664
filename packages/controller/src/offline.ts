import { beside, refuse } from './notice.ts'
import { settingsOf, wordsOf } from './settings.ts'
import type { Work } from './state.ts'
import { NOTICE_MS } from './times.ts'

/**
 * An entry without a session: the local policy decides at once, here. Until the controller can check codes by
 * itself the policy is to refuse. Nothing was compared, so it does not count as a wrong code: cutting the network
 * must neither lock people out nor give anybody a guess.
 */
export function enteredOffline (work: Work): void {
  const words = wordsOf(work.state)
  refuse(work, beside(settingsOf(work.state).name, words.offline), words.tryLater, NOTICE_MS)
}
