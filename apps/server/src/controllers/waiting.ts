import { fromBase64url } from '@oncekey/otp/bytes'
import type { CommissioningAnswer, CommissioningForm } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { tokenBuckets } from '../platform/budget.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import { networkOf } from '../platform/tries.ts'
import { keyHash } from './key-hash.ts'

/** A controller that waits for somebody to type its claim code. In memory only: it comes again every few seconds. */
export type Waiting = {
  claimCode: string
  rootKey: Uint8Array
  box: { hardware: string, firmware: string, locks: number }
  /** Low when the key travelled where others could read it. */
  assurance: 'high' | 'low'
  until: number
  /** Where it presented itself from, as tries are counted. */
  network: string
}

const WAITING_MS = 600_000
const MOST_WAITING = 100
const RETRY_MS = 3_000

const room = perHouse((house: House) => ({
  waiting: new Map<string, Waiting>(),
  posts: tokenBuckets({ burst: 120, perSecond: 40, clock: house.clock }),
  tries: tokenBuckets({ burst: 10, perSecond: 10 / 600, clock: house.clock })
}))

/**
 * A controller presents itself. One that was claimed hears its id and site, however often it asks and also after a
 * restart of the server: only who has its key can ask so.
 * @param isPrivate whether nobody else could read the request: TLS, or this very machine
 * @throws Problem tooManyTries, busy (too many wait)
 */
export async function present (house: House, form: CommissioningForm, { address, isPrivate }: { address: string, isPrivate: boolean }): Promise<CommissioningAnswer> {
  const { waiting, posts } = room(house)
  if (!posts.take(networkOf(address))) throw new Problem('tooManyTries', { retryAfterSeconds: 5 })
  const rootKey = fromBase64url(form.key)
  if (rootKey === null || rootKey.length !== 32) throw new Problem('badRequest', { errors: [{ field: 'key', needs: '32 bytes as base64url' }] })
  const hash = keyHash(rootKey)
  const ours = await house.db.read.selectFrom('controllers').select(['id', 'site_id']).where('key_hash', '=', hash).where('removed_at', 'is', null).executeTakeFirst()
  if (ours !== undefined) {
    waiting.delete(hash)
    return { claimed: true, siteId: ours.site_id, controllerId: ours.id, ...house.brokerAt() }
  }
  dropOld(waiting, house.clock())
  const known = waiting.get(hash)
  const network = networkOf(address)
  if (known === undefined && waiting.size >= MOST_WAITING && !makeRoom(waiting, network)) throw new Problem('busy', { retryAfterSeconds: 60 })
  waiting.set(hash, {
    claimCode: plain(form.claimCode), rootKey, box: { hardware: form.hardware, firmware: form.firmware, locks: form.locks },
    // Once read by others, always read by others.
    assurance: isPrivate && known?.assurance !== 'low' ? 'high' : 'low', until: house.clock() + WAITING_MS, network
  })
  return { claimed: false, retryAfterMs: RETRY_MS }
}

/**
 * The one controller that waits with this code. Two with the same code are none: one of them has read it off the
 * other's display.
 * @param tries whose tries are counted: ten in ten minutes
 * @throws Problem claimCodeWrong, tooManyTries
 */
export function findWaiting (house: House, claimCode: string, tries: string): Waiting {
  const { waiting, tries: budget } = room(house)
  if (!budget.take(tries)) throw new Problem('tooManyTries', { retryAfterSeconds: 60 })
  dropOld(waiting, house.clock())
  const code = plain(claimCode)
  const [found, ...others] = [...waiting.values()].filter((one) => one.claimCode === code)
  if (found === undefined || others.length > 0) throw new Problem('claimCodeWrong')
  return found
}

/** The network that holds the most places gives one up, the one unheard of for longest, to a network that has fewer. @returns whether it did */
function makeRoom (waiting: Map<string, Waiting>, network: string): boolean {
  const counts = new Map<string, number>()
  for (const one of waiting.values()) counts.set(one.network, (counts.get(one.network) ?? 0) + 1)
  const [fullest, most] = [...counts].reduce((a, b) => b[1] > a[1] ? b : a, ['', 0])
  if (most <= (counts.get(network) ?? 0) + 1) return false
  const [oldest] = [...waiting].filter(([, one]) => one.network === fullest).reduce((a, b) => b[1].until < a[1].until ? b : a)
  return waiting.delete(oldest)
}

function dropOld (waiting: Map<string, Waiting>, now: number): void {
  for (const [hash, one] of waiting) if (one.until <= now) waiting.delete(hash)
}

/** As people type it: dashes, spaces and case do not matter. */
function plain (claimCode: string): string {
  return claimCode.toUpperCase().replaceAll(/[\s-]/g, '')
}
