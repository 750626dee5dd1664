import type { Value } from '../platform/db.ts'
import type { BackupHeader, TableHead } from './format.ts'
import { BadBackup } from './frame.ts'

/** An empty database that a backup is put into. Nothing of it shows to anybody before `finish`. */
export type Loader = {
  rows: (table: TableHead, rows: Value[][]) => Promise<void>
  /** Brings it to this program's schema, notes where it came from, and keeps it. */
  finish: (note: string) => Promise<void>
  /** Leaves what was there before. Harmless after `finish`. */
  abandon: () => Promise<void>
}

/** What a database says of a row that it does not take. What is no fault of the row's is left as it is: it has a cure of its own. */
export function notTaken (table: string, cause: unknown): unknown {
  if (cause instanceof BadBackup || isOfThePlace(cause)) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new BadBackup('damaged', `The backup holds rows of "${table}" that the database does not take (${why}). It was made by another program, or changed: take another backup. Nothing was replaced.`, { cause })
}

/** SQLite's read-only, input/output, full and can not open (result codes 8, 10, 13, 14); PostgreSQL's classes of lost connections, resources, operators, the system. */
function isOfThePlace (cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  if ('errcode' in cause && typeof cause.errcode === 'number') return [8, 10, 13, 14].includes(cause.errcode & 0xff)
  return 'code' in cause && typeof cause.code === 'string' && /^(?:08|53|57|58)\w{3}$|^E[A-Z]+$/.test(cause.code)
}

/** The migrations that the backup's database had, in their order. @throws BadBackup for one from a newer version */
export function hadBefore<One extends { name: string }> (known: readonly One[], { migrations, program }: BackupHeader): One[] {
  const foreign = migrations.filter((name) => !known.some((one) => one.name === name))
  if (foreign.length > 0) throw new BadBackup('newer', `This backup is from a newer version of Oncekey (${program}; it has ${foreign.join(', ')}). Install that version, and restore it there. Nothing was changed.`)
  return known.filter((one) => migrations.includes(one.name))
}
