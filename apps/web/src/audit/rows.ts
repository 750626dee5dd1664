import type { AuditRow } from '@oncekey/protocol/schemas'

/** Rows with a new one in its place: newest first, each once (after a break the feed sends some again), no more than `most`. */
export function withRow (rows: readonly AuditRow[], row: AuditRow, most = Infinity): AuditRow[] {
  if (rows.some(each => each.seq === row.seq)) return [...rows]
  const at = rows.findIndex(each => each.seq < row.seq)
  const next = at < 0 ? [...rows, row] : [...rows.slice(0, at), row, ...rows.slice(at)]
  return next.slice(0, most)
}

/** Rows by the day they happened on in the site's zone, in the order given. */
export function byDay (rows: readonly AuditRow[], dayOf: (moment: number) => string): { day: string, time: number, rows: AuditRow[] }[] {
  const days: { day: string, time: number, rows: AuditRow[] }[] = []
  for (const row of rows) {
    const day = dayOf(row.time)
    const last = days.at(-1)
    if (last?.day === day) last.rows.push(row)
    else days.push({ day, time: row.time, rows: [row] })
  }
  return days
}
