import { Type, type Static } from 'typebox'
import { Id, Moment, Name, NullableMoment } from './common.ts'

/** Hours of some days of the week, at the site's time. What summer time does to them is told in packages/protocol/src/access/schedule.ts. */
export const Hours = Type.Object({
  days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7, uniqueItems: true, description: 'on which they begin: 1 Monday to 7 Sunday' }),
  fromMinute: Type.Integer({ minimum: 0, maximum: 1439, description: 'minutes since midnight' }),
  toMinute: Type.Integer({ minimum: 1, maximum: 1440, description: 'minutes since midnight, no longer part of them; not after fromMinute: on the next day' })
}, { additionalProperties: false })

export const Schedule = Type.Object({
  hours: Type.Array(Hours, { minItems: 1, maxItems: 14 }),
  alsoOnHolidays: Type.Boolean({ description: 'whether the site\'s holidays change nothing' })
}, { additionalProperties: false })
export type Schedule = Static<typeof Schedule>
const NullableSchedule = Type.Union([Schedule, Type.Null()])

/** Whose access to what, and when. `uses`: openings that it was used for; codes that work without a network count when they are made. */
export const Grant = Type.Object({
  id: Id, personId: Id, personName: Type.String(), accessPointId: Id, accessPointName: Type.String(), place: Type.String(),
  startsAt: NullableMoment, endsAt: NullableMoment, createdAt: Moment,
  schedule: NullableSchedule, maxUses: Type.Union([Type.Integer(), Type.Null()]), uses: Type.Integer(),
  group: Type.Union([Type.Object({ id: Id, name: Type.String() }), Type.Null()], { description: 'through which group they have it; null: it was given to them alone' })
})
export type Grant = Static<typeof Grant>
export const GrantsAnswer = Type.Object({ grants: Type.Array(Grant) })
export type GrantsAnswer = Static<typeof GrantsAnswer>

/** POST /api/v1/grants: one grant for each named access point. Without `schedule` at any time of its window, without `maxUses` any number of times. */
export const GrantForm = Type.Object({
  personId: Id, accessPointIds: Type.Array(Id, { minItems: 1, maxItems: 500 }),
  startsAt: Type.Optional(NullableMoment), endsAt: Type.Optional(NullableMoment),
  schedule: Type.Optional(NullableSchedule), maxUses: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Null()]))
})
export type GrantForm = Static<typeof GrantForm>

const DateText = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$', description: 'a date, as 2026-12-25' })

/** A date on which schedules do not hold, but for those that say so. Hours over midnight go by the day on which they begin. */
export const Holiday = Type.Object({ id: Id, date: DateText, name: Type.String() })
export type Holiday = Static<typeof Holiday>
/** GET /api/v1/holidays, in order of date; those of more than a year ago are left out. */
export const HolidaysAnswer = Type.Object({ holidays: Type.Array(Holiday) })
export type HolidaysAnswer = Static<typeof HolidaysAnswer>
/** POST /api/v1/holidays */
export const HolidayForm = Type.Object({ date: DateText, name: Name }, { additionalProperties: false })
export type HolidayForm = Static<typeof HolidayForm>
