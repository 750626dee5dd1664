/** What an operator watches: states, numbers and events, loaded once and then kept true by the feed. */
import type { AccessPointState, AuditRow, FeedEvent, Places } from '@oncekey/protocol/schemas'
import { SvelteMap } from 'svelte/reactivity'
import { withRow } from '../audit/rows.ts'
import { client } from '../client.ts'
import { operators } from '../operators.ts'

const feedLength = 30
/** Numbers that only the server can count are asked for at most this often. */
const recountMs = 1500
const changesPlaces = new Set(['bank.added', 'accessPoint.added', 'accessPoint.changed', 'accessPoint.removed', 'controller.claimed', 'controller.removed'])

export function watchHouse () {
  // Each state by itself: an event redraws one compartment, not the bank.
  const states = new SvelteMap<string, AccessPointState>()
  let places = $state.raw<Places | null>(null)
  let rows = $state.raw<AuditRow[]>([])
  let counted = $state.raw({ alarms: 0, openingsToday: 0 })
  let error = $state.raw<unknown>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  async function load (): Promise<void> {
    const mine = ++turn
    try {
      const [tree, live, page] = await Promise.all([client.places.get(), operators.live.get(), operators.audit.page({ limit: feedLength })])
      if (mine !== turn) return
      places = tree
      rows = page.rows
      take(live)
      error = null
    } catch (refusal) {
      if (mine === turn) error = refusal
    }
  }

  function take (live: { states: AccessPointState[], alarms: number, openingsToday: number }): void {
    for (const state of live.states) states.set(state.id, state)
    counted = { alarms: live.alarms, openingsToday: live.openingsToday }
  }

  function recountSoon (): void {
    timer ??= setTimeout(() => {
      timer = undefined
      // A recount that fails is made up for by the next event, or by the load after the line came back.
      operators.live.get().then(take, () => {})
    }, recountMs)
  }

  function hear (event: FeedEvent): void {
    if (event.kind === 'state') states.set(event.state.id, event.state)
    else if (event.kind === 'audit') {
      rows = withRow(rows, event.row, feedLength)
      if (changesPlaces.has(event.row.event)) void load()
    } else return
    recountSoon()
  }

  return {
    load, hear, states,
    stop: () => clearTimeout(timer),
    get places (): Places | null { return places },
    get rows (): readonly AuditRow[] { return rows },
    get counted (): { alarms: number, openingsToday: number } { return counted },
    get error (): unknown { return error }
  }
}
