/** A code on the phone before something dangerous: Hono, and codes in Redis or Valkey, so that any instance may check. */
import { Hono } from 'hono'
import { randomBytes, randomUUID } from 'node:crypto'
import { challengePolicy, createOtp, keyRing } from '@oncekey/otp'
import { redisStore, type RedisDriver } from '@oncekey/otp/redis'

export type Options = {
  /** `{ send: (command, args) => client.sendCommand([command, ...args]) }`, after `redisSetUp({ driver })`, once. */
  readonly driver: RedisDriver
  readonly key: Uint8Array
  readonly text: (phone: string, text: string) => Promise<void>
}

export function createApp ({ driver, key, text }: Options): Hono {
  const otp = createOtp({ store: redisStore(driver, { entropy: randomBytes, afterRestart: 'void' }), keys: keyRing([{ id: '1', key }]), clock: Date.now, entropy: randomBytes })
  const app = new Hono()

  app.post('/start', async context => {
    const { phone } = await read(context.req.raw)
    if (phone === undefined || !/^\+[1-9]\d{6,14}$/.test(phone)) return context.json({ problem: 'A phone number begins with + and has 7 to 15 digits.' }, 400)
    const id = randomUUID()
    const issue = await otp.issue({ purpose: 'pay', scope: id, slot: 'phone', policy: challengePolicy, digits: 6, ttlMs: 300_000, data: phone })
    if (issue.issued) await text(phone, `Your code is ${issue.code}.`)
    return context.json({ id })
  })

  // The same id, so the same five tries; the earlier code ends.
  app.post('/resend/:id{[0-9a-f-]+}', async context => {
    const { phone } = await read(context.req.raw)
    if (phone === undefined || (await otp.status({ scope: context.req.param('id'), policy: challengePolicy })).generation === 0) return context.json({ problem: 'Start again.' }, 404)
    const issue = await otp.issue({ purpose: 'pay', scope: context.req.param('id'), slot: 'phone', policy: challengePolicy, digits: 6, ttlMs: 300_000, data: phone })
    if (issue.issued) await text(phone, `Your code is ${issue.code}.`)
    return context.json({ sent: issue.issued })
  })

  app.post('/check/:id{[0-9a-f-]+}', async context => {
    const { code = '' } = await read(context.req.raw)
    const verdict = await otp.verify({ purpose: 'pay', scope: context.req.param('id'), policy: challengePolicy, code })
    return verdict.granted ? context.json({ phone: verdict.data }) : context.json({ phone: null }, 403)
  })

  return app
}

async function read (request: Request): Promise<Record<string, string | undefined>> {
  const body: unknown = await request.json().catch(() => null)
  return Object.fromEntries(Object.entries(body ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
