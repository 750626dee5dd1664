import type { Me, Role } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { following, type Awaitable, type Prepare, type Row } from '../platform/db.ts'
import { languageIn } from '../platform/language.ts'
import { Problem } from '../platform/problems.ts'

/** What `meIn` reads, of `people p` and `sites t`. */
export const ME = 'p.id, p.name, p.email, p.username, p.role, p.language, p.site_id, t.name AS site_name, t.time_zone, t.demonstration'

/** What a page needs to know about who is signed in. `ask`: of the write that is under way, where there is one. */
export function describeMe (house: House, personId: string, ask: Prepare = house.db.ask): Awaitable<Me> {
  return following(ask(`SELECT ${ME} FROM people p JOIN sites t ON t.id = p.site_id WHERE p.id = ?`).get(personId), (row) => {
    if (row === undefined) throw new Problem('signInNeeded')
    return meIn(house, row)
  })
}

/** The same of a row that was read with more. */
export function meIn (house: House, row: Row): Me {
  return {
    // The column holds nothing else.
    id: String(row['id']), name: String(row['name']), email: String(row['email']), username: row['username'] === null ? null : String(row['username']), role: String(row['role']) as Role, language: languageIn(row['language']),
    site: { id: String(row['site_id']), name: String(row['site_name']), timeZone: String(row['time_zone']), demonstration: row['demonstration'] === 1, mailWorks: house.config.smtpUrl !== null }
  }
}
