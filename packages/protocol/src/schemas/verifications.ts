import { Type, type Static } from 'typebox'
import { Email, Id, Moment, Name, NullableMoment, words } from './common.ts'

/** What a key may be used for. */
export const KeyScope = words('verifications')
export type KeyScope = Static<typeof KeyScope>

/** POST /api/v1/api-keys */
export const ApiKeyForm = Type.Object({ name: Name, scopes: Type.Optional(Type.Array(KeyScope, { minItems: 1, maxItems: 8, uniqueItems: true })) })
export type ApiKeyForm = Static<typeof ApiKeyForm>
/** A key as it is listed: never its secret. */
export const ApiKey = Type.Object({
  id: Id, name: Type.String(), scopes: Type.Array(KeyScope), madeBy: Type.String(), createdAt: Moment,
  lastUsedAt: Type.Union([Moment, Type.Null()], { description: 'to the minute' }), revokedAt: NullableMoment
})
export type ApiKey = Static<typeof ApiKey>
/** The only answer that carries the secret, once. */
export const ApiKeyMade = Type.Object({ apiKey: ApiKey, secret: Type.String({ description: 'ok_…, shown once; send it as "Authorization: Bearer ok_…"' }) })
export type ApiKeyMade = Static<typeof ApiKeyMade>
export const ApiKeysAnswer = Type.Object({ apiKeys: Type.Array(ApiKey) })
export type ApiKeysAnswer = Static<typeof ApiKeysAnswer>

export const VerificationId = Type.String({ pattern: '^[A-Za-z0-9_-]{22,40}$', description: 'holds 128 random bits: whoever asked keeps it to themselves' })
export const VerificationParams = Type.Object({ id: VerificationId })
export const VerificationChannel = words('email')
export const VerificationStatus = words('pending', 'approved', 'blocked', 'cancelled', 'expired')
export type VerificationStatus = Static<typeof VerificationStatus>

/** POST /api/v1/verifications: sends a code. */
export const VerificationForm = Type.Object({
  to: Email, channel: Type.Optional(VerificationChannel),
  ip: Type.Optional(Type.String({ maxLength: 64, description: 'the address of whoever asks you for the code, for the fraud guard: IPv4 or IPv6' })),
  purpose: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,39}$', description: 'what it is for, in a word of yours, e.g. sign-in; comes back with the approval. Default: verification' }))
})
export type VerificationForm = Static<typeof VerificationForm>

export const Verification = Type.Object({
  id: VerificationId, status: VerificationStatus, to: Type.String(), channel: VerificationChannel, purpose: Type.String(),
  createdAt: Moment, expiresAt: Type.Integer({ description: 'of the newest code, ms since 1970' }), endedAt: NullableMoment,
  attemptsLeft: Type.Integer({ description: 'codes that would still be compared; a resend gives none back' }),
  delivery: words('waiting', 'sent', 'failed'), mayResendAt: Type.Integer({ description: '0: now; else ms since 1970' })
})
export type Verification = Static<typeof Verification>

/** POST /api/v1/verifications/{id}/check. What is no code counts as a wrong one. */
export const VerificationCheck = Type.Object({ code: Type.String({ minLength: 1, maxLength: 64, description: 'as it was typed; blanks in it are passed over' }) })
export type VerificationCheck = Static<typeof VerificationCheck>
/** One answer for every refusal: wrong, expired, used, superseded, spent, unknown. GET tells how the verification stands. */
// One flat object to a serializer, which would have to try the members of a union.
export const VerificationVerdict = Type.Unsafe<{ status: 'approved', id: string, to: string, channel: 'email', purpose: string } | { status: 'refused' }>(Type.Object({
  status: words('approved', 'refused'), id: Type.Optional(VerificationId), to: Type.Optional(Type.String()), channel: Type.Optional(VerificationChannel), purpose: Type.Optional(Type.String())
}, { description: 'id, to, channel and purpose come with an approval only' }))
export type VerificationVerdict = Static<typeof VerificationVerdict>
