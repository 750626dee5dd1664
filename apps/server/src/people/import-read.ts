import type { FileFault } from '@oncekey/protocol/schemas'
import { readList } from '../platform/lists.ts'

/** Rows of a file, people apart from the header. */
export const MOST_ROWS = 20_000
/** Of the whole file. */
export const MOST_BYTES = 8 * 1024 * 1024

export type Column = 'name' | 'email' | 'username' | 'role' | 'group'
/** A row as it stands there, trimmed. `line`: where it begins, from 1. `group`: names with `|` between them, if there are any. */
export type RawRow = { line: number, group?: string } & Record<Exclude<Column, 'group'>, string>
export type ReadFile = { fault: { what: FileFault, line: number | null } } | { fault: null, rows: RawRow[], leftOut: string[] }

/** What columns may be called, without blanks and signs, in lower case. */
const names: Readonly<Record<string, Column>> = {
  name: 'name', fullname: 'name', displayname: 'name', vollername: 'name',
  email: 'email', mail: 'email', emailaddress: 'email', mailadresse: 'email', emailadresse: 'email',
  username: 'username', user: 'username', login: 'username', benutzername: 'username',
  role: 'role', rolle: 'role',
  group: 'group', groups: 'group', gruppe: 'group', gruppen: 'group'
}

/** Reads a list of people. @param text null when the bytes were not UTF-8 */
export async function readPeople (text: string | null): Promise<ReadFile> {
  const list = await readList(text, { names, needed: ['email', 'name'], mostRows: MOST_ROWS })
  if (list.fault !== null) return list
  return {
    fault: null, leftOut: list.leftOut,
    rows: list.rows.map(({ line, cell }) => ({ line, name: cell('name'), email: cell('email'), username: cell('username'), role: cell('role'), ...cell('group') !== '' && { group: cell('group') } }))
  }
}
