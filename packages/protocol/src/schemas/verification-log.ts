import { Type, type Static } from 'typebox'
import { Id, Moment, NullableMoment } from './common.ts'
import { VerificationChannel, VerificationDelivery, VerificationDeliveryState, VerificationId, VerificationStatus } from './verifications.ts'

/** GET /api/v1/verifications */
export const VerificationsQuery = Type.Object({
  status: Type.Optional(VerificationStatus), channel: Type.Optional(VerificationChannel), before: Type.Optional(VerificationId), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }))
})
export type VerificationsQuery = Static<typeof VerificationsQuery>

/** A verification as people who work here see it: never its code, nor the whole address. */
export const LoggedVerification = Type.Object({
  id: VerificationId, status: VerificationStatus, to: Type.String({ description: 'masked: •••42, m•••@example.org' }), channel: Type.Unsafe<VerificationChannel>({ ...VerificationChannel, description: 'the one whose turn it is, or was last' }),
  country: Type.Union([Type.String(), Type.Null()], { description: 'of a phone number, ISO 3166-1 alpha-2; null: mail, or a number of no country' }), purpose: Type.String(), createdAt: Moment,
  expiresAt: Type.Integer({ description: 'of the newest code, ms since 1970' }), endedAt: NullableMoment, attemptsUsed: Type.Integer({ description: 'wrong codes that were compared' }), attemptsMost: Type.Integer(),
  deliveries: Type.Array(VerificationDelivery, { description: 'of the newest code, in order' }), isTest: Type.Boolean()
})
export type LoggedVerification = Static<typeof LoggedVerification>
export const VerificationsAnswer = Type.Object({
  verifications: Type.Array(LoggedVerification, { description: 'the newest first' }),
  next: Type.Union([VerificationId, Type.Null()], { description: '`before` of the next page; null: there is none. A page may be short, even empty, and have a next one: of few that fit among very many' })
})
export type VerificationsAnswer = Static<typeof VerificationsAnswer>

/** GET /api/v1/verifications/{id}/course: each message, the oldest first, and what the other side said of it. */
export const VerificationCourse = Type.Object({
  verification: LoggedVerification,
  messages: Type.Array(Type.Object({
    id: Id, channel: VerificationChannel, state: VerificationDeliveryState, at: Type.Integer({ description: 'when it was put out, or made ready to stand by; ms since 1970' }), tries: Type.Integer(),
    endedAt: Type.Union([Moment, Type.Null()], { description: 'when the other side took it, or it was given up' }), deliveredAt: NullableMoment, fault: Type.Union([Type.String(), Type.Null()])
  }))
})
export type VerificationCourse = Static<typeof VerificationCourse>
