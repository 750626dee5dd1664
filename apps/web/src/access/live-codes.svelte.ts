/**
 * The digits that this page was given. They live here, in memory, and nowhere else: a reload forgets them.
 */
import type { CodeIssued } from '@oncekey/protocol/schemas'
import { SvelteMap } from 'svelte/reactivity'

/** By access point. */
const live = new SvelteMap<string, CodeIssued>()

export function keep (issued: CodeIssued): void {
  live.set(issued.code.accessPointId, issued)
}

export function liveCode (accessPointId: string): CodeIssued | undefined {
  return live.get(accessPointId)
}

export function liveCodes (): CodeIssued[] {
  return [...live.values()]
}

/** One access point's digits, or all of them. */
export function forget (accessPointId?: string): void {
  if (accessPointId === undefined) live.clear()
  else live.delete(accessPointId)
}
