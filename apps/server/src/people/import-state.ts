import type { ImportState } from '@oncekey/protocol/schemas'
import type { Selectable } from 'kysely'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import type { Tables } from '../platform/tables.ts'
import { Problem } from '../platform/problems.ts'

/** A running import says so with every step; one that has said nothing for this long was cut. */
export const QUIET_MS = 30_000
/** How long reports are kept: they hold names and addresses. */
export const KEPT_MS = 7 * 86_400_000
const MOST_SHOWN = 20

/** What became of a row, as reports have it: line, name, address, result, and the fault's word or ''. */
export type Outcome = [line: number, name: string, email: string, result: 'added' | 'here' | 'refused', fault: string]

/** @throws Problem notFound */
export async function findImport (house: House, siteId: string, id: string): Promise<ImportState> {
  const [found] = await findImports(house, siteId, id)
  if (found === undefined) throw new Problem('notFound')
  return found
}

/** Of the last week, the newest first; or one of them. */
export async function findImports (house: House, siteId: string, id?: string): Promise<ImportState[]> {
  const rows = await house.db.read.selectFrom('people_imports as i').innerJoin('people as p', 'p.id', 'i.started_by').selectAll('i').select('p.name')
    .where('i.site_id', '=', siteId).$if(id !== undefined, (query) => query.where('i.id', '=', id ?? '')).orderBy('i.started_at', 'desc').orderBy('i.id', 'desc').limit(MOST_SHOWN).execute()
  return rows.map((row) => ({
    id: row.id, state: stateOf(row, house.clock()), total: row.total, done: row.done, added: row.added, here: row.here, faulty: row.faulty,
    invite: row.invite === 1, startedBy: row.name, startedAt: row.started_at, endedAt: row.ended_at
  }))
}

export function stateOf ({ state, beat_at: beatAt }: Pick<Selectable<Tables['people_imports']>, 'state' | 'beat_at'>, now: number): ImportState['state'] {
  return state === 'running' && now - beatAt > QUIET_MS ? 'cut' : state
}

/** Reports go after a week. */
export async function forgetImports (house: House): Promise<void> {
  const old = await house.db.read.selectFrom('people_imports').select('id').where('started_at', '<', house.clock() - KEPT_MS).limit(50).execute()
  if (old.length > 0) await house.db.write(async (trx) => { for (const { id } of old) await forget(trx, id) })
}

async function forget (trx: Trx, id: string): Promise<void> {
  await trx.prepare('DELETE FROM people_import_parts WHERE import_id = ?').run(id)
  await trx.prepare('DELETE FROM people_imports WHERE id = ?').run(id)
}
