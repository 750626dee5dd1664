import type { House } from '../house.ts'
import type { Trx, Value } from '../platform/db.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { forgetImports } from './import-state.ts'
import { nameKey, wordsOf } from './words.ts'

/** Of one write, so that requests in between wait for no more than that. */
const AT_ONCE = 100

export type Listed = { id: string, name: string, email: string, username: string | null }

/** Lists a person anew by what they are called now: after every change of name, address or user name. */
export async function listPerson (trx: Trx, personId: string): Promise<void> {
  const row = await trx.prepare('SELECT id, name, email, username FROM people WHERE id = ? AND removed_at IS NULL').get(personId)
  await unlistPerson(trx, personId)
  if (row === undefined) return
  const person: Listed = { id: personId, name: String(row['name']), email: String(row['email']), username: row['username'] === null ? null : String(row['username']) }
  await trx.prepare('UPDATE people SET name_key = ? WHERE id = ?').run(nameKey(person.name), personId)
  await insertWords(trx, [person])
}

/** Whoever was removed is found no more. */
export async function unlistPerson (trx: Trx, personId: string): Promise<void> {
  await trx.prepare('DELETE FROM people_words WHERE person_id = ?').run(personId)
}

/** The words of people who have none yet. */
export async function insertWords (trx: Trx, people: readonly Listed[]): Promise<void> {
  await insertRows(trx, 'people_words', ['word', 'name_key', 'person_id'], people.flatMap((one) => wordsOf(one).map((word) => [word, nameKey(one.name), one.id])))
}

/** Rows of one statement: few different texts, and few statements for many rows. */
const SIZES = [128, 32, 8, 1]

export async function insertRows (trx: Trx, table: string, columns: readonly string[], rows: readonly Value[][]): Promise<void> {
  const row = `(${columns.map(() => '?').join(', ')})`
  for (let written = 0; written < rows.length;) {
    const count = SIZES.find((one) => one <= rows.length - written) ?? 1
    await trx.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array.from({ length: count }, () => row).join(', ')}`).run(...rows.slice(written, written + count).flat())
    written += count
  }
}

/**
 * Lists whoever is not yet: everybody of before there was a list, after an upgrade. They can do everything meanwhile; they
 * stand at the top of the list, and searches do not find them. @returns how many it were
 */
export async function listWaiting (house: House): Promise<number> {
  for (let listed = 0; ;) {
    const waiting = await house.db.read.selectFrom('people').select('id').where('name_key', '=', '').where('removed_at', 'is', null).limit(AT_ONCE).execute()
    if (waiting.length === 0) return listed
    await house.db.write(async (trx) => { for (const { id } of waiting) await listPerson(trx, id) })
    listed += waiting.length
  }
}

/** At the start, and now and then: an older program on the same PostgreSQL adds people without listing them. */
export function startPeopleWork (house: House): Loop {
  const work = async (): Promise<void> => {
    const listed = await listWaiting(house)
    if (listed > 0) house.log.info('people were listed for searching', { people: listed })
    await forgetImports(house)
  }
  const soon = setTimeout(() => { first = work().catch((error: unknown) => { house.log.error('people could not be listed', { error }) }) }, 100)
  let first: Promise<void> = Promise.resolve()
  const loop = repeat(60_000, work, house.log)
  return {
    async stop () {
      clearTimeout(soon)
      await first
      await loop.stop()
    }
  }
}
