/** What an operator watches: states, numbers, events and orders, loaded once and then kept true by the feed. */
import type { AccessPointState, AuditRow, FeedEvent, Places, StandingOrder } from '@oncekey/protocol/schemas'
import { SvelteMap } from 'svelte/reactivity'
import { withRow } from '../audit/rows.ts'
import { operators } from '../operators.ts'
import { orders } from './orders.ts'
import { isOpen } from './plan.ts'

const feedLength = 30
/** Numbers that only the server can count are asked for at most this often, and so is everything when the house changes. */
const recountMs = 1500
const changesPlaces = new Set(['bank.added', 'bank.removed', 'accessPoint.added', 'accessPoint.changed', 'accessPoint.removed', 'controller.claimed', 'controller.replaced', 'controller.removed'])
const changesOrders = /^(hold|lockdown|evacuation)\./

export function watchHouse () {
  // Each state by itself: an event redraws one compartment, not the bank.
  const states = new SvelteMap<string, AccessPointState>()
  let places = $state.raw<Places | null>(null)
  let standing = $state.raw<StandingOrder[]>([])
  let rows = $state.raw<AuditRow[]>([])
  let counted = $state.raw({ alarms: 0, openingsToday: 0 })
  // Kept by each change: to count thousands anew at every event is what makes a page slow.
  let openNow = $state(0)
  let offline = $state(0)
  let error = $state.raw<unknown>(null)
  const timers = new Map<() => unknown, ReturnType<typeof setTimeout>>()
  let turn = 0

  async function load (): Promise<void> {
    const mine = ++turn
    try {
      const [tree, live, page, ordered] = await Promise.all([operators.places.plan(), operators.live.get(), operators.audit.page({ limit: feedLength }), orders.list()])
      if (mine !== turn) return
      places = tree
      rows = page.rows
      standing = ordered.orders
      const there = new Set(live.states.map(state => state.id))
      for (const id of [...states.keys()]) if (!there.has(id)) { forget(id); states.delete(id) }
      for (const state of live.states) put(state)
      takeNumbers(live)
      error = null
    } catch (refusal) {
      if (mine === turn) error = refusal
    }
  }

  function put (state: AccessPointState): void {
    forget(state.id)
    states.set(state.id, state)
    if (!state.online) offline++
    else if (isOpen(state)) openNow++
  }

  /** Takes it out of the numbers. */
  function forget (id: string): void {
    const before = states.get(id)
    if (before === undefined) return
    if (!before.online) offline--
    else if (isOpen(before)) openNow--
  }

  function takeNumbers (live: { alarms: number, openingsToday: number }): void {
    counted = { alarms: live.alarms, openingsToday: live.openingsToday }
  }

  // What fails is made up for by the next event, or by the load after the line came back.
  const recount = (): void => { operators.live.numbers().then(takeNumbers, () => {}) }
  const reorder = (): void => { orders.list().then(answer => { standing = answer.orders }, () => {}) }

  function soon (what: () => unknown): void {
    if (timers.has(what)) return
    timers.set(what, setTimeout(() => {
      timers.delete(what)
      what()
    }, recountMs))
  }

  function hear (event: FeedEvent): void {
    if (event.kind === 'state') put(event.state)
    else if (event.kind === 'orders') return soon(reorder)
    else if (event.kind === 'audit') {
      rows = withRow(rows, event.row, feedLength)
      // An order may rule thousands of places: all states in one answer, and at once.
      if (changesOrders.test(event.row.event)) void load()
      else if (changesPlaces.has(event.row.event)) soon(load)
    } else return
    soon(recount)
  }

  return {
    load, hear, states,
    stop: () => { for (const timer of timers.values()) clearTimeout(timer) },
    get places (): Places | null { return places },
    get standing (): readonly StandingOrder[] { return standing },
    get rows (): readonly AuditRow[] { return rows },
    get counted (): { alarms: number, openingsToday: number } { return counted },
    get openNow (): number { return openNow },
    get offline (): number { return offline },
    get error (): unknown { return error }
  }
}
