import { Type, type Static } from 'typebox'
import { Id, Moment, Why, words } from './common.ts'

/**
 * `hold`: opens for nobody. `lockdown`: opens for nobody but an administrator who unlocks from afar. `evacuation`: doors are
 * unlocked and stay so; compartments are not touched.
 */
export const standingOrderKinds = ['hold', 'lockdown', 'evacuation'] as const
const Kind = words(...standingOrderKinds)
export type StandingOrderKind = (typeof standingOrderKinds)[number]

/** POST /api/v1/standing-orders. Neither a bank nor an access point: the whole site. */
export const StandingOrderForm = Type.Object({ kind: Kind, bankId: Type.Optional(Id), accessPointId: Type.Optional(Id), reason: Why }, { additionalProperties: false })
export type StandingOrderForm = Static<typeof StandingOrderForm>

export const StandingOrder = Type.Object({
  id: Id, kind: Kind, bankId: Type.Union([Id, Type.Null()]), accessPointId: Type.Union([Id, Type.Null()]),
  place: Type.String({ description: 'the name of the access point, bank or site' }),
  reason: Type.String(), givenBy: Type.Object({ id: Id, name: Type.String() }), givenAt: Moment,
  accessPoints: Type.Integer({ description: 'how many it rules now; another order may be newer or stricter at some of its places' }),
  controllers: Type.Integer({ description: 'how many controllers those have' }),
  unheard: Type.Array(Type.Object({ id: Id, name: Type.String() }), { description: 'those of them that have not said yet that they go by it; the first 20' }),
  unheardCount: Type.Integer(),
  open: Type.Integer({ description: 'of an evacuation: how many of its doors were measured unlocked' })
})
export type StandingOrder = Static<typeof StandingOrder>

/** GET /api/v1/standing-orders: those that stand, the newest first. */
export const StandingOrders = Type.Object({ orders: Type.Array(StandingOrder) })
export type StandingOrders = Static<typeof StandingOrders>

/** POST /api/v1/standing-orders/{id}/end */
export const StandingOrderEnd = Type.Object({ reason: Why }, { additionalProperties: false })
export type StandingOrderEnd = Static<typeof StandingOrderEnd>
