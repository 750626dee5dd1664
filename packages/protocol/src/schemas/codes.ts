import { Type, type Static } from 'typebox'
import { AccessPoint, AccessPointState } from './places.ts'
import { Id, Moment, words } from './common.ts'

export const CodeState = words('issued', 'used', 'expired', 'revoked', 'superseded')
/** Codes that their door checks without a network, by how long they last; see docs/offline-codes.md. */
export const offlineKinds = ['once', 'hours4', 'hours24', 'days7'] as const
export type OfflineKind = (typeof offlineKinds)[number]

export const DeliveryState = words('waiting', 'sent', 'failed')

/** A code as everybody may see it: never its digits. */
export const Code = Type.Object({
  id: Id, accessPointId: Id, accessPointName: Type.String(), place: Type.String(), holderId: Id, holderName: Type.String(), issuedBy: Type.String(),
  state: CodeState, createdAt: Moment, validFrom: Moment, expiresAt: Moment,
  openedAt: Type.Union([Moment, Type.Null()], { description: 'when the bolt was measured to have moved' }),
  offline: Type.Union([Type.Object({ firstUseUntil: Moment, opensOnce: Type.Boolean() }), Type.Null()], { description: 'of a code that its door checks without a network; null: of every other' }),
  deliveries: Type.Array(Type.Object({ channel: Type.String({ description: 'email, inbox, or the name of another channel' }), to: Type.String({ description: 'masked' }), state: DeliveryState }))
})
export type Code = Static<typeof Code>

/** GET /api/v1/me/access: the holder's home. */
export const MyAccess = Type.Object({
  access: Type.Array(Type.Object({
    accessPoint: AccessPoint, state: AccessPointState, code: Type.Union([Code, Type.Null()]), mayGetCodeAt: Moment,
    takesOffline: Type.Boolean({ description: 'its controller checks codes without a network, too' }),
    endsAt: Type.Union([Moment, Type.Null()], { description: 'when one may open it no longer; null: not known yet' })
  })),
  asked: Type.Integer({ description: 'requests at doors that wait for one\'s own yes, where one is named for that' }),
  contact: Type.String()
})
export type MyAccess = Static<typeof MyAccess>

/**
 * POST /api/v1/codes. A holder names only the access point. An operator may name a person (who gets it by
 * their channel) and a window. `offline`: a code that its door checks without a network, without `expiresAt`;
 * for themselves people get `once`. `Idempotency-Key` makes a repeated request harmless.
 */
export const CodeForm = Type.Object({
  accessPointId: Id, personId: Type.Optional(Id), validFrom: Type.Optional(Moment), expiresAt: Type.Optional(Moment),
  deliver: Type.Optional(Type.Boolean({ description: 'send it by the person\'s channel too; default true for somebody else, false for oneself' })),
  offline: Type.Optional(words(...offlineKinds))
})
export type CodeForm = Static<typeof CodeForm>
/** The only answer that ever carries digits, once. */
export const CodeIssued = Type.Object({
  code: Code, digits: Type.String({ description: 'shown once' }), mayGetCodeAt: Moment,
  offline: Type.Optional(Type.Object({ firstUseUntil: Moment, opensOnce: Type.Boolean() }, { description: 'of a code that works without a network' }))
})
export type CodeIssued = Static<typeof CodeIssued>
export const CodesAnswer = Type.Object({ codes: Type.Array(Code) })
export type CodesAnswer = Static<typeof CodesAnswer>
