import { alarmVerbs } from './alarms.ts'
import type { HealthReport, ProgramCode, ProgramCodeMade, ProgramUnlock, RecordPage, RecordQuery, RemoteAnswer, Verification, VerificationForm, VerificationVerdict } from '@oncekey/protocol/schemas'
import { backupVerbs } from './backups.ts'
import { cameraVerbs } from './cameras.ts'
import { settingVerbs } from './settings.ts'
import { insightVerbs } from './insights.ts'
import { createPageClient, type ClientOptions } from './client.ts'
import { demoVerbs } from './demo.ts'
import { developerVerbs } from './developers.ts'
import { explainVerbs } from './explain.ts'
import { factorVerbs } from './factors.ts'
import { guardVerbs } from './guard.ts'
import { mineVerbs } from './mine.ts'
import { operatorVerbs } from './operators.ts'
import { contactVerbs, conversationVerbs } from './support.ts'
import { standingOrderVerbs } from './standing-orders.ts'
import { pushVerbs } from './push.ts'

export type Client = ReturnType<typeof createClient>

/** Every verb of the API. */
export function createClient (options: ClientOptions = {}) {
  const client = createPageClient(options)
  const { call } = client
  const base = (options.base ?? './').replace(/\/?$/, '/')
  const operators = operatorVerbs(call)
  const api = 'api/v1/'
  /** Headers of a call by a key that may be repeated. */
  const byKey = (idempotencyKey?: string): { headers: Record<string, string> } => ({
    headers: { ...(options.apiKey !== undefined && { authorization: `Bearer ${options.apiKey}` }), ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }) }
  })
  const at = (folder: string, id: string, rest = ''): string => api + folder + '/' + encodeURIComponent(id) + rest

  return {
    ...client,
    ...operators,
    registration: { ...client.registration, ...operators.registration },
    me: { ...client.me, ...mineVerbs(call) },
    places: { ...client.places, ...operators.places },
    factors: factorVerbs(call),
    alarms: alarmVerbs(call),
    push: pushVerbs(call),
    backups: backupVerbs(call, base),
    cameras: cameraVerbs(call, base),
    settings: settingVerbs(call),
    insights: insightVerbs(call, base),
    contact: contactVerbs(call),
    conversations: conversationVerbs(call),
    standingOrders: standingOrderVerbs(call),
    demo: demoVerbs(call),
    ...developerVerbs(call),
    /** Does this e-mail address or phone number belong to whoever asks? By `apiKey`, from a server of yours: never from a page. */
    verifications: {
      /** Sends a code. The same `idempotencyKey` makes a repeated call harmless, here and in `check`. */
      start: (form: VerificationForm, { idempotencyKey }: { idempotencyKey?: string } = {}) => call<Verification>('POST', api + 'verifications', { body: form, ...byKey(idempotencyKey) }),
      check: (id: string, code: string, { idempotencyKey }: { idempotencyKey?: string } = {}) => call<VerificationVerdict>('POST', at('verifications', id, '/check'), { body: { code }, ...byKey(idempotencyKey) }),
      resend: (id: string) => call<Verification>('POST', at('verifications', id, '/resend'), byKey()),
      get: (id: string) => call<Verification>('GET', at('verifications', id), byKey()),
      cancel: (id: string) => call<Verification>('POST', at('verifications', id, '/cancel'), byKey())
    },
    /** Doors, by `apiKey`, in the name of who made the key. */
    programs: {
      /** What happened after a number of the record, the oldest first. */
      record: ({ after = 0, limit = 100 }: RecordQuery = {}) => call<RecordPage>('GET', `${api}programs/record?after=${after}&limit=${limit}`, byKey()),
      unlock: (form: ProgramUnlock) => call<RemoteAnswer>('POST', api + 'programs/unlocks', { body: form, ...byKey() }),
      /** It goes to the person; its digits are not in the answer. */
      makeCode: (form: ProgramCode) => call<ProgramCodeMade>('POST', api + 'programs/codes', { body: form, ...byKey() })
    },
    /** Verifications as people who work here see them, and what keeps messages from going where nobody types a code in. */
    ...guardVerbs(call),
    /** Who can open what, when, and why not. */
    ...explainVerbs(call),
    /** Also answers, with 503, when something fails. */
    health: () => call<HealthReport>('GET', 'health', { alsoFine: 503 })
  }
}
