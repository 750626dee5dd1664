import type { RestoreBegun, RestoreCheckForm, RestoreForm, RestoreOffer, RestoreState } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** A backup instead of the first form: apart from the client, so that only that page carries it. */
export function restoreVerbs (call: Call) {
  const restore = 'api/v1/setup/restore'
  const of = (upload: string, rest = ''): string => `${restore}/${encodeURIComponent(upload)}${rest}`
  return {
    offer: () => call<RestoreOffer>('GET', restore),
    begin: (form: RestoreForm) => call<RestoreBegun>('POST', restore, { body: form }),
    /** `from` is the `received` of the state before; the answer says from where to go on. */
    part: (upload: string, from: number, part: Blob) => call<RestoreState>('POST', of(upload, '/parts'), { query: { from }, body: part, headers: { 'content-type': 'application/octet-stream' } }),
    check: (upload: string, form: RestoreCheckForm = {}) => call<RestoreState>('POST', of(upload, '/check'), { body: form }),
    /** Refused with `alreadySetUp` when the restored server is there. */
    state: (upload: string) => call<RestoreState>('GET', of(upload))
  }
}
