import type { GuardFigures, GuardFiguresQuery, GuardLift, GuardSettings, GuardSettingsChange, GuardState, VerificationCourse, VerificationsAnswer, VerificationsQuery } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** What the page of verifications asks for: apart from the client, so that no other page carries it. */
export function guardVerbs (call: Call) {
  const api = 'api/v1/'
  return {
    verificationLog: {
      /** A page, the newest first; `before` is the `next` of the one above. Addresses are masked. */
      page: (query: VerificationsQuery = {}) => call<VerificationsAnswer>('GET', api + 'verifications', { query }),
      /** Each message of one, and what became of it. */
      course: (id: string) => call<VerificationCourse>('GET', `${api}verifications/${encodeURIComponent(id)}/course`)
    },
    guard: {
      get: () => call<GuardState>('GET', api + 'guard'),
      /** Of the last 24 hours unless told. */
      figures: (query: GuardFiguresQuery = {}) => call<GuardFigures>('GET', api + 'guard/figures', { query }),
      change: (form: GuardSettingsChange) => call<GuardSettings>('PATCH', api + 'guard/settings', { body: form }),
      lift: (blockId: string, form: GuardLift) => call('POST', `${api}guard/blocks/${encodeURIComponent(blockId)}/lift`, { body: form })
    }
  }
}
