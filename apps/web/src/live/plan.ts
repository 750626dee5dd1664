/** How a bank is drawn: pure, so that the order is the same on every page. */
import type { AccessPoint, AccessPointState } from '@oncekey/protocol/schemas'

const byName = new Intl.Collator('en', { numeric: true })

/** Compartments as they stand in steel: by the number of their lock, those without a lock by name at the end. */
export function inSteelOrder (points: readonly AccessPoint[]): AccessPoint[] {
  const number = (point: AccessPoint): number => point.lock > 0 ? point.lock : Infinity
  return [...points].sort((a, b) => (number(a) - number(b) || 0) || byName.compare(a.name, b.name))
}

/**
 * Columns of a bank of so many compartments when there is room: banks are wider than high, and a full last row
 * is better than a ragged one. 12 -> 4, 24 -> 6, 50 -> 10.
 */
export function columnsOf (count: number): number {
  if (count <= 3) return Math.max(1, count)
  const best = Math.ceil(Math.sqrt(count))
  const widest = Math.min(10, Math.ceil(Math.sqrt(count * 2)))
  for (let columns = best; columns <= widest; columns++) if (count % columns === 0) return columns
  return best
}

export function isOpen (state: Pick<AccessPointState, 'lockState' | 'doorState'>): boolean {
  return state.lockState === 'unlocked' || state.doorState === 'open' || state.doorState === 'ajar' || state.doorState === 'forcedOpen'
}

/** What can be counted from the states on the page. What is off line may have been closed since: it does not count as open. */
export function count (states: Iterable<AccessPointState>): { openNow: number, offline: number } {
  let openNow = 0
  let offline = 0
  for (const state of states) {
    if (!state.online) offline++
    else if (isOpen(state)) openNow++
  }
  return { openNow, offline }
}

/** The state of a point of which nothing was ever heard. */
export function unheardOf (id: string): AccessPointState {
  return { id, online: false, lockState: 'unknown', doorState: 'unknown', millivolts: 0, battery: 'ok', lockedOutUntil: null, lastOpenedAt: null, lastOpenedBy: null, standing: null }
}
