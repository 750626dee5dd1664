import { randomInt } from 'node:crypto'
import type { VerificationVerdict } from '@oncekey/protocol/schemas'
import { makeApiKey } from '../api-keys/make.ts'
import { openSecret } from '../notify/sealed.ts'
import { handedOver } from '../verifications/in-redis.ts'
import type { Answered, BodyOf } from './answers.ts'
import { openWorld, type World } from './world.ts'

/** The small gym with a program beside it that holds an API key, and mail that waits in the outbox where a test can read it. */
export type Verifier = {
  world: World
  secret: string
  /** A request by the key. */
  call: <M extends 'GET' | 'POST', Url extends string>(method: M, url: Url, body?: object, headers?: Record<string, string>) => Promise<Answered<BodyOf<`${M} ${Url}`>>>
  /** Starts a verification; the address is a fresh one unless told. */
  start: (to?: string, more?: object) => Promise<{ id: string, to: string, digits: string }>
  check: (id: string, code: string, headers?: Record<string, string>) => Promise<Answered<VerificationVerdict>>
  /** The digits of the newest message to a verification; fails when they were wiped. */
  digits: (id: string) => Promise<string>
}

/** Where codes wait to be typed, for all worlds that are opened from now on: in Redis at this URL, or (null) in their rows. */
export const codesAt: { redisUrl: string | null } = { redisUrl: null }

export async function openVerifier (options: { env?: Record<string, string> } = {}): Promise<Verifier> {
  const world = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9?from=keys@gym.example', ...codesAt.redisUrl !== null && { ONCEKEY_REDIS_URL: codesAt.redisUrl }, ...options.env } })
  const { secret } = await world.house.db.write((trx) => makeApiKey(trx, world.house, { siteId: world.siteId, name: 'Shop', scopes: ['verifications'], madeBy: world.people.adam }))
  const call: Verifier['call'] = async (method, url, body, headers = {}) => {
    const answer = await world.call(null, method, url, body, { authorization: `Bearer ${secret}`, ...headers })
    await handedOver(world.house)
    return answer
  }
  const digits = async (id: string): Promise<string> => {
    const [row] = await world.house.rows('SELECT id, sealed FROM outbox WHERE verification_id = ? ORDER BY created_at DESC, id DESC LIMIT 1', id)
    if (row === undefined || row['sealed'] === null) throw new Error('No sealed message.')
    return openSecret(world.house.seal, 'outbox', String(row['id']), String(row['sealed'])).digits ?? ''
  }
  return {
    world, secret, call, digits,
    async start (to = `u${randomInt(1e12)}@example.org`, more = {}) {
      const { body } = await call('POST', 'verifications', { to, ...more })
      return { id: body.id, to, digits: await digits(body.id) }
    },
    check: (id, code, headers) => call('POST', `verifications/${id}/check`, { code }, headers)
  }
}

/** Another code than this one. */
export function wrong (digits: string, by = 1): string {
  return String((Number(digits) + by) % 1e6).padStart(6, '0')
}

