import type { Me, SecondFactor } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import { forgetRows, identityOf, insideOf, type Guessed, type Guesses, type Held } from '../challenges/identity.ts'
import { WAYS, waysIn, waysOf } from '../factors/ways.ts'
import type { House } from '../house.ts'
import { describeMe, ME, meIn } from '../me/describe.ts'
import type { Row, Trx } from '../platform/db.ts'
import { browserOf, noteBrowser } from './browsers.ts'
import { startSession, type SignedInBy } from './sessions.ts'
import { newToken } from './tokens.ts'

/** Who is at the door: `cookie`, `browser`: the tokens that the browser sent. */
export type Visitor = { address: string, agent: string, cookie: string | undefined, browser: string | undefined }

/** A session, for the cookies. `remember`: it outlives the browser. */
export type Session = { state: 'signedIn', me: Me, token: string, browser: string, remember: boolean }
/** The first factor was right and a second one is needed: it is given with this ticket, in any of these ways. */
export type HalfWay = { state: 'secondFactor', ticket: string, ways: SecondFactor[], expiresAt: number }
export type Entered = Session | HalfWay

/** `provenAt`: when the first factor was given, where that was not just now; `entrant`, `held` (of `begunBy`): where they were read before. */
type Order = { person: Named, visitor: Visitor, by: SignedInBy, remember?: boolean | undefined, provenAt?: number, entrant?: Entrant, held?: Held, follows?: Follows | undefined }

/** What a role follows from that goes with this way in: done before the session begins, and never on the word of half the factors. `role`: what is kept until then. */
export type Follows = { role: string, follow: () => Promise<void> }

/** Who comes in, the second factors that they have, and in how many browsers they are known. */
export type Entrant = { me: Me, ways: SecondFactor[], browsers: number }

/** What `entrantIn` reads, of `people p` and `sites t`. */
export const ENTRANT = `${ME}, ${WAYS}, (SELECT count(*) FROM browsers WHERE person_id = p.id) AS browsers`

export function entrantIn (house: House, row: Row): Entrant {
  return { me: meIn(house, row), ways: waysIn(row), browsers: Number(row['browsers']) }
}

/** How long the second factor may take. */
const PENDING_MS = 600_000

/** What a completed sign-in makes anew: guesses in a row at what was not used for it. Else strangers who fail for days would shut those ways for good. */
const forgets: Record<SignedInBy, readonly Guessed[]> = {
  password: ['mailedCode'], 'mailed code': ['password'], recovery: [], invitation: [], registration: [], setup: [], passkey: ['password', 'mailedCode', 'totp'], provider: ['password', 'mailedCode']
}

/** What somebody who is signed in proves who they are with. */
const proofs: readonly Guessed[] = ['password', 'totp', 'recoveryCode']

/** The guesses at somebody that begin anew once they have come in. Whoever comes in anew may prove it anew: a session that was stolen shuts nobody out for good. */
export function begunBy (by: SignedInBy, personId: string): Guesses[] {
  const [atTheDoor, inside] = [identityOf(personId, ''), insideOf(personId)]
  return [...forgets[by].map((guessed) => ({ identity: atTheDoor, guessed })), ...proofs.map((guessed) => ({ identity: inside, guessed }))]
}

/**
 * Lets in whoever has proven who they are by one factor: starts the session, or asks for the second factor where the person
 * has one and the browser is not remembered. Part of the write that used the first factor up.
 */
export async function enter (trx: Trx, house: House, order: Order): Promise<Entered> {
  const ways = order.entrant?.ways ?? await waysOf(trx, order.person.id)
  if (ways.length === 0) {
    await order.follows?.follow()
    return complete(trx, house, order)
  }
  const browser = await browserOf(trx, house, order.visitor.browser, order.person.id)
  const now = house.clock()
  // Without the second factor: dangerous calls ask for it.
  if (browser !== null && browser.rememberedUntil > now) {
    await order.follows?.follow()
    return complete(trx, house, { ...order, provenAt: 0 })
  }
  const { token, hash } = newToken()
  const expiresAt = now + PENDING_MS
  await trx.prepare('DELETE FROM pending_sign_ins WHERE expires_at <= ?').run(now)
  await trx.prepare('INSERT INTO pending_sign_ins (ticket_hash, person_id, signed_in_by, remember, failures, expires_at, follows_role) VALUES (?, ?, ?, ?, 0, ?, ?)')
    .run(hash, order.person.id, order.by, order.remember === true ? 1 : 0, expiresAt, order.follows?.role ?? null)
  return { state: 'secondFactor', ticket: token, ways, expiresAt }
}

/** Starts the session of somebody who has proven enough. `second`: the second factor, for the record; `provenAt`: see `startSession`. */
export async function complete (trx: Trx, house: House, { person, visitor, by, remember = false, second, provenAt, entrant, held }: Order & { second?: string }): Promise<Session> {
  if (held?.length !== 0) await forgetRows(trx, house, begunBy(by, person.id), held)
  const { address, agent } = visitor
  const known = await browserOf(trx, house, visitor.browser, person.id)
  // The 30 days begin with a second factor, not with each sign-in that does without it.
  const browser = await noteBrowser(trx, house, { browser: known, token: visitor.browser, personId: person.id, agent, address, remember: remember && provenAt !== 0, count: entrant?.browsers })
  const token = await startSession(trx, house, { person, address, agent, replaces: visitor.cookie, by, remember, provenAt, ...second === undefined ? {} : { second } })
  return { state: 'signedIn', me: entrant?.me ?? await describeMe(house, person.id, trx.prepare), token, browser, remember }
}
