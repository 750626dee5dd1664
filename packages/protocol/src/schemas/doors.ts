import { Type, type Static } from 'typebox'
import { Email, Id, Language, Moment, Name, NullableMoment, words } from './common.ts'

/** Who is sent the codes that are asked for at a door. `address` is a person's present one; null for one who is gone for now (suspended). */
export const DoorRecipient = Type.Object({
  id: Id, name: Type.String(), personId: Type.Union([Id, Type.Null()]), address: Type.Union([Type.String(), Type.Null()]), channel: words('email'), createdAt: Moment,
  /** Of the mails: what the person chose, else what was chosen for this door. */
  language: Language
})
export type DoorRecipient = Static<typeof DoorRecipient>
/** GET /api/v1/access-points/{id}/recipients */
export const DoorRecipients = Type.Object({ recipients: Type.Array(DoorRecipient) })
export type DoorRecipients = Static<typeof DoorRecipients>
/** POST /api/v1/access-points/{id}/recipients: a person, or an address of somebody who is not here. `language`: of its mails, English unless it is named; a person's own choice comes first. */
export const DoorRecipientForm = Type.Object({ personId: Type.Optional(Id), address: Type.Optional(Email), channel: Type.Optional(words('email')), language: Type.Optional(Language) }, { additionalProperties: false })
export type DoorRecipientForm = Static<typeof DoorRecipientForm>

/** Which old program: an ESP32 at a door that has codes mailed and asks us about them; one at a locker that is told its codes. */
export const CompatContract = words('door', 'locker')
export type CompatContract = Static<typeof CompatContract>

export const CompatToken = Type.Object({
  id: Id, contract: CompatContract, controllerId: Id, controllerName: Type.String(), accessPointId: Type.Union([Id, Type.Null()]), accessPointName: Type.Union([Type.String(), Type.Null()]),
  deviceUrl: Type.Union([Type.String(), Type.Null()]), madeBy: Type.String(), createdAt: Moment, lastUsedAt: NullableMoment, revokedAt: NullableMoment
})
export type CompatToken = Static<typeof CompatToken>
/** GET and PATCH /api/v1/compat: whether old programs are let in at all, and which. */
export const CompatState = Type.Object({
  on: Type.Boolean(), tokens: Type.Array(CompatToken),
  digits: Type.Integer({ description: 'digits of a code that such a program can take' }), dailyChance: Type.Number({ description: 'chance of guessing in within 24 h at one door, while codes are asked for there' })
})
export type CompatState = Static<typeof CompatState>
export const CompatChange = Type.Object({ on: Type.Boolean() }, { additionalProperties: false })
export type CompatChange = Static<typeof CompatChange>
/** POST /api/v1/compat/tokens: makes a controller of low assurance for an access point that has none, and lets it in. */
export const CompatTokenForm = Type.Object({
  contract: CompatContract, accessPointId: Id, name: Type.Optional(Name),
  deviceUrl: Type.Optional(Type.String({ maxLength: 200, pattern: '^http://[A-Za-z0-9.:\\[\\]-]+/?$', description: 'locker only: where the program takes its codes, e.g. http://192.168.1.40' }))
}, { additionalProperties: false })
export type CompatTokenForm = Static<typeof CompatTokenForm>
/** The token is in this answer and nowhere else. `path`: what the program's base address ends in. */
export const CompatTokenMade = Type.Object({ compatToken: CompatToken, token: Type.String(), path: Type.String() })
export type CompatTokenMade = Static<typeof CompatTokenMade>

/** What asking for a code at a door leads to: nothing; a code for everybody on its list; a request that somebody has to say yes to, upon which the code is sent (`approval`) or the bolt moves (`opens`). */
export const DoorWay = words('off', 'mail', 'approval', 'opens')
export type DoorWay = Static<typeof DoorWay>
/** waiting: for a yes. */
export const DoorCodeState = words('waiting', 'issued', 'used', 'expired', 'cancelled', 'refused', 'unanswered', 'opened')
export type DoorCodeState = Static<typeof DoorCodeState>
export const DoorCodeDelivery = Type.Object({
  name: Type.String({ description: 'of the recipient: a name, or an address in part' }), channel: words('email'),
  state: words('onItsWay', 'retrying', 'sent', 'failed'), error: Type.Union([Type.String(), Type.Null()])
})
export type DoorCodeDelivery = Static<typeof DoorCodeDelivery>
/** A code that was asked for at a door, or the request for one. Never digits. */
export const DoorCode = Type.Object({
  id: Id, accessPointId: Id, accessPointName: Type.String(), mode: words('lock', 'unlock'), state: DoorCodeState, createdAt: Moment, expiresAt: Moment, endedAt: NullableMoment,
  opens: Type.Boolean({ description: 'a yes moves the bolt at once' }), deliveries: Type.Array(DoorCodeDelivery),
  mayDecide: Type.Boolean({ description: 'whether the caller may say yes or no while it waits' })
})
export type DoorCode = Static<typeof DoorCode>
/** GET /api/v1/door-codes: live codes and waiting requests, and those of the last hour of one door when it is named. To members only what waits for them. */
export const DoorCodes = Type.Object({ codes: Type.Array(DoorCode) })
export type DoorCodes = Static<typeof DoorCodes>
export const DoorCodesQuery = Type.Object({ accessPointId: Type.Optional(Id) }, { additionalProperties: false })
/** POST /api/v1/door-codes/{id}/decision */
export const DoorDecision = Type.Object({ approve: Type.Boolean() }, { additionalProperties: false })
export type DoorDecision = Static<typeof DoorDecision>
/** GET and PATCH /api/v1/access-points/{id}/door-mode. `possible`: a door with a controller of ours. */
export const DoorMode = Type.Object({ way: DoorWay, doorMakes: Type.Boolean({ description: 'the controller makes the codes itself' }), possible: Type.Boolean(),
  approvers: Type.Array(Type.Object({ id: Id, name: Type.String() }), { description: 'who alone may say yes, beside administrators; empty: every operator may' })
})
export type DoorMode = Static<typeof DoorMode>
const Approvers = Type.Array(Id, { maxItems: 20, uniqueItems: true })
/** PATCH of it. `approvers` replaces the list; left out, it stays. `before`: what was seen; whoever is the second to change it is told. */
export const DoorModeForm = Type.Object({
  way: DoorWay, doorMakes: Type.Optional(Type.Boolean()), approvers: Type.Optional(Approvers),
  before: Type.Optional(Type.Object({ way: Type.Optional(DoorWay), doorMakes: Type.Optional(Type.Boolean()), approvers: Type.Optional(Approvers) }, { additionalProperties: false }))
}, { additionalProperties: false })
export type DoorModeForm = Static<typeof DoorModeForm>
