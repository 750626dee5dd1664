import type { ApiKeyForm, ApiKeyMade, ApiKeysAnswer, GuardFigures, GuardFiguresQuery, GuardLift, GuardSettings, GuardSettingsChange, GuardState, HealthReport, MessageLanguage, MessageTemplates, PreviewForm, RotateForm, TemplateForm, TemplatePreview, TestRecipientForm, TestRecipients, Verification, VerificationForm, VerificationVerdict, Webhook, WebhookChange, WebhookDeliveries, WebhookForm, WebhookMade, WebhooksAnswer, WhichTemplate } from '@oncekey/protocol/schemas'
import { createPageClient, type ClientOptions } from './client.ts'
import { factorVerbs } from './factors.ts'
import { mineVerbs } from './mine.ts'
import { operatorVerbs } from './operators.ts'

export type Client = ReturnType<typeof createClient>

/** Every verb of the API. */
export function createClient (options: ClientOptions = {}) {
  const client = createPageClient(options)
  const { call } = client
  const base = (options.base ?? './').replace(/\/?$/, '/')
  const operators = operatorVerbs(call, base)
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
    apiKeys: {
      list: () => call<ApiKeysAnswer>('GET', api + 'api-keys'),
      /** The answer carries the secret, once. */
      make: (form: ApiKeyForm) => call<ApiKeyMade>('POST', api + 'api-keys', { body: form }),
      /** Another secret, in the answer, once; the one before works on for the hours of grace. */
      rotate: (id: string, form: RotateForm) => call<ApiKeyMade>('POST', at('api-keys', id, '/rotate'), { body: form }),
      revoke: (id: string) => call('DELETE', at('api-keys', id))
    },
    /** Programs that are told what becomes of verifications. */
    webhooks: {
      list: () => call<WebhooksAnswer>('GET', api + 'webhooks'),
      /** The answer carries the secret, once. */
      make: (form: WebhookForm) => call<WebhookMade>('POST', api + 'webhooks', { body: form }),
      /** Other events; a pause, or its end. */
      change: (id: string, form: WebhookChange) => call<Webhook>('PATCH', at('webhooks', id), { body: form }),
      rotate: (id: string, form: RotateForm) => call<WebhookMade>('POST', at('webhooks', id, '/rotate'), { body: form }),
      remove: (id: string) => call('DELETE', at('webhooks', id)),
      /** Sends a message that says nothing. */
      test: (id: string) => call<WebhookDeliveries>('POST', at('webhooks', id, '/test')),
      /** What became of the latest messages. */
      deliveries: (id: string) => call<WebhookDeliveries>('GET', at('webhooks', id, '/deliveries')),
      /** Sends one again, under its own id. */
      replay: (deliveryId: string) => call<WebhookDeliveries>('POST', at('webhook-deliveries', deliveryId, '/replay'))
    },
    /** Recipients with a fixed code, for tests. */
    testRecipients: {
      list: () => call<TestRecipients>('GET', api + 'test-recipients'),
      add: (form: TestRecipientForm) => call<TestRecipients>('POST', api + 'test-recipients', { body: form }),
      remove: (id: string) => call('DELETE', at('test-recipients', id))
    },
    /** Does this e-mail address or phone number belong to whoever asks? By `apiKey`, from a server of yours: never from a page. */
    verifications: {
      /** Sends a code. The same `idempotencyKey` makes a repeated call harmless, here and in `check`. */
      start: (form: VerificationForm, { idempotencyKey }: { idempotencyKey?: string } = {}) => call<Verification>('POST', api + 'verifications', { body: form, ...byKey(idempotencyKey) }),
      check: (id: string, code: string, { idempotencyKey }: { idempotencyKey?: string } = {}) => call<VerificationVerdict>('POST', at('verifications', id, '/check'), { body: { code }, ...byKey(idempotencyKey) }),
      resend: (id: string) => call<Verification>('POST', at('verifications', id, '/resend'), byKey()),
      get: (id: string) => call<Verification>('GET', at('verifications', id), byKey()),
      cancel: (id: string) => call<Verification>('POST', at('verifications', id, '/cancel'), byKey())
    },
    /** The words that codes are sent in; for administrators. */
    templates: {
      list: () => call<MessageTemplates>('GET', api + 'message-templates'),
      change: (form: TemplateForm) => call<MessageTemplates>('PATCH', api + 'message-templates', { body: form }),
      reset: (which: WhichTemplate) => call<MessageTemplates>('POST', api + 'message-templates/reset', { body: which }),
      /** Of words that are given, else of those in use. */
      preview: (form: PreviewForm) => call<TemplatePreview>('POST', api + 'message-templates/preview', { body: form }),
      /** For programs that name no language. */
      chooseLanguage: (language: MessageLanguage) => call<MessageTemplates>('POST', api + 'message-templates/language', { body: { language } })
    },
    /** What keeps messages from going where nobody types a code in. */
    guard: {
      get: () => call<GuardState>('GET', api + 'guard'),
      /** Of the last 24 hours unless told. */
      figures: (query: GuardFiguresQuery = {}) => call<GuardFigures>('GET', api + 'guard/figures', { query }),
      change: (form: GuardSettingsChange) => call<GuardSettings>('PATCH', api + 'guard/settings', { body: form }),
      lift: (blockId: string, form: GuardLift) => call('POST', at('guard/blocks', blockId, '/lift'), { body: form })
    },
    /** Also answers, with 503, when something fails. */
    health: () => call<HealthReport>('GET', 'health', { alsoFine: 503 })
  }
}
