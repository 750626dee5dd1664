/** How a roll-out goes on, without database and clock: small first, then larger, and no further when too much fails. */
export type Plan = {
  /** Percent of all that each stage reaches; 0 = one. The last is 100. */
  stages: readonly number[]
  /** The stage that it is in. */
  stage: number
  /** When everything in this stage had ended; null = not yet. */
  settledAt: number | null
  pauseMs: number
  /** More failures than this halt it. */
  mostFailures: number
  /** How many controllers the present stage reaches, where that is no percentage: see `reachOfGroups`. */
  reach?: number
}

/** Controllers: all, those that were begun with, those of them that are still at it, and those that failed or went back. */
export type Counts = { total: number, begun: number, underWay: number, failed: number }

export type NextStep = { do: 'halt' } | { do: 'finish' } | { do: 'settle' } | { do: 'advance' } | { do: 'begin', most: number } | { do: 'wait' }

/** So many download at once: a server on a small machine serves doors, too. */
const MOST_AT_ONCE = 50

/** What is to be done now. */
export function nextStep (plan: Plan, counts: Counts, now: number): NextStep {
  if (counts.failed > plan.mostFailures) return { do: 'halt' }
  const reach = plan.reach ?? reachOf(plan, counts.total)
  const room = Math.min(reach - counts.begun, MOST_AT_ONCE - counts.underWay)
  if (room > 0) return { do: 'begin', most: room }
  if (counts.underWay > 0 || counts.begun < reach) return { do: 'wait' }
  if (counts.begun >= counts.total) return { do: 'finish' }
  if (plan.settledAt === null) return { do: 'settle' }
  return now >= plan.settledAt + plan.pauseMs ? { do: 'advance' } : { do: 'wait' }
}

/** How many controllers the present stage reaches. */
export function reachOf ({ stages, stage }: Pick<Plan, 'stages' | 'stage'>, total: number): number {
  const percent = stages[stage] ?? 100
  return Math.min(total, Math.max(1, Math.ceil(total * percent / 100)))
}

/** One controller of a roll-out that goes group by group. `stage`: the place of its group. */
export type GroupMember = { stage: number, isWaiting: boolean, isOnline: boolean }

/**
 * How many controllers are reached while it is some group's turn. Whoever of that group, or of one before it, is off line
 * holds nobody up and gets it later; but a group of which nobody was there yet is waited for, and so is everybody in the end.
 * @param last the place of the last group
 */
export function reachOfGroups (members: readonly GroupMember[], stage: number, last: number): number {
  if (stage >= last) return members.length
  const begun = members.filter(({ isWaiting }) => !isWaiting).length
  const ready = members.filter((one) => one.stage <= stage && one.isWaiting && one.isOnline).length
  const group = members.filter((one) => one.stage === stage)
  const isAway = group.length > 0 && group.every((one) => one.isWaiting && !one.isOnline)
  return begun + ready + (isAway ? 1 : 0)
}
