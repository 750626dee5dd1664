import { Type, type Static } from 'typebox'
import { Id, Moment, Name, NullableMoment } from './common.ts'

/** A standing pin as operators see it: never its digits. */
export const Pin = Type.Object({
  id: Id, label: Type.String(), madeBy: Type.String(), createdAt: Moment, endsAt: NullableMoment, usedAt: NullableMoment, revokedAt: NullableMoment,
  opensUntil: Type.Union([Moment, Type.Null()], { description: 'of a revoked one whose door has not heard of it: until then it may open while the door has no network' })
})
export type Pin = Static<typeof Pin>

/** GET /api/v1/access-points/{id}/pins: those that open, and revoked ones of which the door has not heard. */
export const PinsAnswer = Type.Object({ pins: Type.Array(Pin), room: Type.Integer({ description: 'how many more its controller may have' }) })
export type PinsAnswer = Static<typeof PinsAnswer>

/** POST /api/v1/access-points/{id}/pins */
export const PinForm = Type.Object({ label: Name, endsAt: Type.Optional(Moment), duress: Type.Optional(Type.Boolean({ description: 'with a second one beside it, that opens the same and calls for help; both count as pins' })) })
export type PinForm = Static<typeof PinForm>
export const PinMade = Type.Object({ pin: Pin, digits: Type.String({ description: 'shown once' }), duressDigits: Type.Union([Type.String(), Type.Null()], { description: 'of the second one, shown once' }) })
export type PinMade = Static<typeof PinMade>

/** PATCH /api/v1/controllers/{id}/offline-pins. `days`: how long after it heard from the server last it still takes known pins; 0: not at all. */
export const OfflinePinsForm = Type.Object({ days: Type.Integer({ minimum: 0, maximum: 30 }) })
export type OfflinePinsForm = Static<typeof OfflinePinsForm>
