import { scheduleAt } from '@oncekey/protocol/access'
import type { AlarmKind, AlarmRule } from '@oncekey/protocol/schemas'
import type { SiteCalendar } from '../grants/facts.ts'

/** An alarm as rules see it. `points`: the access point that it is about, or all that its controller has. */
export type Matched = { kind: AlarmKind, severity: 'notice' | 'alarm', points: readonly { id: string, bankId: string | null }[] }

/** What a new installation has: administrators hear of everything. */
export const firstRules: readonly AlarmRule[] = [
  { kinds: [], leastSeverity: 'notice', bankId: null, accessPointId: null, schedule: null, channel: 'both', roles: ['owner', 'admin'], personIds: [] }
]

/**
 * A call for help is for those alone who were named for it, at any hour: a rule for "everything" was written by somebody who
 * thought of batteries. Where no rule names it, whoever a new installation tells is told.
 */
function rulesFor (rules: readonly AlarmRule[], kind: AlarmKind): readonly AlarmRule[] {
  if (kind !== 'duress') return rules
  return [...rules.filter((rule) => rule.kinds.includes('duress')).map((rule) => ({ ...rule, schedule: null })), ...firstRules]
}

/** The first rule that fits decides: so a rule of one door, or of the night, stands before those of all. Null: nobody is told. */
export function ruleFor (rules: readonly AlarmRule[], { kind, severity, points }: Matched, calendar: SiteCalendar, now: number): AlarmRule | null {
  return rulesFor(rules, kind).find((rule) => (rule.kinds.length === 0 || rule.kinds.includes(kind)) &&
    (rule.leastSeverity === 'notice' || severity === 'alarm') &&
    (rule.bankId === null || points.some(({ bankId }) => bankId === rule.bankId)) &&
    (rule.accessPointId === null || points.some(({ id }) => id === rule.accessPointId)) &&
    (rule.schedule === null || scheduleAt({ schedule: rule.schedule, ...calendar }, now).holds)) ?? null
}
