import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { countTries, networkOf } from '../platform/tries.ts'

const startsOf = perHouse((house: House) => countTries({ most: 20, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }))
/** Many people may sit behind one address, and each code has five tries of its own: this is for floods. */
const answersOf = perHouse((house: House) => countTries({ most: 2000, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }))

/** Counts a code that somebody at this address asks for. @throws Problem tooManyTries beyond 20 in ten minutes from one network */
export function countStart (house: House, address: string): void {
  startsOf(house).take(networkOf(address))
}

/** Counts a code that somebody at this address typed. @throws Problem tooManyTries beyond 2,000 in ten minutes from one network */
export function countAnswer (house: House, address: string): void {
  answersOf(house).take(networkOf(address))
}
