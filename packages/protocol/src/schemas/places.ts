import { Type, type Static } from 'typebox'
import { accessPointKinds, batteryLevels, doorStates, lockStates, standings, MAX_LOCK, MAX_MILLIVOLTS, MAX_MS } from '../messages/words.ts'
import { Id, Name, NameBefore, NullableMoment, Why, words } from './common.ts'

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
  lastOpenedBy: Type.Union([Type.String(), Type.Null()]),
  standing: Type.Union([words(...standings), Type.Null()], { description: 'what an order that stands makes of it' })
})
export type AccessPointState = Static<typeof AccessPointState>

/** Size of a compartment in its maker's words, like `M` or `30 x 40`. */
export const CompartmentSize = Type.String({ minLength: 1, maxLength: 20, pattern: String(Reflect.get(Name, 'pattern')), description: '1 to 20 characters' })
/** How high above the floor a compartment begins, in millimetres. */
export const HeightMm = Type.Integer({ minimum: 0, maximum: 5_000 })
const measures = { size: Type.Optional(CompartmentSize), heightMm: Type.Optional(HeightMm) }

export const AccessPoint = Type.Object({
  id: Id, kind: AccessPointKind, name: Type.String(), bankId: Type.Union([Id, Type.Null()]),
  place: Type.String({ description: 'where it is, in words: bank or site' }),
  controllerId: Type.Union([Id, Type.Null()]), lock: Type.Integer({ description: 'number of the lock on its controller' }),
  recipients: Type.Array(Type.String()), ...measures
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
/** What to set. `before`: what was seen; whoever is the second to change it is told. */
export const PoliciesForm = Type.Object({ ...Policies.properties, before: Type.Optional(Policies) }, { additionalProperties: false })
export type PoliciesForm = Static<typeof PoliciesForm>

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

/** GET /api/v1/places: the tree of one site. Without `controllers` it is much sooner there where there are thousands. */
export const PlacesQuery = Type.Object({ controllers: Type.Optional(Type.Boolean({ description: 'false: the list of controllers is empty' })) })
export type PlacesQuery = Static<typeof PlacesQuery>
export const Places = Type.Object({
  site: Type.Object({ id: Id, name: Type.String(), timeZone: Type.String() }),
  banks: Type.Array(Bank), doors: Type.Array(AccessPoint), controllers: Type.Array(Controller),
  publicUrl: Type.Union([Type.String(), Type.Null()], { description: 'where people reach this server, by its settings; null: not told' })
})
export type Places = Static<typeof Places>

/** POST /api/v1/banks. `range` like `A01-A12`, or names with commas; `size` and `heightMm` are those of each of them. */
export const BankForm = Type.Object({ name: Name, range: Type.String({ minLength: 1, maxLength: 2000 }), ...measures })
export type BankForm = Static<typeof BankForm>
/** PATCH /api/v1/banks/{id} */
export const BankChange = Type.Object({ name: Name, nameBefore: NameBefore })
export type BankChange = Static<typeof BankChange>
/** POST /api/v1/banks/{id}/compartments */
export const CompartmentsForm = Type.Object({ range: Type.String({ minLength: 1, maxLength: 2000 }), ...measures })
export type CompartmentsForm = Static<typeof CompartmentsForm>
/** POST /api/v1/doors */
export const DoorForm = Type.Object({ name: Name })
export type DoorForm = Static<typeof DoorForm>
/** PATCH /api/v1/access-points/{id} */
export const AccessPointChange = Type.Object({ name: Name, nameBefore: NameBefore })
export type AccessPointChange = Static<typeof AccessPointChange>

/** POST /api/v1/controllers/claim: binds a waiting controller to a bank or a door. */
export const ClaimForm = Type.Object({
  claimCode: Type.String({ minLength: 10, maxLength: 14, description: 'from the display; dashes and case do not matter' }),
  name: Name, bankId: Type.Optional(Id), accessPointId: Type.Optional(Id)
})
export type ClaimForm = Static<typeof ClaimForm>

/** POST /api/v1/controllers/{id}/replace: another box in its place. */
export const ReplaceForm = Type.Object({ claimCode: Type.String({ minLength: 10, maxLength: 14, description: 'from the display of the new box; dashes and case do not matter' }) })
export type ReplaceForm = Static<typeof ReplaceForm>

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
