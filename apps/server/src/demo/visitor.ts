import { createHash, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { isAtLeast } from '../platform/http.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import { countTries, networkOf } from '../platform/tries.ts'
import { demoMarkIn, setDemoCookie } from '../sessions/cookies.ts'
import { theSite } from '../sites/the-site.ts'
import type { Asker } from '../verifications/start.ts'
import { demoSettings } from './settings.ts'

/** Of whom a stranger's steps are in the record. */
const NOBODY = Object.freeze({ id: null, name: 'Demo page' })
/** As long as what was begun can be of use: a code lives for ten minutes, and so does each one after it. */
const MARK_MS = 3_600_000

export type Visit = { asker: Asker & { visitor: string }, isOperator: boolean }

/** Codes that strangers ask for: from one network, and from all of them together, because each leaves rows in the record. */
const networksOf = perHouse((house: House) => countTries({ most: 10, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }))
const allOf = perHouse((house: House) => countTries({ most: 300, windowMs: 3_600_000, clock: house.clock }))
const operatorsOf = perHouse((house: House) => countTries({ most: 60, windowMs: 600_000, clock: house.clock }))
/** Codes that somebody types: each run has five tries of its own, this is for floods. */
const answersOf = perHouse((house: House) => countTries({ most: 300, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }))
const looksOf = perHouse((house: House) => countTries({ most: 1500, windowMs: 600_000, clock: house.clock }))

/** Whether the page is open for whoever asks. */
export async function mayTry (house: House, { caller }: FastifyRequest): Promise<boolean> {
  return isOperator(caller) || (await demoSettings(house.db.read)).forStrangers
}

function isOperator (caller: FastifyRequest['caller']): boolean {
  return caller !== null && isAtLeast(caller.role, 'operator')
}

/**
 * Who is at the demo page, for what they have begun there. @throws Problem demoClosed; notFound for a browser that has begun nothing
 */
export async function visitOf (house: House, request: FastifyRequest): Promise<Visit> {
  if (!await mayTry(house, request)) throw new Problem('demoClosed')
  const mark = markIn(house, request)
  if (mark === null) throw new Problem('notFound')
  return visit(house, request, mark)
}

/** The same for who begins something: gets a mark, to be known again by. @throws Problem demoClosed */
export async function welcomeVisit (house: House, request: FastifyRequest, reply: FastifyReply): Promise<Visit> {
  if (!await mayTry(house, request)) throw new Problem('demoClosed')
  const mark = markIn(house, request) ?? randomBytes(32).toString('base64url')
  setDemoCookie(request, reply, house, mark, MARK_MS)
  return visit(house, request, mark)
}

/** Counts a code that is asked for, before it is made. @throws Problem tooManyTries */
export function countDemo (house: House, { ip }: FastifyRequest, { isOperator, asker }: Visit): void {
  if (isOperator) {
    operatorsOf(house).take(asker.id ?? '')
    return
  }
  networksOf(house).take(networkOf(ip))
  allOf(house).take('everybody')
}

/** @throws Problem tooManyTries */
export function countDemoAnswer (house: House, { ip }: FastifyRequest): void {
  answersOf(house).take(networkOf(ip))
}

/** Counts a look at what somebody has begun: the page looks once a second, a script as often as it can. @throws Problem tooManyTries */
export function countDemoLook (house: House, { asker }: Visit): void {
  looksOf(house).take(asker.visitor)
}

/** A mark that we gave; what is none, and what somebody made up to look like a short one, is none. */
function markIn (house: House, request: FastifyRequest): string | null {
  const mark = demoMarkIn(request, house)
  return mark !== undefined && /^[\w-]{43}$/.test(mark) ? mark : null
}

/** Who signs in or out in the same browser is somebody else: what one began, the next one does not see. */
async function visit (house: House, { caller }: FastifyRequest, mark: string): Promise<Visit> {
  const visitor = createHash('sha256').update(`demo\n${mark}\n${caller?.id ?? ''}`).digest('base64url')
  if (caller !== null) return { isOperator: isOperator(caller), asker: { id: caller.id, name: caller.name, siteId: caller.siteId, visitor } }
  return { isOperator: false, asker: { ...NOBODY, siteId: (await theSite(house)).id, visitor } }
}
