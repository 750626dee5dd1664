/** Sums of the server's figures, as the page shows them. Pure: it adds up, and nothing else. */
import type { GuardFigures } from '@oncekey/protocol/schemas'

type Row = GuardFigures['rows'][number]
const counts = ['started', 'sent', 'micros', 'taken', 'delivered', 'verified', 'expired', 'blocked', 'cancelled'] as const
export type Sums = Record<(typeof counts)[number], number> & { failed: number, refused: number }
export type Why = { channel: string, why: string, count: number }
export const dayMs = 86_400_000

export function sums (rows: readonly Row[]): Sums {
  const all: Sums = { started: 0, sent: 0, micros: 0, taken: 0, delivered: 0, verified: 0, expired: 0, blocked: 0, cancelled: 0, failed: 0, refused: 0 }
  for (const row of rows) {
    for (const name of counts) all[name] += row[name]
    for (const { messages } of row.failed) all.failed += messages
    for (const { messages } of row.refused) all.refused += messages
  }
  return all
}

/** By what a row is called; what has nothing in it is left out. The one with most comes first. */
export function sumsBy (rows: readonly Row[], nameOf: (row: Row) => string | null): { name: string, sums: Sums }[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const name = nameOf(row)
    if (name !== null) groups.set(name, [...groups.get(name) ?? [], row])
  }
  return [...groups].map(([name, some]) => ({ name, sums: sums(some) })).filter(each => Object.values(each.sums).some(Boolean)).toSorted((a, b) => b.sums.sent - a.sums.sent || (a.name < b.name ? -1 : 1))
}

export const failures = (rows: readonly Row[]): Why[] => whys(rows.flatMap(row => row.failed.map(each => ({ channel: row.channel, why: each.fault, count: each.messages }))))
export const refusals = (rows: readonly Row[]): Why[] => whys(rows.flatMap(row => row.refused.map(each => ({ channel: row.channel, why: each.reason, count: each.messages }))))
/** What was typed in and not taken, whichever way its code went. */
export const wrongChecks = (rows: readonly Row[]): Why[] => whys(rows.flatMap(row => row.checksRefused.map(each => ({ channel: '', why: each.reason, count: each.checks }))))

function whys (all: readonly Why[]): Why[] {
  const found = new Map<string, Why>()
  for (const each of all) {
    const name = `${each.channel} ${each.why}`
    found.set(name, { ...each, count: each.count + (found.get(name)?.count ?? 0) })
  }
  return [...found.values()].toSorted((a, b) => b.count - a.count)
}

/** Each day (UTC) of the period, also those without anything. */
export function spendByDay (rows: readonly Row[], channel: string, from: number, days: number): { day: number, messages: number, micros: number }[] {
  return Array.from({ length: days }, (_, i) => {
    const day = from + i * dayMs
    const { sent, micros } = sums(rows.filter(row => row.channel === channel && row.from === day))
    return { day, messages: sent, micros }
  })
}

/** Midnight (UTC) with which a period of so many days begins: caps are by such days. */
export function periodStart (now: number, days: number): number {
  return (Math.floor(now / dayMs) - days + 1) * dayMs
}
