import type { FastifyRequest } from 'fastify'
import { demandForStart } from '../captcha/demand.ts'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { countTries, networkOf } from '../platform/tries.ts'

const startsOf = perHouse((house: House) => countTries({ most: 20, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }))
/** Many people may sit behind one address, and each code has five tries of its own: this is for floods. */
const answersOf = perHouse((house: House) => countTries({ most: 2000, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }))

/**
 * Counts a code that somebody asks for.
 * @param isFlooded whether a little work is asked for in any case
 * @throws Problem captchaNeeded beyond ten in ten minutes from one network; tooManyTries beyond twenty
 */
export async function countStart (house: House, request: FastifyRequest, isFlooded = false): Promise<void> {
  await demandForStart(house, request, isFlooded)
  startsOf(house).take(networkOf(request.ip))
}

/** Counts a code that somebody at this address typed. @throws Problem tooManyTries beyond 2,000 in ten minutes from one network */
export function countAnswer (house: House, address: string): void {
  answersOf(house).take(networkOf(address))
}
