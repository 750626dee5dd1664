import { Readable } from 'node:stream'
import { findMyHistory } from '../audit/own-history.ts'
import { describeFactors } from '../factors/describe.ts'
import type { House } from '../house.ts'
import type { Caller } from '../platform/http.ts'
import { perHouse } from '../platform/per-house.ts'
import { countTries } from '../platform/tries.ts'
import { findMySessions } from './sessions.ts'

/** A copy reads everything that there is of somebody: not by the hundred. */
const copiesOf = perHouse((house: House) => countTries({ most: 10, windowMs: 3_600_000, clock: house.clock }))
const AT_ONCE = 200

type Place = { at: number, id: string }

/**
 * Everything that is kept about somebody, as one JSON object, for themselves: read page by page as it is taken, so that
 * it costs no more memory when it is long. Of secrets only that they are there: no hash and nothing sealed is in it.
 * @throws Problem tooManyTries beyond ten in an hour
 */
export function copyOfMine (house: House, me: Caller): Readable {
  copiesOf(house).take(me.id)
  return Readable.from(textOf(house, me))
}

async function * textOf (house: House, me: Caller): AsyncGenerator<string> {
  yield `{\n"person": ${JSON.stringify(await profileOf(house, me.id))}`
  const sessions = await findMySessions(house, me.id, me.sessionHash)
  yield `,\n"sessions": ${JSON.stringify(sessions)}`
  const { totp, passkeys, recoveryCodesLeft, browsers } = await describeFactors(house, me, { browser: undefined, passkeysPossible: false })
  yield `,\n"secondFactors": ${JSON.stringify({ authenticator: totp, passkeys, recoveryCodesLeft })},\n"browsers": ${JSON.stringify(browsers)}`
  const providers = await house.db.read.selectFrom('provider_identities').select(['issuer', 'subject', 'created_at as createdAt', 'last_used_at as lastUsedAt']).where('person_id', '=', me.id).orderBy('created_at').execute()
  yield `,\n"providers": ${JSON.stringify(providers)}`
  // Not where they are reached: whoever knows that can write there.
  const notified = await house.db.read.selectFrom('push_subscriptions').select(['agent', 'created_at as createdAt']).where('person_id', '=', me.id).orderBy('created_at').execute()
  yield `,\n"notifiedBrowsers": ${JSON.stringify(notified)}`
  for (const [name, page] of Object.entries(parts)) {
    yield `,\n"${name}": [`
    let lead = '\n'
    let after: Place | null = { at: -1, id: '' }
    while (after !== null) {
      const rows = await page(house, me.id, after)
      for (const row of rows) {
        // Not even the ids: whoever has that of a mailed code may answer it.
        yield lead + JSON.stringify({ ...row, id: undefined })
        lead = ',\n'
      }
      const last = rows.at(-1)
      after = last === undefined || rows.length < AT_ONCE ? null : { at: last.at, id: last.id }
    }
    yield ']'
  }
  yield ',\n"history": ['
  let lead = '\n'
  let before: number | undefined
  do {
    const page = await findMyHistory(house, me, { limit: AT_ONCE, ...before === undefined ? {} : { before } })
    for (const row of page.rows) {
      yield lead + JSON.stringify(row)
      lead = ',\n'
    }
    before = page.next ?? undefined
  } while (before !== undefined)
  yield ']\n}\n'
}

async function profileOf (house: House, id: string) {
  const person = await house.db.read.selectFrom('people as p').innerJoin('sites as s', 's.id', 'p.site_id')
    .select(['p.id', 'p.name', 'p.email', 'p.username', 'p.language', 'p.role', 'p.created_at as createdAt', 'p.last_seen_at as lastSeenAt', 's.name as site', 'p.password_hash']).where('p.id', '=', id).executeTakeFirstOrThrow()
  const { password_hash: hash, ...rest } = person
  return { ...rest, hasPassword: hash !== null }
}

type Page = (house: House, personId: string, after: Place) => Promise<(Place & Record<string, unknown>)[]>

/** What is kept in rows of its own, the oldest first; `at`: when it began, ms since 1970. */
const parts: Record<string, Page> = {
  grants: (house, personId, { at, id }) => house.db.read.selectFrom('grants as g').innerJoin('access_points as a', 'a.id', 'g.access_point_id').leftJoin('banks as b', 'b.id', 'a.bank_id')
    .select(['g.id', 'g.created_at as at', 'a.name as accessPoint', 'b.name as bank', 'g.starts_at as startsAt', 'g.ends_at as endsAt', 'g.ended_at as endedAt', 'g.schedule', 'g.max_uses as maxUses', 'g.uses'])
    .where('g.person_id', '=', personId).where((eb) => eb.or([eb('g.created_at', '>', at), eb.and([eb('g.created_at', '=', at), eb('g.id', '>', id)])]))
    .orderBy('g.created_at').orderBy('g.id').limit(AT_ONCE).execute(),
  codesOfDoors: (house, personId, { at, id }) => house.db.read.selectFrom('door_recipients as r').innerJoin('access_points as a', 'a.id', 'r.access_point_id')
    .select(['r.id', 'r.created_at as at', 'a.name as accessPoint', 'r.channel'])
    .where('r.person_id', '=', personId).where((eb) => eb.or([eb('r.created_at', '>', at), eb.and([eb('r.created_at', '=', at), eb('r.id', '>', id)])]))
    .orderBy('r.created_at').orderBy('r.id').limit(AT_ONCE).execute(),
  codes: (house, personId, { at, id }) => house.db.read.selectFrom('codes as c').innerJoin('access_points as a', 'a.id', 'c.access_point_id').leftJoin('banks as b', 'b.id', 'a.bank_id')
    .select(['c.id', 'c.created_at as at', 'a.name as accessPoint', 'b.name as bank', 'c.mode', 'c.state', 'c.valid_from as validFrom', 'c.expires_at as expiresAt', 'c.ended_at as endedAt', 'c.opened_at as openedAt'])
    .where('c.holder_id', '=', personId).where((eb) => eb.or([eb('c.created_at', '>', at), eb.and([eb('c.created_at', '=', at), eb('c.id', '>', id)])]))
    .orderBy('c.created_at').orderBy('c.id').limit(AT_ONCE).execute(),
  inbox: async (house, personId, { at, id }) => (await house.db.read.selectFrom('inbox').select(['id', 'created_at as at', 'subject', 'text', 'read_at as readAt', 'gone_at as goneAt'])
    .select((eb) => eb('sealed', 'is not', null).as('isSealed')).where('person_id', '=', personId).where((eb) => eb.or([eb('created_at', '>', at), eb.and([eb('created_at', '=', at), eb('id', '>', id)])]))
    .orderBy('created_at').orderBy('id').limit(AT_ONCE).execute()).map((row) => ({ ...row, isSealed: Boolean(row.isSealed) })),
  questions: async (house, personId, { at, id }) => {
    const rows = await house.db.read.selectFrom('conversations').select(['id', 'created_at as at', 'name', 'email', 'subject', 'state']).where('person_id', '=', personId)
      .where((eb) => eb.or([eb('created_at', '>', at), eb.and([eb('created_at', '=', at), eb('id', '>', id)])])).orderBy('created_at').orderBy('id').limit(AT_ONCE).execute()
    const messages = rows.length === 0 ? [] : await house.db.read.selectFrom('conversation_messages').select(['conversation_id', 'author', 'name', 'text', 'at']).where('conversation_id', 'in', rows.map((row) => row.id)).orderBy('position').execute()
    return rows.map((row) => ({ ...row, messages: messages.filter((one) => one.conversation_id === row.id).map(({ author, name, text, at: saidAt }) => ({ author, name, text, at: saidAt })) }))
  },
  mails: (house, personId, { at, id }) => house.db.read.selectFrom('outbox').select(['id', 'created_at as at', 'channel', 'recipient as to', 'subject', 'text', 'state', 'ended_at as endedAt'])
    .where('person_id', '=', personId).where((eb) => eb.or([eb('created_at', '>', at), eb.and([eb('created_at', '=', at), eb('id', '>', id)])]))
    .orderBy('created_at').orderBy('id').limit(AT_ONCE).execute(),
  mailedCodes: (house, personId, { at, id }) => house.db.read.selectFrom('challenges').select(['id', 'created_at as at', 'purpose', 'recipient as to', 'status', 'expires_at as expiresAt', 'failures'])
    .where('person_id', '=', personId).where((eb) => eb.or([eb('created_at', '>', at), eb.and([eb('created_at', '=', at), eb('id', '>', id)])]))
    .orderBy('created_at').orderBy('id').limit(AT_ONCE).execute()
}
