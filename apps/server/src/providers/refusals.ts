import type { House } from '../house.ts'

/**
 * Why somebody comes back from the provider and is not signed in; the page has a sentence for each. Never a word of the
 * provider's own: whoever writes that could write anything on our page.
 * - cancelled: they did not want to. over: too late, twice, or in another browser. unreachable: the provider is away.
 * - failed: the provider said what it can not be, or not what we need. unverified: it does not know that the address is theirs.
 * - unknown: nobody has this address here, and they may not register. refused: suspended. other: somebody else's, or another account of theirs.
 * - busy: too many tries from this network.
 */
export const refusals = ['cancelled', 'over', 'unreachable', 'failed', 'unverified', 'unknown', 'refused', 'other', 'busy'] as const
export type Refusal = typeof refusals[number]

export class Refused extends Error {
  readonly why: Refusal

  constructor (why: Refusal) {
    super(`The sign-in by the provider came to nothing: ${why}.`)
    this.name = 'Refused'
    this.why = why
  }
}

/** What an error of the protocol means to whoever waits; the log gets the library's and the protocol's words for it, and nothing that was in the answer. */
export function refusalOf (house: House, error: unknown): Refused {
  if (error instanceof Refused) return error
  const code = wordOf(error, 'code')
  const said = wordOf(error, 'error')
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 0
  const isAway = error instanceof TypeError || code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT' || status >= 500 || said === 'temporarily_unavailable' || said === 'server_error'
  const why = said === 'access_denied' ? 'cancelled' : isAway ? 'unreachable' : 'failed'
  if (why !== 'cancelled') house.log.warn('a sign-in by the provider came to nothing', { why, code, said, message: error instanceof Error ? error.message.slice(0, 200) : '' })
  return new Refused(why)
}

function wordOf (error: unknown, name: 'code' | 'error'): string {
  const word: unknown = typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : ''
  return typeof word === 'string' && /^\w{1,64}$/.test(word) ? word : ''
}
