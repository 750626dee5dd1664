import { changesAt, scheduleAt, type OffsetMs, type Schedule } from './schedule.ts'

/**
 * What is looked at, one after the other, before something opens. The first that fails is why it stays shut. Names are in
 * rows of the record: one that has shipped is never renamed.
 */
export const accessChecks = [
  'keypad', 'code', 'unspent', 'accessPoint', 'lock', 'controller', 'connected', 'battery', 'person', 'suspended', 'role',
  'held', 'lockdown', 'grant', 'ended', 'begun', 'over', 'schedule', 'holiday', 'uses', 'time'
] as const
export type AccessCheck = (typeof accessChecks)[number]
/** Those that facts answer; the others are a keypad's and its codes', see entry.ts. */
type FactCheck = Exclude<AccessCheck, 'keypad' | 'code' | 'unspent' | 'lock' | 'time'>

/** How somebody wants to open. `ask`: has a code made for themselves. `entry`: types it. `make`: an operator makes one for them, which needs no grant. `handed`: types such a one. `remote`: unlocks from afar. */
export type AccessWay = 'ask' | 'entry' | 'make' | 'handed' | 'remote'

export type GrantFacts = {
  readonly id: string
  readonly isEnded: boolean
  /** From this moment on; null: always did. */
  readonly startsAt: number | null
  /** Up to this moment, which is no longer part of it; null: no end. */
  readonly endsAt: number | null
  readonly schedule: Schedule | null
  /** Openings that it is good for; null: any number. */
  readonly maxUses: number | null
  /** Openings that were had, and those that were promised to codes. */
  readonly uses: number
}

/** All that a decision depends on. What a way does not look at is ignored. */
export type AccessFacts = {
  /** ms since 1970. */
  readonly now: number
  /** Of the site. */
  readonly offsetMs: OffsetMs
  /** Dates of the site, as `2026-12-25`. */
  readonly holidays: readonly string[]
  readonly accessPoint: { readonly isThere: boolean, readonly hasController: boolean, readonly isConnected: boolean, readonly isBatteryLow: boolean, readonly isHeld: boolean, readonly isLockedDown: boolean }
  /** `mayCommand`: has a role that unlocks from afar. `mayOverride`: also in a lockdown. */
  readonly person: { readonly isThere: boolean, readonly isSuspended: boolean, readonly mayCommand: boolean, readonly mayOverride: boolean }
  /** Of this person for this access point; of an entry, the one that its code was made under. */
  readonly grants: readonly GrantFacts[]
}

export type CheckOutcome = { check: AccessCheck, outcome: 'passed' | 'failed' | 'notReached' }
export type AccessDecision = {
  granted: boolean
  /** The check that failed; null when granted. */
  because: AccessCheck | null
  checks: CheckOutcome[]
  /** The grant that lets them, or the one that came nearest; null when there is none, or none is asked for. */
  grant: GrantFacts | null
  /** The date that `holiday` failed for. */
  holiday: string | null
}

const orders = ['held', 'lockdown'] as const
const thing = ['accessPoint', 'controller', 'battery', 'person', 'suspended', ...orders] as const
const grantChecks = ['grant', 'ended', 'begun', 'over', 'schedule', 'holiday', 'uses'] as const
const ways: Readonly<Record<AccessWay, readonly FactCheck[]>> = {
  ask: [...thing, ...grantChecks],
  entry: ['accessPoint', 'person', 'suspended', ...orders, ...grantChecks],
  make: thing,
  handed: ['accessPoint', 'person', 'suspended', ...orders],
  remote: ['accessPoint', 'controller', 'connected', 'person', 'suspended', 'role', ...orders]
}

/** The order in which each way looks. A battery stops new codes only: those that are live go on. */
export const checksOfWay: Readonly<Record<AccessWay, readonly AccessCheck[]>> = ways

/** Whether this opens, and why not. The one decision: what issues codes, checks entries and explains them asks nobody else. */
export function decideAccess (way: AccessWay, facts: AccessFacts): AccessDecision {
  const listed = ways[way]
  const needsGrant = listed.includes('grant')
  const chosen = needsGrant ? choose(facts) : null
  const at = failsAt(listed, mayStay(way, facts) ? facts : { ...facts, person: { ...facts.person, mayOverride: false } }, chosen)
  const because = listed[at] ?? null
  return {
    granted: because === null, because, checks: outcomes(listed, because), grant: chosen,
    holiday: because === 'holiday' && chosen !== null ? hoursOf(chosen, facts).holiday : null
  }
}

/** Whether the facts hold for this way as they are: only unlocking from afar overrides a lockdown, because a code may be in other hands. */
function mayStay (way: AccessWay, { person }: AccessFacts): boolean {
  return way === 'remote' || !person.mayOverride
}

/** The list of checks when this one failed; all passed when it is null. */
export function outcomes (listed: readonly AccessCheck[], because: AccessCheck | null): CheckOutcome[] {
  const at = because === null ? listed.length : listed.indexOf(because)
  return listed.map((check, i) => ({ check, outcome: i < at ? 'passed' : i === at ? 'failed' : 'notReached' }))
}

/** How far a look for the end of a grant goes: further than any code lasts. */
const HORIZON_MS = 40 * 86_400_000

/** Until when a grant that holds now goes on holding; null: as far as any code could matter. Uses are not a matter of time. */
export function holdsUntil (grant: GrantFacts, { now, offsetMs, holidays }: Pick<AccessFacts, 'now' | 'offsetMs' | 'holidays'>): number | null {
  const limit = now + HORIZON_MS
  const ends = grant.schedule === null ? limit : changesAt({ schedule: grant.schedule, holidays, offsetMs }, now, limit)
  if (grant.endsAt !== null && grant.endsAt <= ends) return grant.endsAt
  return ends < limit ? ends : null
}

/**
 * Of several grants: one that lets them, rather without counting, then the one that lasts longest. If none does, the one that
 * comes nearest, because its fault is the one that is worth mending.
 */
function choose (facts: AccessFacts): GrantFacts | null {
  const [first, ...others] = facts.grants
  if (first === undefined || others.length === 0) return first ?? null
  let best = ranked(first, facts)
  for (const grant of others) {
    const one = ranked(grant, facts)
    if (one.at > best.at || (one.at === best.at && one.rank > best.rank)) best = one
  }
  return best.grant
}

function ranked (grant: GrantFacts, facts: AccessFacts): { grant: GrantFacts, at: number, rank: number } {
  const at = failsAt(grantChecks, facts, grant)
  if (at < grantChecks.length) return { grant, at, rank: 0 }
  return { grant, at, rank: (grant.maxUses === null ? Number.MAX_SAFE_INTEGER : 0) + (holdsUntil(grant, facts) ?? Number.MAX_SAFE_INTEGER) }
}

/** The place of the first check that fails; the length of the list when all pass. */
function failsAt (listed: readonly FactCheck[], facts: AccessFacts, grant: GrantFacts | null): number {
  const at = listed.findIndex((check) => !passes(check, facts, grant))
  return at === -1 ? listed.length : at
}

function passes (check: FactCheck, facts: AccessFacts, grant: GrantFacts | null): boolean {
  const { accessPoint, person, now } = facts
  switch (check) {
    case 'accessPoint': return accessPoint.isThere
    case 'controller': return accessPoint.hasController
    case 'connected': return accessPoint.isConnected
    case 'battery': return !accessPoint.isBatteryLow
    case 'person': return person.isThere
    case 'suspended': return !person.isSuspended
    case 'role': return person.mayCommand
    case 'held': return !accessPoint.isHeld
    case 'lockdown': return !accessPoint.isLockedDown || person.mayOverride
    case 'grant': return grant !== null
    case 'ended': return grant?.isEnded !== true
    case 'begun': return grant === null || grant.startsAt === null || grant.startsAt <= now
    case 'over': return grant === null || grant.endsAt === null || grant.endsAt > now
    case 'schedule': return grant === null || hoursOf(grant, facts).isInHours
    case 'holiday': return grant === null || hoursOf(grant, facts).holds
    case 'uses': return grant === null || grant.maxUses === null || grant.uses < grant.maxUses
  }
}

function hoursOf ({ schedule }: GrantFacts, { holidays, offsetMs, now }: AccessFacts): ReturnType<typeof scheduleAt> {
  return schedule === null ? ALWAYS : scheduleAt({ schedule, holidays, offsetMs }, now)
}

const ALWAYS = Object.freeze({ isInHours: true, holds: true, holiday: null })
