import type { PushForm, PushState } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** Browsers that show one notifications: apart from the client, so that only that page carries it. */
export function pushVerbs (call: Call) {
  const push = 'api/v1/me/push'
  return {
    get: () => call<PushState>('GET', push),
    add: (form: PushForm) => call<PushState>('POST', push, { body: form }),
    remove: (id: string) => call('DELETE', `${push}/${encodeURIComponent(id)}`)
  }
}
