import { Type, type Static } from 'typebox'
import { updateOutcomes } from '../messages/words.ts'
import { Id, Moment, Name, NullableMoment, words } from './common.ts'

const PublicKey = Type.String({ pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$', description: 'Ed25519, 32 bytes in base64url' })

/** Whose signature makes an image one that is taken here. */
export const ImageKey = Type.Object({ id: Id, name: Type.String(), publicKey: PublicKey, createdAt: Moment })
export type ImageKey = Static<typeof ImageKey>
/** POST /api/v1/updates/keys */
export const ImageKeyForm = Type.Object({ name: Name, publicKey: PublicKey })
export type ImageKeyForm = Static<typeof ImageKeyForm>

/** A signed image that was uploaded. */
export const ImageRow = Type.Object({
  id: Id, version: Type.String(), minimum: Type.String({ description: 'the oldest version that it installs over' }), hardware: Type.String(),
  size: Type.Integer({ description: 'bytes' }), sha256: Type.String(), signedBy: Type.String({ description: 'name of the key' }), createdAt: Moment,
  waiting: Type.Integer({ description: 'controllers of this hardware that run something older' })
})
export type ImageRow = Static<typeof ImageRow>

export const RolloutState = words('running', 'halted', 'done', 'ended')
/** One controller on its way. `waiting`: not begun; `failed`: it keeps the program that it has; `wentBack`: it tried, and runs the old one again. */
export const RolloutControllerState = words('waiting', 'offered', 'downloading', 'installing', 'installed', 'wentBack', 'failed')
export type RolloutControllerState = Static<typeof RolloutControllerState>

export const Rollout = Type.Object({
  id: Id, imageId: Id, version: Type.String(), hardware: Type.String(), size: Type.Integer({ description: 'bytes' }), state: RolloutState,
  haltedBy: Type.Union([Type.String(), Type.Null()], { description: 'a name, or `failures`' }),
  stages: Type.Array(Type.Integer(), { description: 'percent of all that each stage reaches; 0 = one; empty where it goes group by group' }), stage: Type.Integer(),
  groups: Type.Union([Type.Array(Type.Union([Type.String(), Type.Null()])), Type.Null()], { description: 'names of the groups in their order, null for everybody else; null: it does not go by groups' }),
  pauseMinutes: Type.Integer(), mostFailures: Type.Integer(), startedBy: Type.String(), createdAt: Moment, endedAt: NullableMoment,
  nextStageAt: Type.Union([Moment, Type.Null()]),
  total: Type.Integer(), installed: Type.Integer(), failed: Type.Integer({ description: 'went back, or failed' }), underWay: Type.Integer(), waiting: Type.Integer()
})
export type Rollout = Static<typeof Rollout>

/** GET /api/v1/updates: keys, images and the last roll-outs, and what each controller runs. */
export const UpdatesAnswer = Type.Object({
  keys: Type.Array(ImageKey), images: Type.Array(ImageRow), rollouts: Type.Array(Rollout),
  controllers: Type.Array(Type.Object({ id: Id, name: Type.String(), hardware: Type.String(), firmware: Type.String(), online: Type.Boolean(), group: Type.Union([Type.String(), Type.Null()]) }))
})
export type UpdatesAnswer = Static<typeof UpdatesAnswer>

/** POST /api/v1/updates/rollouts: to all controllers of the image's hardware that run something older, or to those named. */
export const RolloutForm = Type.Object({
  imageId: Id,
  controllerIds: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 10_000 })),
  stages: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 100 }), { minItems: 1, maxItems: 10, description: 'percent of all that each stage reaches, 0 = one; 0, 10, 100 when absent' })),
  groups: Type.Optional(Type.Array(Name, { minItems: 1, maxItems: 20, uniqueItems: true, description: 'instead of stages: the groups of controllers one after another, in this order' })),
  others: Type.Optional(Type.Boolean({ description: 'with groups: also everybody in none of them, last; true when absent' })),
  pauseMinutes: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_080, description: 'between stages; 10 when absent' })),
  mostFailures: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, description: 'more than these halt it; 0 when absent' }))
})
export type RolloutForm = Static<typeof RolloutForm>

/** PATCH /api/v1/controllers/{id}/group: the group by which roll-outs go; null: none. */
export const GroupForm = Type.Object({ group: Type.Union([Name, Type.Null()]) }, { additionalProperties: false })
export type GroupForm = Static<typeof GroupForm>

/** GET /api/v1/updates/rollouts/{id} */
export const RolloutAnswer = Type.Object({
  rollout: Rollout,
  controllers: Type.Array(Type.Object({
    id: Id, name: Type.String(), group: Type.Union([Type.String(), Type.Null()], { description: 'in which it was when this began' }), firmware: Type.String({ description: 'what it runs' }), online: Type.Boolean(), state: RolloutControllerState,
    outcome: Type.Union([words(...updateOutcomes, 'silent'), Type.Null()], { description: 'what it said; `silent`: nothing, for too long' }),
    bytes: Type.Integer({ description: 'downloaded so far' }), changedAt: Moment
  }))
})
export type RolloutAnswer = Static<typeof RolloutAnswer>
