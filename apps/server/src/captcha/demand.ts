import { CAPTCHA_HEADER } from '@oncekey/protocol/captcha'
import type { FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import { countTries, networkOf } from '../platform/tries.ts'
import { findBrowser } from '../sessions/browsers.ts'
import { browserMarkIn } from '../sessions/cookies.ts'
import { takeSolution } from './captcha.ts'

/** Within ten minutes, each server for itself: what one network, or all of them, may do before a little work is asked for. */
const WINDOW_MS = 600_000
const quietOf = perHouse((house: House) => {
  const count = (most: number) => countTries({ most, windowMs: WINDOW_MS, clock: house.clock })
  return { starts: count(10), failures: count(5), allFailures: count(200) }
})
const ALL = 'all'

/**
 * Asks for a solved captcha, when there is a reason to. Never in a browser in which somebody has signed in before: strangers at
 * the same proxy are not to make work for it.
 * @throws Problem captchaNeeded
 */
async function demand (house: House, request: FastifyRequest, isNeeded: boolean): Promise<void> {
  if (isNeeded && !await isKnown(house, request)) demandSolution(house, request)
}

/** @throws Problem captchaNeeded */
function demandSolution (house: House, request: FastifyRequest): void {
  const solution = request.headers[CAPTCHA_HEADER]
  if (typeof solution !== 'string' || !takeSolution(house, solution)) throw new Problem('captchaNeeded')
}

/**
 * Before somebody at this address has a code mailed: beyond ten in ten minutes there is work to be done.
 * @param isFlooded whether there is in any case @throws Problem captchaNeeded
 */
export async function demandForStart (house: House, request: FastifyRequest, isFlooded = false): Promise<void> {
  const { starts } = quietOf(house)
  const network = networkOf(request.ip)
  await demand(house, request, isFlooded || starts.isUsedUp(network))
  if (!starts.isUsedUp(network)) starts.take(network)
}

/** Before a stranger writes to people: always. @throws Problem captchaNeeded */
export async function demandOfStrangers (house: House, request: FastifyRequest): Promise<void> {
  await demand(house, request, request.caller === null)
}

/**
 * Does what somebody signs in by. After five refusals in ten minutes from one network, or 200 from all together, there is work
 * to be done first: one guess of each of a thousand machines costs nobody's budget much, but the work of a thousand.
 * @throws Problem captchaNeeded, and whatever `signIn` throws
 */
export async function withDemand<T> (house: House, request: FastifyRequest, signIn: () => Promise<T>): Promise<T> {
  const { failures, allFailures } = quietOf(house)
  const network = networkOf(request.ip)
  // Whoever has an account has a mark; it is theirs, and no leave to guess at everybody else.
  const browser = await findBrowser(house, browserMarkIn(request, house))
  const own = `browser/${browser?.id ?? ''}`
  if (browser === null ? failures.isUsedUp(network) || allFailures.isUsedUp(ALL) : failures.isUsedUp(own)) demandSolution(house, request)
  try {
    return await signIn()
  } catch (error) {
    if (error instanceof Problem && error.code === 'signInRefused') {
      const counted = browser === null ? [[failures, network], [allFailures, ALL]] as const : [[failures, own]] as const
      for (const [tries, key] of counted) if (!tries.isUsedUp(key)) tries.take(key)
    }
    throw error
  }
}

async function isKnown (house: House, request: FastifyRequest): Promise<boolean> {
  return await findBrowser(house, browserMarkIn(request, house)) !== null
}
