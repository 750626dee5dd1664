import { Type, type Static } from 'typebox'
import { Id, Moment, Name, NullableMoment, words } from './common.ts'
import { MessageLanguage } from './templates.ts'

/** What a key may be used for. */
export const KeyScope = words('verifications', 'verifications:read', 'compat', 'metrics', 'record:read', 'access:unlock', 'access:codes')
export type KeyScope = Static<typeof KeyScope>
/** How long the secret before still works after a rotation: 0 ends it at once. */
export const GraceHours = Type.Integer({ minimum: 0, maximum: 168, description: 'hours in which the secret before works beside the new one; 0: it ends at once' })

/** POST /api/v1/api-keys */
export const ApiKeyForm = Type.Object({
  name: Name, scopes: Type.Optional(Type.Array(KeyScope, { minItems: 1, maxItems: 8, uniqueItems: true, description: 'verifications: all of it; verifications:read: only how one stands; compat: the addresses of an old program, alone; metrics: GET /metrics; record:read, access:unlock, access:codes: what stands under /api/v1/programs. Default: verifications' })),
  expiresAt: Type.Optional(Type.Union([Moment, Type.Null()], { description: 'when it ends by itself; absent or null: never' }))
})
export type ApiKeyForm = Static<typeof ApiKeyForm>
/** POST /api/v1/api-keys/{id}/rotate, POST /api/v1/webhooks/{id}/rotate */
export const RotateForm = Type.Object({ graceHours: GraceHours })
export type RotateForm = Static<typeof RotateForm>
/** A key as it is listed: never its secret. */
export const ApiKey = Type.Object({
  id: Id, name: Type.String(), prefix: Type.Union([Type.String(), Type.Null()], { description: 'ok_ and the first three signs of the secret; null: of one that was made before they were kept' }),
  scopes: Type.Array(KeyScope), madeBy: Type.String(), createdAt: Moment,
  lastUsedAt: Type.Union([Moment, Type.Null()], { description: 'to the minute' }), revokedAt: NullableMoment, expiresAt: NullableMoment,
  previousUntil: Type.Union([Moment, Type.Null()], { description: 'until when the secret before the last rotation works, too; null: it does not' })
})
export type ApiKey = Static<typeof ApiKey>
/** The only answer that carries the secret, once. */
export const ApiKeyMade = Type.Object({ apiKey: ApiKey, secret: Type.String({ description: 'ok_…, shown once; send it as "Authorization: Bearer ok_…"' }) })
export type ApiKeyMade = Static<typeof ApiKeyMade>
export const ApiKeysAnswer = Type.Object({ apiKeys: Type.Array(ApiKey) })
export type ApiKeysAnswer = Static<typeof ApiKeysAnswer>

export const VerificationId = Type.String({ pattern: '^[A-Za-z0-9_-]{22,40}$', description: 'holds 128 random bits: whoever asked keeps it to themselves' })
export const VerificationParams = Type.Object({ id: VerificationId })
export const VerificationChannel = words('email', 'sms', 'whatsapp', 'voice')
export type VerificationChannel = Static<typeof VerificationChannel>
export const VerificationStatus = words('pending', 'approved', 'blocked', 'cancelled', 'expired')
export type VerificationStatus = Static<typeof VerificationStatus>

/** POST /api/v1/verifications: sends a code. */
export const VerificationForm = Type.Object({
  to: Type.String({ minLength: 1, maxLength: 254, description: 'an e-mail address, or a phone number: +49 151 23456789, or as people write it in `country`' }),
  country: Type.Optional(Type.String({ pattern: '^[A-Za-z]{2}$', description: 'ISO 3166-1 alpha-2: where a number without + is at home' })),
  channel: Type.Optional(VerificationChannel),
  channels: Type.Optional(Type.Array(VerificationChannel, { minItems: 1, maxItems: 3, uniqueItems: true, description: 'instead of `channel`: the next one gets the same code when an earlier one has not delivered it in time. Default: email for an address, sms for a number' })),
  ip: Type.Optional(Type.String({ maxLength: 64, description: 'the address of whoever asks you for the code, for the fraud guard: IPv4 or IPv6' })),
  language: Type.Optional(MessageLanguage),
  purpose: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,39}$', description: 'what it is for, in a word of yours, e.g. sign-in; comes back with the approval. Default: verification' }))
})
export type VerificationForm = Static<typeof VerificationForm>

/** `withheld`: kept back, because an earlier one has delivered, may still deliver, or the verification has ended. `sent`: the other side took it; where it gives no receipts (e-mail) that is all one hears. */
export const VerificationDeliveryState = words('waiting', 'sent', 'delivered', 'failed', 'withheld')
export type VerificationDeliveryState = Static<typeof VerificationDeliveryState>
export const VerificationDelivery = Type.Object({ channel: VerificationChannel, state: VerificationDeliveryState })
export type VerificationDelivery = Static<typeof VerificationDelivery>
const IsTest = Type.Optional(Type.Literal(true, { description: 'of a test recipient: nothing was sent, and the code is a fixed one. Absent otherwise' }))

export const Verification = Type.Object({
  id: VerificationId, status: VerificationStatus, to: Type.String({ description: 'a phone number in E.164' }), channel: Type.Unsafe<VerificationChannel>({ ...VerificationChannel, description: 'the one whose turn it is, or was last' }), purpose: Type.String(),
  createdAt: Moment, expiresAt: Type.Integer({ description: 'of the newest code, ms since 1970' }), endedAt: NullableMoment,
  attemptsLeft: Type.Integer({ description: 'codes that would still be compared; a resend gives none back' }),
  delivery: Type.Unsafe<VerificationDeliveryState>({ ...VerificationDeliveryState, description: 'of `channel`' }), deliveries: Type.Array(VerificationDelivery, { description: 'of the newest code, in order' }), mayResendAt: Type.Integer({ description: '0: now; else ms since 1970' }), isTest: IsTest
})
export type Verification = Static<typeof Verification>

/** POST /api/v1/verifications/{id}/check. What is no code counts as a wrong one. */
export const VerificationCheck = Type.Object({ code: Type.String({ minLength: 1, maxLength: 64, description: 'as it was typed; blanks in it are passed over' }) })
export type VerificationCheck = Static<typeof VerificationCheck>
/** One answer for every refusal: wrong, expired, used, superseded, spent, unknown. GET tells how the verification stands. */
// One flat object to a serializer, which would have to try the members of a union.
export const VerificationVerdict = Type.Unsafe<{ status: 'approved', id: string, to: string, channel: VerificationChannel, purpose: string, isTest?: true } | { status: 'refused' }>(Type.Object({
  status: words('approved', 'refused'), id: Type.Optional(VerificationId), to: Type.Optional(Type.String()), channel: Type.Optional(VerificationChannel), purpose: Type.Optional(Type.String()), isTest: IsTest
}, { description: 'id, to, channel, purpose and isTest come with an approval only' }))
export type VerificationVerdict = Static<typeof VerificationVerdict>
