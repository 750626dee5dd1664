import { hash, randomBytes, randomInt } from 'node:crypto'
import type { Captcha } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'

/** Numbers that may have to be tried: a phone takes a second for half of them, a computer a quarter of that. */
const MOST = 60_000
const GOOD_MS = 300_000
const BINDING = 'captcha'
/** Beyond it the oldest go. Each was work, so nobody has many. */
const MOST_USED = 10_000

/**
 * Solutions that were used, and when they would have expired. In memory of each server, as what is asked for depends on is: a
 * solution that is taken once by each of two servers, or again after a restart, saves somebody one of many.
 */
const usedOf = perHouse((_house: House) => new Map<string, number>())

/** What is kept of a captcha, in its own token: sealed, so nothing has to be kept here until it is solved. */
type Sealed = { salt: string, number: number, until: number }

/** A captcha that is solved by trying numbers. */
export function makeCaptcha (house: House): Captcha {
  const sealed: Sealed = { salt: randomBytes(16).toString('base64url'), number: randomInt(MOST), until: house.clock() + GOOD_MS }
  return { salt: sealed.salt, target: hash('sha256', `${sealed.salt}.${sealed.number}`), most: MOST, token: house.seal.close(JSON.stringify(sealed), BINDING) }
}

/** Whether this is the solution, `number.token`, of a captcha of ours that has not expired; it is taken once. */
export function takeSolution (house: House, solution: string): boolean {
  const [, number, token] = /^(\d{1,9})\.(.{1,512})$/.exec(solution) ?? []
  if (number === undefined || token === undefined) return false
  const sealed = opened(house, token)
  const now = house.clock()
  const used = usedOf(house)
  // By what is in it: the same token can be written in more than one way.
  if (sealed === null || sealed.number !== Number(number) || sealed.until <= now || used.has(sealed.salt)) return false
  for (const [salt, until] of used) {
    if (until > now && used.size < MOST_USED) break
    used.delete(salt)
  }
  used.set(sealed.salt, sealed.until)
  return true
}

function opened (house: House, token: string): Sealed | null {
  try {
    // What opens was sealed above.
    return JSON.parse(house.seal.open(token, BINDING)) as Sealed
  } catch {
    return null
  }
}
