import { Type, type Static } from 'typebox'
import { Id, Moment, NullableMoment, words } from './common.ts'
import { VerificationId } from './verifications.ts'

/**
 * What other programs are told about verifications, and when: `sent`: a gateway or mail server took the message; `delivered`:
 * it says that the phone has it (mail never says so); `failed`: it was given up; `verified`: the right code came. And of doors: what they
 * did, what became of codes, alarms of the record, and controllers that come and go.
 */
export const WebhookEvent = words('verification.sent', 'verification.delivered', 'verification.failed', 'verification.verified', 'verification.expired', 'verification.blocked', 'verification.cancelled',
  'access.opened', 'access.refused', 'keypad.lockedOut', 'alarm.raised', 'controller.online', 'controller.offline', 'code.issued', 'code.used', 'code.expired')
export type WebhookEvent = Static<typeof WebhookEvent>
const WebhookEvents = Type.Array(WebhookEvent, { minItems: 1, maxItems: 16, uniqueItems: true })

/** POST /api/v1/webhooks */
export const WebhookForm = Type.Object({
  url: Type.String({ minLength: 1, maxLength: 2000, description: 'https://…; http and addresses of networks of one\'s own only where the operator named them (ONCEKEY_WEBHOOK_NETWORKS)' }),
  events: Type.Optional(WebhookEvents)
})
export type WebhookForm = Static<typeof WebhookForm>
/** PATCH /api/v1/webhooks/{id}. Another address is another webhook. `eventsBefore`: those that were seen; whoever is the second to choose others is told. */
export const WebhookChange = Type.Object({ events: Type.Optional(WebhookEvents), eventsBefore: Type.Optional(WebhookEvents), isPaused: Type.Optional(Type.Boolean({ description: 'true: nothing leaves, and what happens is kept for three days; false: it goes on' })) })
export type WebhookChange = Static<typeof WebhookChange>

/** A webhook as it is listed: never its secret. */
export const Webhook = Type.Object({
  id: Id, url: Type.String(), events: Type.Array(WebhookEvent), madeBy: Type.String(), createdAt: Moment,
  pausedAt: NullableMoment, pausedBecause: Type.Union([words('asked', 'failing', 'gone'), Type.Null()], { description: 'asked: by somebody; failing: for a day, without one success; gone: it answered 410' }),
  failingSince: Type.Union([Moment, Type.Null()], { description: 'of the first failure since the last success' }),
  previousUntil: Type.Union([Moment, Type.Null()], { description: 'until when messages are signed with the secret before, too' }),
  last: Type.Union([Type.Object({ at: Moment, state: words('waiting', 'delivered', 'failed'), status: Type.Union([Type.Integer(), Type.Null()]), fault: Type.Union([Type.String(), Type.Null()]) }), Type.Null()], { description: 'what became of the newest message that was tried; null: there is none' })
})
export type Webhook = Static<typeof Webhook>
/** The only answer that carries the secret, once. */
export const WebhookMade = Type.Object({ webhook: Webhook, secret: Type.String({ description: 'whsec_…, shown once: by it the receiver knows that a message is ours' }) })
export type WebhookMade = Static<typeof WebhookMade>
export const WebhooksAnswer = Type.Object({ webhooks: Type.Array(Webhook) })
export type WebhooksAnswer = Static<typeof WebhooksAnswer>

/** What became of one message to a webhook. */
export const WebhookDelivery = Type.Object({
  id: Type.String({ description: 'the webhook-id that the receiver sees, the same at every try' }), event: Type.Union([WebhookEvent, Type.Literal('webhook.test')]),
  verificationId: Type.Union([VerificationId, Type.Null()]), state: words('waiting', 'delivered', 'failed'),
  attempts: Type.Integer(), status: Type.Union([Type.Integer(), Type.Null()], { description: 'of the last answer' }),
  fault: Type.Union([Type.String(), Type.Null()], { description: 'why the last try failed, in a word' }),
  createdAt: Moment, nextAt: NullableMoment, endedAt: NullableMoment
})
export type WebhookDelivery = Static<typeof WebhookDelivery>
/** The latest 100, the newest first. */
export const WebhookDeliveries = Type.Object({ deliveries: Type.Array(WebhookDelivery) })
export type WebhookDeliveries = Static<typeof WebhookDeliveries>

/** POST /api/v1/test-recipients */
export const TestRecipientForm = Type.Object({
  to: Type.String({ minLength: 1, maxLength: 254, description: 'an e-mail address, or a phone number: +49 151 23456789' }), code: Type.String({ pattern: '^\\d{6}$', description: 'six digits: the only code that this recipient ever has' }),
  expiresAt: Type.Integer({ minimum: 0, maximum: 8.64e15, description: 'ms since 1970; at most 30 days ahead' })
})
export type TestRecipientForm = Static<typeof TestRecipientForm>
/** A test recipient as it is listed: never its code. */
export const TestRecipient = Type.Object({ id: Id, to: Type.String(), madeBy: Type.String(), createdAt: Moment, expiresAt: Moment })
export type TestRecipient = Static<typeof TestRecipient>
export const TestRecipients = Type.Object({ isAllowed: Type.Boolean({ description: 'whether this server may have any: ONCEKEY_TEST_RECIPIENTS' }), recipients: Type.Array(TestRecipient) })
export type TestRecipients = Static<typeof TestRecipients>
