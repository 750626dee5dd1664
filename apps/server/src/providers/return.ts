import type { FastifyReply, FastifyRequest } from 'fastify'
import { waysOf } from '../factors/ways.ts'
import type { House } from '../house.ts'
import { networkOf } from '../platform/tries.ts'
import { setSessionCookie } from '../sessions/cookies.ts'
import { proveSession } from '../sessions/sessions.ts'
import { networkTriesOf } from '../sessions/sign-in.ts'
import { visitorOf, welcome } from '../sessions/visit.ts'
import { admit } from './admit.ts'
import { endFlow, type Flow } from './flow.ts'
import { addIdentity, findIdentity, tellIdentity } from './identities.ts'
import { reachProvider } from './issuer.ts'
import { refusalOf, Refused, type Refusal } from './refusals.ts'
import { followGroups } from './roles.ts'
import { hear, type Told } from './told.ts'

/** Two clocks that are right differ by less. */
const CLOCKS_DIFFER_MS = 60_000

/** Somebody comes back from the provider. @returns where they go now */
export async function comeBack (request: FastifyRequest, reply: FastifyReply, house: House, state: string | undefined): Promise<string> {
  const flow = await endFlow(request, reply, house, state)
  if (flow === null) return signInAddress(house, 'over')
  try {
    const told = await hear(house, await reachProvider(house), flow, request.url.slice(request.url.indexOf('?'))).catch((error: unknown) => { throw refusalOf(house, error) })
    const where = flow.purpose === 'signIn' ? await signIn(request, reply, house, flow, told) : await asWhoeverIsHere(request, reply, house, flow, told)
    networkTriesOf(house).giveBack(networkOf(request.ip))
    return where
  } catch (error) {
    // Anything else is a defect of ours, or no room: not for the page of the sign-in.
    if (!(error instanceof Refused)) throw error
    const { why } = error
    if (why !== 'cancelled') await note(house, request, why)
    return flow.purpose === 'signIn' ? signInAddress(house, why, flow.next) : pageAddress(house, flow.next, why)
  }
}

async function signIn (request: FastifyRequest, reply: FastifyReply, house: House, flow: Flow, told: Told): Promise<string> {
  const visitor = { ...visitorOf(house, request), ...flow.browser === null ? {} : { browser: flow.browser } }
  const entered = await house.db.write((trx) => admit(trx, house, told, visitor))
  if (entered.state === 'secondFactor') {
    const { ticket, ways, expiresAt } = entered
    // Behind the # it goes to no server and into no log.
    return house.link(`/sign-in?${new URLSearchParams({ next: flow.next })}#${new URLSearchParams({ second: ticket, ways: ways.join(' '), until: String(expiresAt) })}`)
  }
  welcome(house, request, reply, entered)
  return house.link(flow.next)
}

/** For whoever is signed in: proves their session anew, or adds the identity to their account. @throws Refused over, other, failed */
async function asWhoeverIsHere (request: FastifyRequest, reply: FastifyReply, house: House, flow: Flow, told: Told): Promise<string> {
  const { caller } = request
  if (caller === null || caller.id !== flow.personId) throw new Refused('over')
  // A proof that comes to nothing is the provider's word all the same: of somebody who left a group the session ends here.
  if (flow.purpose === 'prove') await house.db.write(async (trx) => { if ((await findIdentity(trx, told.issuer, told.subject))?.id === caller.id) await followGroups(trx, house, caller.id, told.groups) })
  const session = await house.db.write(async (trx) => {
    if (flow.purpose === 'link') {
      const { id, name, email } = await trx.sql.selectFrom('people').select(['id', 'name', 'email']).where('id', '=', caller.id).executeTakeFirstOrThrow()
      await addIdentity(trx, house, id, told)
      await tellIdentity(trx, house, { id, name, email }, 'linked', told.issuer)
      return null
    }
    if ((await findIdentity(trx, told.issuer, told.subject))?.id !== caller.id) throw new Refused('other')
    // A provider that let them through without asking has proven nothing; and who has a second factor proves it by that.
    if (told.authenticatedAt === null || told.authenticatedAt < flow.startedAt - CLOCKS_DIFFER_MS || (await waysOf(trx, caller.id)).length > 0) throw new Refused('failed')
    const proven = await proveSession(trx, house, caller.sessionHash)
    if (proven === null) throw new Refused('over')
    return proven
  })
  if (session !== null) setSessionCookie(request, reply, house, session.token, session.keptMs)
  return house.link(flow.next)
}

/** Sign-ins that were refused are on record, whatever by. What the provider called them is not ours to keep. */
async function note (house: House, { caller, ip }: FastifyRequest, why: Refusal): Promise<void> {
  const who = caller === null ? null : { id: caller.id, name: caller.name }
  await house.db.write(async (trx) => { house.audit.append(trx, house.clock(), { event: 'session.refused', actor: who, subject: who, details: { address: ip, provider: why } }) })
}

/** The sign-in page, with a word for its sentence; null: without one. */
export function signInAddress (house: House, why: Refusal | null, next = '/'): string {
  const query = new URLSearchParams({ ...why === null ? {} : { provider: why }, ...next === '/' ? {} : { next } })
  return house.link(`/sign-in${query.size === 0 ? '' : `?${query}`}`)
}

function pageAddress (house: House, next: string, why: Refusal): string {
  return house.link(`${next}${next.includes('?') ? '&' : '?'}provider=${why}`)
}
