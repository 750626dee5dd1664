import assert from 'node:assert/strict'
import { createServer, request as ask, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { hashPassword } from '../people/passwords.ts'
import { solvedCaptcha } from '../testing/captcha.ts'
import { openWorld, type World } from '../testing/world.ts'

const right = 'quiet river stones'
const behindTls = { ONCEKEY_PUBLIC_URL: 'https://keys.example.org', ONCEKEY_TRUSTED_PROXIES: 'loopback' }

async function gym (t: TestContext, env: Record<string, string> = {}): Promise<World> {
  const world = await openWorld({ env })
  t.after(() => world.close())
  const kept = await hashPassword(right)
  await world.house.db.write((trx) => trx.sql.updateTable('people').set({ password_hash: kept }).execute())
  return world
}

/** Sixty sign-ins under names that nobody has, each with headers of its own. @returns how many were tried, and not told to wait */
async function guesses (world: World, remoteAddress: string, headers: (i: number) => Record<string, string>): Promise<number> {
  const statuses = await Promise.all(Array.from({ length: 60 }, async (_, i) =>
    (await world.house.app.inject({ method: 'POST', url: '/api/v1/sessions', remoteAddress, headers: { ...solvedCaptcha(world.house), ...headers(i) }, payload: { login: `nobody${i}@gym.example`, password: 'wrong' } })).statusCode))
  assert.ok(statuses.every((one) => one === 401 || one === 429), statuses.join())
  return statuses.filter((one) => one === 401).length
}

test('a made-up X-Forwarded-For gains no sign-in: fifty tries for each address, named proxies or not', async (t) => {
  for (const env of [{}, behindTls]) {
    const world = await gym(t, env)
    assert.equal(await guesses(world, '192.0.2.1', (i) => ({ 'x-forwarded-for': `198.51.100.${i}`, 'x-real-ip': `198.51.100.${i}`, forwarded: `for=198.51.100.${i}` })), 50)
    const refused = await world.record('session.refused')
    assert.ok(refused.every((row) => JSON.stringify(row).includes('192.0.2.1')), 'the record has the address that was there')
    assert.doesNotMatch(JSON.stringify(refused), /198\.51/)
  }
})

test('through a named proxy each client has its own budget, and writing addresses in front gains nothing', async (t) => {
  const world = await gym(t, behindTls)
  assert.equal(await guesses(world, '127.0.0.1', (i) => ({ 'x-forwarded-for': `203.0.113.${i}, 127.0.0.1, 198.51.100.1` })), 50)
  assert.equal(await guesses(world, '127.0.0.1', () => ({ 'x-forwarded-for': '198.51.100.1' })), 0, 'the same client')
  assert.equal(await guesses(world, '::ffff:127.0.0.1', () => ({ 'x-forwarded-for': '198.51.100.2' })), 50, 'another one')
  assert.equal(await guesses(world, '127.0.0.1', (i) => ({ 'x-forwarded-for': i % 2 === 0 ? `198.51.100.3:${i}` : `[2001:db8::${i}]` })), 50, 'what is no address is one client')
})

test('cookies are Secure when TLS ends at a named proxy, and not because somebody says so', async (t) => {
  const signIn = async (world: World, remoteAddress: string): Promise<boolean | undefined> => {
    const { cookies } = await world.house.app.inject({ method: 'POST', url: '/api/v1/sessions', remoteAddress, headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.1' }, payload: { login: 'maya@gym.example', password: right } })
    assert.ok(cookies.length > 0)
    return cookies.every((one) => one.secure === true)
  }
  const world = await gym(t, { ...behindTls, ONCEKEY_PUBLIC_URL: 'http://keys.example.org' })
  assert.equal(await signIn(world, '127.0.0.1'), true)
  assert.equal(await signIn(world, '192.0.2.1'), false)
  assert.equal(await signIn(await gym(t, { ONCEKEY_PUBLIC_URL: 'https://keys.example.org' }), '127.0.0.1'), true)
})

/** A proxy as nginx is with `$proxy_add_x_forwarded_for` and `X-Forwarded-Proto $scheme`, as if TLS ended there. */
async function proxyTo (t: TestContext, port: number): Promise<string> {
  const proxy: Server = createServer((incoming, outgoing) => {
    const before = incoming.headers['x-forwarded-for']
    const peer = incoming.socket.remoteAddress ?? ''
    const headers = { ...incoming.headers, 'x-forwarded-for': before === undefined ? peer : `${String(before)}, ${peer}`, 'x-forwarded-proto': 'https' }
    incoming.pipe(ask({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    }).on('error', () => { outgoing.destroy() }))
  })
  await new Promise<void>((resolve) => { proxy.listen(0, '127.0.0.1', () => { resolve() }) })
  t.after(() => new Promise<void>((resolve) => {
    proxy.close(() => { resolve() })
    proxy.closeAllConnections()
  }))
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

/** Signs in over a connection of its own that comes from `localAddress`. */
function signInFrom (url: string, localAddress: string, { login, password, ...headers }: Record<string, string>): Promise<{ status: number, cookies: string[] }> {
  return new Promise((resolve, reject) => {
    const asked = ask(`${url}/api/v1/sessions`, { method: 'POST', localAddress, agent: false, headers: { 'content-type': 'application/json', ...headers } }, (answer) => {
      answer.resume().on('end', () => { resolve({ status: answer.statusCode ?? 0, cookies: answer.headers['set-cookie'] ?? [] }) })
    })
    asked.on('error', reject).end(JSON.stringify({ login, password }))
  })
}

test('with a real proxy in between: two clients, each with its own budget, whatever one of them makes up', async (t) => {
  // Named is the proxy's own address alone: clients at 127.0.0.2 and .3, which Linux has without being told, are none.
  const world = await gym(t, { ...behindTls, ONCEKEY_TRUSTED_PROXIES: '127.0.0.1', ONCEKEY_HOST: '127.0.0.1' })
  await world.house.app.listen({ host: '127.0.0.1', port: 0 })
  const url = await proxyTo(t, (world.house.app.server.address() as AddressInfo).port)
  const statuses: number[] = []
  for (let i = 0; i < 52; i++) statuses.push((await signInFrom(url, '127.0.0.2', { login: `nobody${i}@gym.example`, password: 'wrong', ...solvedCaptcha(world.house), 'x-forwarded-for': `198.51.100.${i}` })).status)
  assert.deepEqual([statuses.filter((one) => one === 401).length, statuses.slice(50)], [50, [429, 429]])
  const other = await signInFrom(url, '127.0.0.3', { login: 'maya@gym.example', password: right, origin: 'https://keys.example.org' })
  assert.equal(other.status, 200)
  assert.ok(other.cookies.every((one) => /; Secure/.test(one)), other.cookies.join())
  assert.doesNotMatch(world.house.logged.join(), /X-Forwarded-For/)
})
