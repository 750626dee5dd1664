import type { Demo, DemoForm, DemoRun, DemoSettings, DemoVerdict } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** What the demo page asks for: verifications whose messages stay on the server, in a browser that keeps cookies. */
export function demoVerbs (call: Call) {
  const api = 'api/v1/demo'
  const at = (id: string, rest = ''): string => `${api}/verifications/${encodeURIComponent(id)}${rest}`
  return {
    get: () => call<Demo>('GET', api),
    /** Whether it is for everybody; for administrators. */
    change: (form: DemoSettings) => call<Demo>('PATCH', api, { body: form }),
    start: (form: DemoForm) => call<DemoRun>('POST', `${api}/verifications`, { body: form }),
    /** How it stands, with the message. */
    look: (id: string) => call<DemoRun>('GET', at(id)),
    check: (id: string, code: string) => call<DemoVerdict>('POST', at(id, '/check'), { body: { code } }),
    resend: (id: string) => call<DemoRun>('POST', at(id, '/resend'))
  }
}
