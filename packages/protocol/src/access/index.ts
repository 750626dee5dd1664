/**
 * Who may open what, when, and why not: one decision on plain facts, the same where codes are made, typed and explained.
 * No clock, no time zones of its own, no database; the language of a microcontroller.
 */
export { accessChecks, checksOfWay, decideAccess, holdsUntil, type AccessCheck, type AccessDecision, type AccessFacts, type AccessWay, type CheckOutcome, type GrantFacts } from './decide.ts'
export { checksOfRefusal, refusalDetails, whyRefused } from './entry.ts'
export { dateOf, opensAt, scheduleAt, type Hours, type OffsetMs, type Schedule } from './schedule.ts'
