import { parseArgs } from 'node:util'
import { emailPattern, namePattern, type Role } from '@oncekey/protocol/schemas'
import { readConfig } from '../config.ts'
import { removeSecondFactors } from '../factors/remove.ts'
import type { House } from '../house.ts'
import { addPerson } from '../people/add.ts'
import { personAt, type Actor } from '../people/authority.ts'
import { changePerson } from '../people/change.ts'
import { invite } from '../people/invitations.ts'
import { signPersonOut, takePassword } from '../people/reset.ts'
import { STATE } from '../people/state.ts'
import { Problem } from '../platform/problems.ts'
import { withHouse } from './house.ts'

const usage = `Usage: oncekey user <what>   (beside a running server, or without one)

  list                       everybody: role, state, address, name; --role ROLE; --json
  invite EMAIL --name NAME   add somebody and print the link by which they choose a password; --role ROLE (else member)
  reset EMAIL                take the password away and print the link by which they choose another; also the last owner's
  role EMAIL ROLE            make them member, operator, admin or owner; their sessions end
  suspend EMAIL              they can not come in, and their codes end; resume EMAIL lets them in again
  sign-out EMAIL             end their sessions everywhere
  forget-factors EMAIL       take their second factors away, for whoever has lost all of them

Examples: oncekey user invite ana@example.org --name "Ana Lima" --role operator
          oncekey user reset owner@example.org
`

/** What a command did: for people on standard error; the one thing that a program wants on standard output. */
type Done = { says: string, prints?: string }
type Verb = { takes: readonly string[], run: (house: House, actor: Actor, words: readonly string[], options: Options) => Promise<Done> }
type Options = { name?: string | undefined, role?: string | undefined, json?: boolean | undefined, yes?: boolean | undefined }

class Usage extends Error {}

/**
 * `oncekey user …`: people, by whoever has the server's machine: who is locked out of the pages can be helped from here. Each change is
 * in the record, by "oncekey user".
 * @returns 0 when it was done, 1 when it was not, 2 for words that make no sense
 */
export async function user (words: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: words, allowPositionals: true, options: { name: { type: 'string' }, role: { type: 'string' }, json: { type: 'boolean' }, yes: { type: 'boolean' } } })
    const [what = '', ...rest] = positionals
    const verb = verbs[what]
    if (verb === undefined || rest.length !== verb.takes.length) throw new Usage(verb === undefined ? usage : `oncekey user ${what} takes ${verb.takes.join(' and ') || 'no further word'}.\n\n${usage}`)
    const { says, prints } = await withHouse(readConfig(), async (house) => {
      const site = await house.db.read.selectFrom('sites').select('id').orderBy('created_at').limit(1).executeTakeFirst()
      if (site === undefined) throw new Error('Nothing is set up yet. Start the server, open the link that it prints, and come back.')
      return verb.run(house, { id: null, name: 'oncekey user', role: 'owner', siteId: site.id }, rest, values)
    })
    if (says !== '') console.error(says)
    if (prints !== undefined) console.log(prints)
    return 0
  } catch (error) {
    console.error(said(error, words))
    return error instanceof Usage || (error instanceof TypeError && 'code' in error) ? 2 : 1
  }
}

const verbs: Readonly<Record<string, Verb>> = {
  list: {
    takes: [],
    async run (house, { siteId }, _words, { role, json }) {
      const rows = await house.db.ask(`SELECT id, email, name, username, role, ${STATE} AS state, last_seen_at FROM people WHERE removed_at IS NULL AND site_id = ?${role === undefined ? '' : ' AND role = ?'} ORDER BY email`)
        .all(siteId, ...role === undefined ? [] : [roleOf(role)])
      if (json === true) return { says: '', prints: JSON.stringify(rows.map((row) => ({ id: row['id'], email: row['email'], name: row['name'], username: row['username'], role: row['role'], state: row['state'], lastSeenAt: row['last_seen_at'] })), null, 2) }
      const widest = Math.max(0, ...rows.map((row) => String(row['email']).length))
      return { says: `${rows.length} ${rows.length === 1 ? 'person' : 'people'}`, ...rows.length > 0 && { prints: rows.map((row) => `${String(row['role']).padEnd(8)}  ${String(row['state']).padEnd(9)}  ${String(row['email']).padEnd(widest)}  ${String(row['name'])}`).join('\n') } }
    }
  },
  invite: {
    takes: ['EMAIL'],
    async run (house, actor, [email = ''], options) {
      const name = (options.name ?? '').trim()
      if (email.length > 254 || !mailbox.test(email)) throw new Usage(`"${email}" is no e-mail address; one looks like ana@example.org.`)
      if (name === '' || name.length > 80 || !visible.test(name)) throw new Usage('Say who it is, in 1 to 80 characters: --name "Ana Lima".')
      const role = roleOf(options.role ?? 'member')
      checkOwner(role, options)
      const { name: siteName } = await house.db.read.selectFrom('sites').select('name').where('id', '=', actor.siteId).executeTakeFirstOrThrow()
      const link = await house.db.write(async (trx) => {
        const id = await addPerson(trx, house, { siteId: actor.siteId, name, email, role, passwordHash: null }, { id: actor.id, name: actor.name })
        return invite(trx, house, { person: { id, name, email }, siteName })
      })
      return { says: `${name} is invited as ${role}. The link is good once, for 7 days; give it to nobody else${mailed(house)}:`, prints: house.link(link) }
    }
  },
  reset: {
    takes: ['EMAIL'],
    async run (house, actor, [email = '']) {
      const { sessions, link } = await house.db.write(async (trx) => takePassword(trx, house, await personAt(trx, actor, email), actor))
      return { says: `The password of ${email} is no more; sessions that ended: ${sessions}. A second factor stays. The link is good once, for 7 days; give it to nobody else${mailed(house)}:`, prints: house.link(link) }
    }
  },
  role: {
    takes: ['EMAIL', 'ROLE'],
    async run (house, actor, [email = '', word = ''], options) {
      const role = roleOf(word)
      checkOwner(role, options)
      const { sessions } = await house.db.write(async (trx) => changePerson(trx, house, (await personAt(trx, actor, email)).id, { role }, actor))
      return { says: `${email} is ${role} now; sessions that ended: ${sessions}.` }
    }
  },
  suspend: {
    takes: ['EMAIL'],
    async run (house, actor, [email = '']) {
      const { sessions, codes } = await house.db.write(async (trx) => changePerson(trx, house, (await personAt(trx, actor, email)).id, { suspended: true }, actor))
      return { says: `${email} is suspended. Ended: sessions ${sessions}, codes ${codes}.` }
    }
  },
  resume: {
    takes: ['EMAIL'],
    async run (house, actor, [email = '']) {
      await house.db.write(async (trx) => changePerson(trx, house, (await personAt(trx, actor, email)).id, { suspended: false }, actor))
      return { says: `${email} may come in again.` }
    }
  },
  'sign-out': {
    takes: ['EMAIL'],
    async run (house, actor, [email = '']) {
      const { sessions } = await house.db.write(async (trx) => signPersonOut(trx, house, (await personAt(trx, actor, email)).id, actor))
      return { says: `${email} is signed out everywhere; sessions that ended: ${sessions}.` }
    }
  },
  'forget-factors': {
    takes: ['EMAIL'],
    async run (house, actor, [email = '']) {
      const { factors } = await house.db.write(async (trx) => removeSecondFactors(trx, house, (await personAt(trx, actor, email)).id, actor))
      return { says: factors === 0 ? `${email} had no second factor.` : `${email} signs in without a second factor now.` }
    }
  }
}

const mailbox = new RegExp(emailPattern, 'u')
const visible = new RegExp(namePattern, 'u')
const roles: readonly Role[] = ['member', 'operator', 'admin', 'owner']

function roleOf (word: string): Role {
  const role = roles.find((one) => one === word)
  if (role === undefined) throw new Usage(`There is no role "${word}"; roles are ${roles.join(', ')}.`)
  return role
}

/** One more owner is one more who can take the house from all others. */
function checkOwner (role: Role, { yes }: Options): void {
  if (role === 'owner' && yes !== true) throw new Usage('An owner may do everything, also take the role from every other owner. If you mean it, add --yes.')
}

function mailed ({ config }: House): string {
  return config.smtpUrl === null ? '' : '. It goes to them by mail, too'
}

function said (error: unknown, words: readonly string[]): string {
  if (!(error instanceof Problem)) return error instanceof Error ? error.message : String(error)
  if (error.code === 'notFound') return `Nobody here has the address ${words[1] ?? ''}. "oncekey user list" shows who there is.`
  const { title, detail, cure } = error.body()
  return [...new Set([detail ?? title, cure])].join(' ')
}
