import { Type, type Static } from 'typebox'
import { accessChecks } from '../access/index.ts'
import { Id, Moment, words } from './common.ts'
import { Grant } from './grants.ts'

const Named = Type.Object({ id: Id, name: Type.String() })
/** Up to the end of the year 9999: what follows is computed with has to be a date, too. */
const At = Type.Optional(Type.Integer({ minimum: 0, maximum: 253_402_300_799_999, description: 'milliseconds since 1970-01-01 UTC; absent: now' }))
const Check = words(...accessChecks)
/** The checks in their order. After the one that failed nothing was looked at. */
const Checks = Type.Array(Type.Object({ check: Check, outcome: words('passed', 'failed', 'notReached') }))
const Verdict = {
  granted: Type.Boolean(), because: Type.Union([Check, Type.Null()], { description: 'the check that failed' }),
  until: Type.Union([Moment, Type.Null()], { description: 'when this access stops to hold; null: not within 40 days, or it does not hold' }),
  grant: Type.Union([Grant, Type.Null()], { description: 'the one that lets them, or came nearest' })
}

/**
 * GET /api/v1/access/why: would this person open this access point at that moment, and why (not)? `at`: now unless told; only
 * the clock is moved there, people, grants and doors are as they are now. `by`: with a code of their own, or from afar.
 */
export const WhyQuery = Type.Object({ personId: Id, accessPointId: Id, at: At, by: Type.Optional(words('code', 'remote')) })
export type WhyQuery = Static<typeof WhyQuery>
export const WhyAnswer = Type.Object({
  at: Moment, by: words('code', 'remote'), person: Named, accessPoint: Named, place: Type.String(), ...Verdict, checks: Checks,
  holiday: Type.Union([Type.String(), Type.Null()], { description: 'the date that the check of that name failed for' })
})
export type WhyAnswer = Static<typeof WhyAnswer>

const pages = { at: At, after: Type.Optional(Type.String({ minLength: 1, maxLength: 400 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) }
/** GET /api/v1/access/holders: who can open this. GET /api/v1/access/points: what can they open. `after`: the `next` of the page before. */
export const HoldersQuery = Type.Object({ accessPointId: Id, ...pages })
export type HoldersQuery = Static<typeof HoldersQuery>
export const PointsQuery = Type.Object({ personId: Id, ...pages })
export type PointsQuery = Static<typeof PointsQuery>
/** Everybody who has a grant that is not over, with whether it would let them at that moment. */
export const HoldersPage = Type.Object({ at: Moment, holders: Type.Array(Type.Object({ person: Named, ...Verdict })), next: Type.Union([Type.String(), Type.Null()]) })
export type HoldersPage = Static<typeof HoldersPage>
export const PointsPage = Type.Object({ at: Moment, accessPoints: Type.Array(Type.Object({ accessPoint: Named, place: Type.String(), ...Verdict })), next: Type.Union([Type.String(), Type.Null()]) })
export type PointsPage = Static<typeof PointsPage>

/** GET /api/v1/audit/why: a refusal of the record, by the number of its row, with its checks as they were then. */
export const RefusalQuery = Type.Object({ seq: Type.Integer({ minimum: 1, maximum: 9e15 }) })
export const Refusal = Type.Object({
  seq: Type.Integer(), at: Moment, because: Type.Union([Check, Type.Null()], { description: 'null: the row is from before checks were written down, and its reason does not tell' }), checks: Checks,
  codeId: Type.Union([Type.String(), Type.Null()]), grantId: Type.Union([Type.String(), Type.Null()])
})
export type Refusal = Static<typeof Refusal>
