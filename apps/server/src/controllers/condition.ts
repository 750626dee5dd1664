import type { House } from '../house.ts'
import { isOnline, linesOf } from './links.ts'

/** What only the server's memory knows of a controller: whether it is there, and what it last said of itself. */
export function conditionOf (house: House, controllerId: string): { online: boolean, queued: number | null, reset: string | null } {
  const line = linesOf(house).loaded.get(controllerId)
  const online = isOnline(house, controllerId)
  // What it said of its clock then is no more: the welcome brought it our time.
  return { online, queued: online ? line?.health?.queued ?? null : null, reset: online ? line?.hello?.reset ?? null : null }
}
