import { Type, type Static } from 'typebox'
import { Id, Moment, NullableMoment, words } from './common.ts'
import { Schedule } from './grants.ts'

/**
 * lockout: the keypad is off. forced, held: the door. jammed: the bolt. tamper: messages that the controller did not make,
 * a second one by its name, a wiped memory, an opening that nobody can explain. gap: its record has a hole or a fork.
 * refused: many refused attempts. duress: a pin that calls for help was typed; only administrators and owners see it.
 */
export const alarmKinds = ['lockout', 'forced', 'held', 'jammed', 'tamper', 'offLine', 'battery', 'gap', 'refused', 'duress'] as const
export type AlarmKind = (typeof alarmKinds)[number]
const AlarmKindWord = words<AlarmKind>(...alarmKinds)
const AlarmSeverity = words('notice', 'alarm')
const Somebody = Type.Union([Type.Object({ id: Id, name: Type.String() }), Type.Null()])

export const Alarm = Type.Object({
  id: Id, kind: AlarmKindWord, severity: AlarmSeverity,
  state: words('open', 'acknowledged', 'snoozed', 'ended'),
  controller: Type.Object({ id: Id, name: Type.String() }),
  accessPoint: Type.Union([Type.Object({ id: Id, name: Type.String() }), Type.Null()]),
  /** The bank that it is in; null for a door. */
  bank: Type.Union([Type.String(), Type.Null()]),
  openedAt: Moment, lastAt: Moment, times: Type.Integer({ minimum: 1, description: 'how often it has happened' }),
  until: Type.Union([Moment, Type.Null()], { description: 'when it ends by itself, where that is known' }),
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]), { description: 'of what happened last, as in the record' }),
  acknowledgedAt: NullableMoment, acknowledgedBy: Somebody, snoozedUntil: NullableMoment, assignedTo: Somebody,
  endedAt: NullableMoment, endedBy: Type.Union([Type.Object({ id: Id, name: Type.String() }), Type.Null()], { description: 'null: by itself' })
})
export type Alarm = Static<typeof Alarm>

/** GET /api/v1/alarms */
export const AlarmsQuery = Type.Object({
  ended: Type.Optional(Type.Boolean({ description: 'those that are over, too; of the last 30 days' })),
  kind: Type.Optional(AlarmKindWord), severity: Type.Optional(AlarmSeverity), assignedTo: Type.Optional(Id)
})
export type AlarmsQuery = Static<typeof AlarmsQuery>
export const AlarmsAnswer = Type.Object({ alarms: Type.Array(Alarm, { description: 'open ones first, alarms before notices, the newest first; at most 200' }), open: Type.Integer({ description: 'that nobody has acknowledged, snoozed or ended' }) })
export type AlarmsAnswer = Static<typeof AlarmsAnswer>

/** POST /api/v1/alarms/:id/snooze: it is told again when the time is over and it has not ended. */
export const SnoozeForm = Type.Object({ minutes: Type.Integer({ minimum: 5, maximum: 10_080 }) }, { additionalProperties: false })
export type SnoozeForm = Static<typeof SnoozeForm>
/** POST /api/v1/alarms/:id/assign: to an operator, administrator or owner; null: to nobody. */
export const AssignForm = Type.Object({ personId: Type.Union([Id, Type.Null()]) }, { additionalProperties: false })
export type AssignForm = Static<typeof AssignForm>

const kindsOf = Type.Array(AlarmKindWord, { maxItems: alarmKinds.length, uniqueItems: true, description: 'empty: all' })
const NullableId = Type.Union([Id, Type.Null()])

/** Who is told of which alarms, and how. `bankId`, `accessPointId`: only there; of a bank also what is about its controller. */
export const AlarmRule = Type.Object({
  kinds: kindsOf, leastSeverity: AlarmSeverity, bankId: NullableId, accessPointId: NullableId,
  schedule: Type.Union([Schedule, Type.Null()], { description: 'when it holds, as in grants; null: at any hour' }),
  channel: words('mail', 'push', 'both', 'none'),
  roles: Type.Array(words('owner', 'admin', 'operator'), { maxItems: 3, uniqueItems: true }),
  personIds: Type.Array(Id, { maxItems: 50, uniqueItems: true, description: 'operators, administrators and owners' })
}, { additionalProperties: false })
export type AlarmRule = Static<typeof AlarmRule>

/** GET and PATCH /api/v1/alarm-rules. The first rule that fits an alarm decides; where none does, nobody is told. `version`: the one that was read. */
export const AlarmRules = Type.Object({ version: Type.Integer({ minimum: 0, maximum: 2 ** 31 }), rules: Type.Array(AlarmRule, { maxItems: 50 }) }, { additionalProperties: false })
export type AlarmRules = Static<typeof AlarmRules>
