import type { ImageKey, ImageKeyForm, RolloutAnswer, RolloutForm, UpdatesAnswer } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** An image has to arrive as fast as the server waits for it; its hash is looked at then. */
const uploadTimeoutMs = 60_000

/** Signed programs for controllers and their way there: apart from the client, so that only that page carries it. */
export function updateVerbs (call: Call) {
  const updates = 'api/v1/updates'
  const of = (what: 'keys' | 'images' | 'rollouts', id: string, rest = ''): string => `${updates}/${what}/${encodeURIComponent(id)}${rest}`
  return {
    get: () => call<UpdatesAnswer>('GET', updates),
    trustKey: (form: ImageKeyForm) => call<ImageKey>('POST', updates + '/keys', { body: form }),
    removeKey: (id: string) => call('DELETE', of('keys', id)),
    /** A file that `oncekey image sign` wrote. */
    upload: (file: Blob) => call<UpdatesAnswer>('POST', updates + '/images', { body: file, headers: { 'content-type': 'application/octet-stream' }, timeoutMs: uploadTimeoutMs }),
    removeImage: (id: string) => call('DELETE', of('images', id)),
    /** Null: in none. */
    setGroup: (controllerId: string, group: string | null) => call('PATCH', `api/v1/controllers/${encodeURIComponent(controllerId)}/group`, { body: { group } }),
    start: (form: RolloutForm) => call<RolloutAnswer>('POST', updates + '/rollouts', { body: form }),
    rollout: (id: string) => call<RolloutAnswer>('GET', of('rollouts', id)),
    halt: (id: string) => call('POST', of('rollouts', id, '/halt')),
    resume: (id: string) => call('POST', of('rollouts', id, '/resume')),
    end: (id: string) => call('POST', of('rollouts', id, '/end'))
  }
}
