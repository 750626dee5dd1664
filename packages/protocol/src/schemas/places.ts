import { Type, type Static } from 'typebox'
import { accessPointKinds, batteryLevels, doorStates, lockStates, MAX_LOCK, MAX_MILLIVOLTS, MAX_MS } from '../messages/words.ts'
import { Id, Moment, Name, NullableMoment, Why, words } from './common.ts'

export const AccessPointKind = words(...accessPointKinds)
export const LockStateWord = words(...lockStates)
export const DoorStateWord = words(...doorStates)

/** Live state of one access point, as measured; the last known values while off line. */
export const AccessPointState = Type.Object({
  id: Id,
  online: Type.Boolean(),
  lockState: LockStateWord,
  doorState: DoorStateWord,
  millivolts: Type.Integer({ description: '0 = not measured' }),
  battery: words(...batteryLevels),
  lockedOutUntil: NullableMoment,
  lastOpenedAt: NullableMoment,
  lastOpenedBy: Type.Union([Type.String(), Type.Null()])
})
export type AccessPointState = Static<typeof AccessPointState>

export const AccessPoint = Type.Object({
  id: Id, kind: AccessPointKind, name: Type.String(), bankId: Type.Union([Id, Type.Null()]),
  place: Type.String({ description: 'where it is, in words: bank or site' }),
  controllerId: Type.Union([Id, Type.Null()]), lock: Type.Integer({ description: 'number of the lock on its controller' }),
  recipients: Type.Array(Type.String())
})
export type AccessPoint = Static<typeof AccessPoint>

export const Bank = Type.Object({ id: Id, name: Type.String(), accessPoints: Type.Array(AccessPoint) })
export type Bank = Static<typeof Bank>

/**
 * PATCH /api/v1/controllers/{id}/policies. A door is an alarm when it opens though its bolt is locked (`forcedDoors`), or stays
 * open for longer than `heldDoorMs` (0: never). Below `lowMillivolts` no new codes are given (0: no battery is watched); below
 * `criticalMillivolts` the locks of `failSafeLocks`, doors only, are unlocked once. `menu`: `D` shows diagnostics at the keypad.
 */
export const Policies = Type.Object({
  forcedDoors: Type.Boolean(), heldDoorMs: Type.Integer({ minimum: 0, maximum: MAX_MS }),
  lowMillivolts: Type.Integer({ minimum: 0, maximum: MAX_MILLIVOLTS }), criticalMillivolts: Type.Integer({ minimum: 0, maximum: MAX_MILLIVOLTS }),
  failSafeLocks: Type.Array(Type.Integer({ minimum: 1, maximum: MAX_LOCK }), { maxItems: MAX_LOCK, uniqueItems: true }), menu: Type.Boolean()
}, { additionalProperties: false })
export type Policies = Static<typeof Policies>

export const Controller = Type.Object({
  id: Id, name: Type.String(), online: Type.Boolean(), hardware: Type.String(), firmware: Type.String(),
  simulated: Type.Boolean({ description: 'a door of the demonstration, which pages can play; not one that was claimed, whatever it calls itself' }),
  compat: Type.Boolean({ description: 'an old program, let in under /compat: its codes have four digits and its messages no proof' }),
  assurance: words('high', 'low'), lastSeen: NullableMoment, lockedOutUntil: NullableMoment,
  offlineCodes: words('off', 'trusted', 'persisted'),
  offlinePinDays: Type.Integer({ description: 'for how many days without the server it takes known pins; 0: not at all' }), policies: Policies, battery: words(...batteryLevels),
  recordsDoubted: Type.Boolean({ description: 'whether its own record had a gap or contradicted itself within 30 days' }),
  failuresToday: Type.Integer(), resting: Type.Boolean(), digits: Type.Integer({ description: 'digits of its codes' }),
  dailyChance: Type.Number({ description: 'chance of guessing in within 24 h, with the codes that are live now' })
})
export type Controller = Static<typeof Controller>

/** GET /api/v1/places: the tree of one site. */
export const Places = Type.Object({
  site: Type.Object({ id: Id, name: Type.String(), timeZone: Type.String() }),
  banks: Type.Array(Bank), doors: Type.Array(AccessPoint), controllers: Type.Array(Controller)
})
export type Places = Static<typeof Places>

/** POST /api/v1/banks. `range` like `A01-A12`, or names with commas. */
export const BankForm = Type.Object({ name: Name, range: Type.String({ minLength: 1, maxLength: 2000 }) })
export type BankForm = Static<typeof BankForm>
/** POST /api/v1/banks/{id}/compartments */
export const CompartmentsForm = Type.Object({ range: Type.String({ minLength: 1, maxLength: 2000 }) })
export type CompartmentsForm = Static<typeof CompartmentsForm>
/** POST /api/v1/doors */
export const DoorForm = Type.Object({ name: Name })
export type DoorForm = Static<typeof DoorForm>
/** PATCH /api/v1/access-points/{id} */
export const AccessPointChange = Type.Object({ name: Name })
export type AccessPointChange = Static<typeof AccessPointChange>

/** POST /api/v1/controllers/claim: binds a waiting controller to a bank or a door. */
export const ClaimForm = Type.Object({
  claimCode: Type.String({ minLength: 10, maxLength: 14, description: 'from the display; dashes and case do not matter' }),
  name: Name, bankId: Type.Optional(Id), accessPointId: Type.Optional(Id)
})
export type ClaimForm = Static<typeof ClaimForm>

/** PATCH /api/v1/controllers/{id}/offline-codes. `persisted`: also with the last time that it stored, after a boot without a clock. */
export const OfflineCodesForm = Type.Object({ clock: words('off', 'trusted', 'persisted') })
export type OfflineCodesForm = Static<typeof OfflineCodesForm>

/** POST /api/v1/commissioning: a controller presents itself, again and again until somebody claims it. */
export const CommissioningForm = Type.Object({
  key: Type.String({ pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$', description: 'root key K, 32 random bytes, base64url' }),
  claimCode: Type.String({ minLength: 10, maxLength: 10 }), hardware: Type.String({ maxLength: 64 }), firmware: Type.String({ maxLength: 64 }),
  locks: Type.Integer({ minimum: 1, maximum: MAX_LOCK })
})
export type CommissioningForm = Static<typeof CommissioningForm>
export const CommissioningAnswer = Type.Union([
  Type.Object({ claimed: Type.Literal(false), retryAfterMs: Type.Integer() }),
  Type.Object({ claimed: Type.Literal(true), siteId: Id, controllerId: Id, mqttPort: Type.Integer({ description: 'Broker without TLS; 0 = none' }), mqttsPort: Type.Integer({ description: 'Broker with TLS; 0 = none' }), ca: Type.Union([Type.String(), Type.Null()], { description: 'PEM of the authority that a controller has to trust for TLS; null = one that is known to all, or no TLS' }) })
])
export type CommissioningAnswer = Static<typeof CommissioningAnswer>

/** GET /api/v1/controllers/{id}/simulation: what a door without hardware needs; only of a simulated controller of a demonstration site. */
export const Simulation = Type.Object({
  siteId: Id, controllerId: Id, key: Type.String({ description: 'root key K, base64url' }), mqttPath: Type.String(), locks: Type.Integer()
})
export type Simulation = Static<typeof Simulation>

/** POST /api/v1/access-points/{id}/unlock and …/lock */
export const RemoteForm = Type.Object({ reason: Why })
export type RemoteForm = Static<typeof RemoteForm>
export const RemoteAnswer = Type.Object({
  commandId: Id, status: words('succeeded', 'failed', 'expired', 'unanswered'), measured: LockStateWord
})
export type RemoteAnswer = Static<typeof RemoteAnswer>

export const Grant = Type.Object({
  id: Id, personId: Id, personName: Type.String(), accessPointId: Id, accessPointName: Type.String(), place: Type.String(),
  startsAt: NullableMoment, endsAt: NullableMoment, createdAt: Moment
})
export type Grant = Static<typeof Grant>
export const GrantsAnswer = Type.Object({ grants: Type.Array(Grant) })
export type GrantsAnswer = Static<typeof GrantsAnswer>
/** POST /api/v1/grants: one grant for each named access point. */
export const GrantForm = Type.Object({
  personId: Id, accessPointIds: Type.Array(Id, { minItems: 1, maxItems: 500 }),
  startsAt: Type.Optional(NullableMoment), endsAt: Type.Optional(NullableMoment)
})
export type GrantForm = Static<typeof GrantForm>
