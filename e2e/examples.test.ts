import assert from 'node:assert/strict'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createClient } from '@redis/client'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { DatabaseSync } from 'node:sqlite'
import { createOtp, keyRing } from '@oncekey/otp'
import { memoryStore } from '@oncekey/otp/memory'
import { postgresSchema } from '@oncekey/otp/postgres'
import { redisSetUp } from '@oncekey/otp/redis'
import { Pool } from 'pg'
import { onceCodes } from '../examples/better-auth/plugin.ts'
import { createApp as expressApp } from '../examples/express/server.ts'
import { createApp as fastifyApp } from '../examples/fastify/server.ts'
import { createApp as honoApp } from '../examples/hono/server.ts'
import { sharedPostgres } from '../scripts/postgres.mjs'
import { sharedRedis } from '../scripts/redis.mjs'

type Answer = { status: number, body: unknown, headers: Headers }
type Post = (path: string, body: unknown) => Promise<Answer>

const key = randomBytes(32)
const address = 'anna@example.org'

/** Whoever sends puts it here. */
function inbox (): { deliver: (to: string, text: string) => Promise<void>, code: () => string } {
  const texts: string[] = []
  return { deliver: async (_, text) => { texts.push(text) }, code: () => /\d{6}/.exec(texts.at(-1) ?? '')?.[0] ?? '' }
}

function poster (url: string): Post {
  return (path, body) => answerOf(fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', origin: url }, body: JSON.stringify(body) }))
}

async function answerOf (coming: Response | Promise<Response>): Promise<Answer> {
  const response = await coming
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text }
}

function idOf ({ body }: Answer): string {
  return typeof body === 'object' && body !== null ? String(Reflect.get(body, 'id')) : ''
}

const others = (code: string): string[] => Array.from({ length: 8 }, (_, i) => String((Number(code) + 1 + i) % 1e6).padStart(6, '0'))

test('Fastify: an address is confirmed once; after five wrong codes not even the right one does', async () => {
  const { deliver, code } = inbox()
  const app = fastifyApp({ file: ':memory:', key, mail: deliver })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const post = poster(url)
  const id = idOf(await post('/start', { email: address }))
  assert.deepEqual((await post('/check', { id, code: code() })).body, { confirmed: address })
  assert.equal((await post('/check', { id, code: code() })).status, 403)
  const next = idOf(await post('/start', { email: address }))
  await Promise.all(others(code()).map((wrong) => post('/check', { id: next, code: wrong })))
  assert.equal((await post('/check', { id: next, code: code() })).status, 403)
  assert.equal((await post('/start', { email: 'nobody' })).status, 400)
  assert.equal((await post('/check', { id: 'a\nb', code: '1' })).status, 400)
  await app.close()
})

test('Express: one signs in, of twenty right codes at once one; twenty wrong ones a day are the end for an address', async () => {
  const { url: database } = await sharedPostgres()
  const pool = new Pool({ connectionString: await database(`example_${process.pid}`), max: 4 })
  await pool.query(postgresSchema)
  const { deliver, code } = inbox()
  const server = expressApp({ pool, key, mail: deliver }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const place = server.address()
  const post = poster(`http://127.0.0.1:${typeof place === 'object' ? place?.port : ''}`)
  const id = idOf(await post('/start', { email: address }))
  assert.equal((await post('/check', { id, email: 'eve@example.org', code: code() })).status, 403, 'the code of another address')
  const answers = await Promise.all(Array.from({ length: 20 }, () => post('/check', { id, email: address, code: code() })))
  assert.equal(answers.filter((one) => one.status === 200).length, 1)
  for (let i = 0; i < 5; i++) {
    const again = idOf(await post('/start', { email: address }))
    for (const wrong of others(code()).slice(0, 5)) await post('/check', { id: again, email: address, code: wrong })
  }
  const last = idOf(await post('/start', { email: address }))
  assert.deepEqual((await post('/check', { id: last, email: address, code: code() })).body, { signedIn: null })
  assert.equal((await post('/check', { id: 'x', email: address, code: '1' })).status, 400)
  server.close()
  await pool.end()
})

test('Hono: after a resend only the new code works, at another instance, too', async () => {
  const { socket, stop } = await sharedRedis()
  const client = createClient({ socket: { path: socket, tls: false }, disableOfflineQueue: true })
  await client.connect()
  const driver = { send: (command: string, args: string[]) => client.sendCommand([command, ...args]) }
  await redisSetUp({ driver })
  const { deliver, code } = inbox()
  const instances = [honoApp({ driver, key, text: deliver }), honoApp({ driver, key, text: deliver })]
  const on = (which: number): Post => async (path, body) => answerOf(await instances[which]!.request(path, { method: 'POST', body: JSON.stringify(body) }))
  const phone = '+41790000000'
  const id = idOf(await on(0)('/start', { phone }))
  const first = code()
  assert.deepEqual((await on(1)(`/resend/${id}`, { phone })).body, { sent: true })
  assert.equal((await on(0)(`/check/${id}`, { code: first })).status, 403)
  assert.deepEqual((await on(1)(`/check/${id}`, { code: code() })).body, { phone })
  assert.equal((await on(0)(`/check/${id}`, { code: code() })).status, 403)
  assert.equal((await on(0)('/start', { phone: '1' })).status, 400)
  assert.equal((await on(0)('/resend/0-0', { phone })).status, 404)
  client.destroy()
  await stop()
})

test('Better Auth: a code makes a user and a session; of ten at once one does; an unconfirmed address is not taken over', async () => {
  const { deliver, code } = inbox()
  const otp = createOtp<'sync' | 'async'>({ store: memoryStore(), keys: keyRing([{ id: 'k', key }]), clock: Date.now, entropy: randomBytes })
  const options = {
    database: new DatabaseSync(':memory:'), baseURL: 'http://127.0.0.1', secret: 'a secret of thirty-two characters and more', telemetry: { enabled: false }, logger: { level: 'error' as const },
    emailAndPassword: { enabled: true }, plugins: [onceCodes({ otp, mail: deliver })]
  }
  await (await getMigrations(options)).runMigrations()
  const auth = betterAuth(options)
  const post: Post = (path, body) => answerOf(auth.handler(new Request(`http://127.0.0.1/api/auth${path}`, { method: 'POST', headers: { 'content-type': 'application/json', origin: 'http://127.0.0.1' }, body: JSON.stringify(body) })))
  const id = idOf(await post('/once-code/start', { email: 'Anna@Example.org' }))
  assert.equal((await post('/once-code/check', { id, code: others(code())[0] })).status, 401)
  const answers = await Promise.all(Array.from({ length: 10 }, () => post('/once-code/check', { id, code: code() })))
  const [granted, ...more] = answers.filter((one) => one.status === 200)
  assert.ok(granted !== undefined && more.length === 0)
  const cookie = granted.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ')
  const session = await auth.api.getSession({ headers: new Headers({ cookie }) })
  assert.equal(session?.user.email, address)
  await auth.api.signUpEmail({ body: { email: 'ben@example.org', password: 'seven quiet lanterns', name: 'Not Ben' } })
  const bens = idOf(await post('/once-code/start', { email: 'ben@example.org' }))
  assert.equal((await post('/once-code/check', { id: bens, code: code() })).status, 401)
})
