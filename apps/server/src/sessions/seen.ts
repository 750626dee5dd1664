import type { Ledger, Trx } from '../platform/db.ts'

type Seen = { personId: string, at: number }

/** People of one statement: few different texts, its rest filled with who is in it. */
const AT_ONCE = [32, 1]
const update = new Map(AT_ONCE.map((people) => [people, `UPDATE people SET last_seen_at = ? WHERE id IN (${Array.from({ length: people }, () => '?').join(', ')}) AND removed_at IS NULL`]))

/** Whoever comes in a group is written at once, all with the time of the last of them. */
const seen: Ledger<Seen> = {
  rank: 1,
  async write (trx, items) {
    const people = [...new Set(items.map((one) => one.personId))].sort()
    const at = Math.max(...items.map((one) => one.at))
    for (let written = 0; written < people.length;) {
      const count = AT_ONCE.find((one) => one <= 2 * (people.length - written)) ?? 1
      const some = people.slice(written, written + count)
      await trx.prepare(update.get(count) ?? '').run(at, ...some, ...Array.from({ length: count - some.length }, () => some[0] ?? ''))
      written += some.length
    }
  }
}

/** Somebody is here: their last use, as the list of people shows it. */
export function noteSeen (trx: Trx, personId: string, at: number): void {
  trx.note(seen, { personId, at })
}
