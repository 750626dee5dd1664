import type { Ledger, Row, Trx } from '../platform/db.ts'
import { inTurns, marks, perCount } from '../platform/many.ts'
import { approve, type Took } from './decide.ts'
import { rowOfPurse, storedTexts, writeKept } from './kept.ts'
import { pursesIn, subjectsIn, tookIn } from './rows.ts'
import { subjectsOf, type Send } from './subjects.ts'

/** `messages`: of this verification, for one that nothing was noted of: a mail of which nobody said where it was asked for. */
type Approved = Pick<Send, 'keyId' | 'channel' | 'recipientKey'> & { verificationId: string, messages: number, at: number }

/** Names of one statement. */
const AT_ONCE = [32, 4, 1]

const readKept = perCount((count) => `SELECT verification_id AS id, subjects, took FROM guard_sends WHERE verification_id IN (${marks(count)})`)

/** What a group of writes has approved is given back at its end: three statements, however many checks there were. */
const ledger: Ledger<Approved> = {
  rank: 1,
  async write (trx, items) {
    const rows: Row[] = (await inTurns(AT_ONCE, items, (some) => trx.prepare(readKept(some.length)).all(...some.map((one) => one.verificationId)))).flat()
    const kept = new Map(rows.map((row) => [String(row['id']), row]))
    const sends = items.map((item): Send & { at: number, took: Took } => {
      const noted = kept.get(item.verificationId)
      const send: Send = { ...item, phone: null, ip: null, recent: 0 }
      return { ...send, subjects: noted === undefined ? subjectsOf(send) : subjectsIn(String(noted['subjects'])), at: item.at, took: noted === undefined ? { own: 0, others: item.messages } : tookIn(String(noted['took'])) }
    })
    const subjects = [...new Map(sends.flatMap((send) => subjectsOf(send)).map((one) => [one.name, one])).values()]
    const purses = pursesIn(subjects, await storedTexts(trx, subjects.map(({ name }) => name)))
    const changed = new Map<string, ReturnType<typeof rowOfPurse>>()
    for (const send of sends) {
      for (const change of approve(purses, send, send.took, send.at)) {
        purses.set(change.subject.name, change.purse)
        changed.set(change.subject.name, rowOfPurse(change))
      }
    }
    await writeKept(trx, changed)
  }
}

/** A code was typed in: gives back what its messages cost, and one coin more where its recipient is a new one. */
export function guardApproved (trx: Trx, approved: Approved): void {
  trx.note(ledger, approved)
}
