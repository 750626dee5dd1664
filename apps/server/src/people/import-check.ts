import { Email, Name, Username, type FaultyRow, type ImportPreview, type Role } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import { groupsByName } from '../groups/names.ts'
import type { House } from '../house.ts'
import { isAtLeast } from '../platform/http.ts'
import type { Actor } from './authority.ts'
import type { RawRow } from './import-read.ts'

/** A row that can be added. `groupIds`: which groups they join. */
export type GoodRow = { line: number, name: string, email: string, username: string | null, role: Role, groupIds: readonly string[] }
/** What is to come of a file: whom to add, who is here already, and what is wrong with the rest. */
export type Plan = { fresh: GoodRow[], here: GoodRow[], faults: (FaultyRow & { row: RawRow })[] }

const MOST_FAULTS = 200
const SAMPLE = 5
/** Addresses of one question. */
const AT_ONCE = 200
const roles: Readonly<Record<string, Role>> = { '': 'member', member: 'member', mitglied: 'member', operator: 'operator', admin: 'admin', administrator: 'admin', owner: 'owner' }

/** As the database's own `lower` does it: two addresses that it takes for one are one here. */
export const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

/** Looks at every row, alone, beside the others, and beside who is here. Writes nothing. */
export async function planImport (house: House, actor: Actor, rows: readonly RawRow[]): Promise<Plan> {
  const plan: Plan = { fresh: [], here: [], faults: [] }
  const good: GoodRow[] = []
  const seen = { email: new Map<string, number>(), username: new Map<string, number>() }
  const groups = await groupsByName(house, actor.siteId)
  for (const row of rows) {
    const fault = faultOf(row, actor.role) ?? groupFault(row, groups) ?? twiceIn(row, seen)
    if (fault !== null) plan.faults.push({ ...fault, row })
    else good.push({ line: row.line, name: row.name, email: row.email, username: row.username || null, role: roles[row.role.toLowerCase()] ?? 'member', groupIds: groupsIn(row).flatMap((name) => groups.get(name.toLowerCase()) ?? []) })
  }
  for (let at = 0; at < good.length; at += AT_ONCE) {
    const some = good.slice(at, at + AT_ONCE)
    const here = await takenOf(house.db.read, some)
    for (const row of some) {
      if (here.emails.has(lower(row.email))) plan.here.push(row)
      else if (row.username !== null && here.usernames.has(lower(row.username))) plan.faults.push({ line: row.line, fault: 'usernameTaken', value: row.username, row: { ...row, username: row.username } })
      else plan.fresh.push(row)
    }
  }
  plan.faults.sort((a, b) => a.line - b.line)
  return plan
}

/** Which addresses and user names of these rows somebody has already, in lower case. */
export async function takenOf (on: House['db']['read'], rows: readonly Pick<GoodRow, 'email' | 'username'>[]): Promise<{ emails: Set<string>, usernames: Set<string> }> {
  const taken = { emails: new Set<string>(), usernames: new Set<string>() }
  const emails = rows.map((row) => lower(row.email))
  const usernames = rows.flatMap((row) => row.username === null ? [] : [lower(row.username)])
  if (emails.length > 0) {
    for (const row of await on.selectFrom('people').select('email').where(sql`lower(email)`, 'in', emails).where('removed_at', 'is', null).execute()) taken.emails.add(lower(row.email))
  }
  if (usernames.length > 0) {
    const found = await on.selectFrom('people').select('username').where(sql`lower(username)`, 'in', usernames).where('username', 'is not', null).where('removed_at', 'is', null).execute()
    for (const row of found) taken.usernames.add(lower(row.username ?? ''))
  }
  return taken
}

export function previewOf (plan: Plan, leftOut: string[]): ImportPreview {
  return {
    fault: null, total: plan.fresh.length + plan.here.length + plan.faults.length, fresh: plan.fresh.length, here: plan.here.length, faulty: plan.faults.length,
    faults: plan.faults.slice(0, MOST_FAULTS).map(({ row: _row, ...fault }) => fault), sample: plan.fresh.slice(0, SAMPLE).map(({ groupIds: _groupIds, ...row }) => row), leftOut
  }
}

/** By the schema that forms are held against, as JSON schemas mean it: code points, and patterns with the flag u. */
const fits = (schema: object): (text: string) => boolean => {
  const rule = (name: string): unknown => Reflect.get(schema, name)
  const expression = new RegExp(String(rule('pattern')), 'u')
  return (text) => Array.from(text).length >= Number(rule('minLength') ?? 0) && Array.from(text).length <= Number(rule('maxLength')) && expression.test(text)
}
const [isName, isEmail, isUsername] = [fits(Name), fits(Email), fits(Username)]

function faultOf ({ line, name, email, username, role }: RawRow, own: Role): FaultyRow | null {
  const fault = (what: FaultyRow['fault'], value: string): FaultyRow => ({ line, fault: what, value: value.slice(0, 80) })
  if (email === '') return fault('emailMissing', '')
  if (!isEmail(email)) return fault('emailWrong', email)
  if (name === '') return fault('nameMissing', '')
  if (!isName(name)) return fault('nameWrong', name)
  if (username !== '' && !isUsername(username)) return fault('usernameWrong', username)
  const wanted = roles[role.toLowerCase()]
  if (wanted === undefined) return fault('roleWrong', role)
  return isAtLeast(own, wanted) ? null : fault('roleAbove', role)
}

function groupsIn ({ group = '' }: RawRow): string[] {
  return [...new Set(group.split('|').map((name) => name.trim()).filter((name) => name !== ''))]
}

/** Groups are made before: a typing mistake in a list makes none. */
function groupFault (row: RawRow, groups: ReadonlyMap<string, string>): FaultyRow | null {
  const unknown = groupsIn(row).find((name) => !groups.has(name.toLowerCase()))
  return unknown === undefined ? null : { line: row.line, fault: 'groupUnknown', value: unknown.slice(0, 80) }
}

/** The first row of an address or a user name counts. */
function twiceIn ({ line, email, username }: RawRow, seen: Record<'email' | 'username', Map<string, number>>): FaultyRow | null {
  const before = seen.email.get(lower(email))
  if (before !== undefined) return { line, fault: 'emailTwice', value: email.slice(0, 80), otherLine: before }
  const named = username === '' ? undefined : seen.username.get(lower(username))
  if (named !== undefined) return { line, fault: 'usernameTwice', value: username, otherLine: named }
  seen.email.set(lower(email), line)
  if (username !== '') seen.username.set(lower(username), line)
  return null
}
