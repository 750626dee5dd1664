import assert from 'node:assert/strict'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { Type } from 'typebox'
import { callerOf, createHttp, type App, type Caller } from './http.ts'
import { createLog } from './log.ts'
import { Problem } from './problems.ts'

let app: App
let caller: Caller | null
let logged: string[]

beforeEach(async () => {
  caller = null
  logged = []
  app = await createHttp({ log: createLog((line) => { logged.push(line) }), publicUrl: null, whoCalls: async () => caller })
  app.get('/open', { config: { audience: 'everybody' } }, async () => 'open')
  app.get('/ops', { config: { audience: 'operator' } }, async (request) => callerOf(request).name)
  app.post('/echo', { config: { audience: 'everybody' }, schema: { body: Type.Object({ name: Type.String({ minLength: 1 }) }) } }, async (request) => request.body)
  app.get('/late', { config: { audience: 'everybody' } }, async () => { throw new Problem('coolingDown', { retryAfterSeconds: 17 }) })
  app.get('/full', { config: { audience: 'everybody' } }, async () => { throw new Problem('storageFull', { retryAfterSeconds: 30, cause: new Error('a bad sector') }) })
  app.get('/broken', { config: { audience: 'everybody' } }, async () => { throw new Error('secret 123456') })
})

afterEach(async () => { await app.close() })

const member: Caller = { id: 'm', name: 'Mo', role: 'member', siteId: 's', sessionHash: 'h', isProven: true, provenUntil: 0, me: { id: 'm', name: 'Mo', username: null, email: 'mo@example.org', role: 'member', language: null, site: { id: 's', name: 'S', timeZone: 'UTC', demonstration: false, mailWorks: false } } }

test('a route that does not say who may call it stops the start', () => {
  assert.throws(() => app.get('/forgotten', async () => 'oops'), /does not say who may call it/)
})

test('nobody, a member and an operator at an operator\'s route', async () => {
  assert.equal((await app.inject('/ops')).json().code, 'signInNeeded')
  caller = member
  assert.equal((await app.inject('/ops')).json().code, 'notAllowed')
  caller = { ...member, role: 'operator' }
  assert.equal((await app.inject('/ops')).body, 'Mo')
  caller = { ...member, role: 'owner' }
  assert.equal((await app.inject('/ops')).statusCode, 200)
})

test('a change asked for by another site\'s page is refused; a program without an origin is not', async () => {
  const ask = (headers: Record<string, string>) => app.inject({ method: 'POST', url: '/echo', payload: { name: 'x' }, headers: { host: 'keys.example.org', ...headers } })
  assert.equal((await ask({ origin: 'https://evil.example' })).json().code, 'originRefused')
  assert.equal((await ask({ origin: 'null' })).json().code, 'originRefused')
  assert.equal((await ask({ origin: 'https://keys.example.org' })).statusCode, 200)
  assert.equal((await ask({})).statusCode, 200)
})

test('behind a proxy the public address counts, with its scheme', async () => {
  const ask = async (publicUrl: string | null, origin: string): Promise<number> => {
    const one = await createHttp({ log: createLog(() => {}), publicUrl, whoCalls: async () => null })
    one.post('/echo', { config: { audience: 'everybody' } }, async () => 'echo')
    const { statusCode } = await one.inject({ method: 'POST', url: '/echo', payload: {}, headers: { host: 'keys.example.org', origin } })
    await one.close()
    return statusCode
  }
  assert.equal(await ask('https://keys.example.org', 'https://keys.example.org'), 200)
  assert.equal(await ask('https://public.example.org', 'https://public.example.org'), 200)
  assert.equal(await ask('https://public.example.org', 'http://public.example.org'), 403)
  assert.equal(await ask('https://keys.example.org', 'http://keys.example.org'), 403)
  assert.equal(await ask(null, 'http://keys.example.org'), 200)
})

test('where everything is with TLS, pages are sent on, programs are told, and only notices for everybody are answered', async () => {
  let lookedUp = 0
  const gate = await createHttp({ log: createLog(() => {}), publicUrl: null, whoCalls: async () => { lookedUp++; return null }, secureAddress: (request) => 'https://keys.lan:8443' + request.url })
  gate.get('/page', { config: { audience: 'everybody' } }, async () => 'secret')
  gate.get('/api/v1/page', { config: { audience: 'everybody' } }, async () => 'secret')
  gate.post('/page', { config: { audience: 'everybody' } }, async () => 'secret')
  gate.get('/notice', { config: { audience: 'everybody', isPublicNotice: true } }, async () => 'notice')
  gate.setNotFoundHandler(async () => 'secret')
  const html = { accept: 'text/html' }
  const page = await gate.inject({ url: '/page?x=1', headers: html })
  assert.deepEqual([page.statusCode, page.headers.location, page.headers['cache-control']], [302, 'https://keys.lan:8443/page?x=1', 'no-store'])
  assert.equal((await gate.inject({ url: '/nowhere', headers: html })).statusCode, 302)
  for (const request of [{ url: '/page' }, { url: '/api/v1/page', headers: html }, { method: 'POST' as const, url: '/page', headers: html, payload: { password: 'x' } }, { url: '/nowhere' }, { url: '/page', headers: { ...html, 'x-forwarded-proto': 'https' } }]) {
    const answer = await gate.inject(request)
    assert.deepEqual([answer.statusCode, answer.json().code], [403, 'tlsNeeded'], JSON.stringify(request))
  }
  assert.equal(lookedUp, 0, 'what came without TLS is not even read')
  assert.equal((await gate.inject('/notice')).body, 'notice')
  await gate.close()
})

test('browsers are told to come with TLS only where the operator means it, and never for names below', async () => {
  assert.equal((await app.inject('/open')).headers['strict-transport-security'], undefined)
  const strict = await createHttp({ log: createLog(() => {}), publicUrl: 'https://keys.example.org', whoCalls: async () => null, isStrict: true })
  strict.get('/open', { config: { audience: 'everybody' } }, async () => 'open')
  assert.equal((await strict.inject('/open')).headers['strict-transport-security'], 'max-age=31536000')
  await strict.close()
})

test('what is not well formed is named field by field', async () => {
  const answer = await app.inject({ method: 'POST', url: '/echo', payload: { name: '' } })
  assert.equal(answer.statusCode, 400)
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  assert.deepEqual(answer.json().errors, [{ field: 'name', needs: 'must NOT have fewer than 1 characters' }])
  assert.equal((await app.inject({ method: 'POST', url: '/echo', payload: {} })).json().errors[0].field, 'name')
  assert.equal((await app.inject({ method: 'POST', url: '/echo', payload: '{"name":', headers: { 'content-type': 'application/json' } })).json().code, 'badRequest')
  assert.equal((await app.inject({ method: 'POST', url: '/echo', payload: 'a=b', headers: { 'content-type': 'text/plain' } })).json().code, 'badRequest')
})

test('a body over 64 KiB is refused', async () => {
  const answer = await app.inject({ method: 'POST', url: '/echo', payload: { name: 'x'.repeat(70_000) } })
  assert.deepEqual([answer.statusCode, answer.json().code], [413, 'tooLarge'])
})

test('a wait is said in the header and in the body', async () => {
  const answer = await app.inject('/late')
  assert.deepEqual([answer.statusCode, answer.headers['retry-after'], answer.json().retryAfterSeconds], [429, '17', 17])
})

test('a defect gives people an instance id and us the stack, and tells people nothing else', async () => {
  const answer = await app.inject('/broken')
  assert.equal(answer.statusCode, 500)
  assert.doesNotMatch(answer.body, /123456/)
  assert.ok(logged.some((line) => line.includes('"level":"error"') && line.includes(answer.json().instance) && line.includes('stack')))
})

test('what can not be served for now is a warning with its cause, and no defect', async () => {
  const answer = await app.inject('/full')
  assert.deepEqual([answer.statusCode, answer.headers['retry-after'], answer.json().code, answer.json().instance], [503, '30', 'storageFull', undefined])
  assert.doesNotMatch(answer.body, /sector/)
  assert.deepEqual(logged.map((line) => [JSON.parse(line).level, JSON.parse(line).code, JSON.parse(line).route, JSON.parse(line).error.cause.message]), [['warn', 'storageFull', '/full', 'a bad sector']])
})

test('pages come with a strict content security policy', async () => {
  const policy = String((await app.inject('/open')).headers['content-security-policy'])
  assert.match(policy, /script-src 'self'/)
  assert.doesNotMatch(policy, /unsafe-inline/)
})

test('data comes with a policy that lets it be nothing else, and with no headers that are for pages', async () => {
  const fresh = await createHttp({ log: createLog(() => {}), publicUrl: null, whoCalls: async () => null })
  fresh.get('/api/v1/data', { config: { audience: 'everybody' } }, async () => ({ a: '<script>' }))
  for (const url of ['/api/v1/data', '/api/v1/nowhere']) {
    const { headers } = await fresh.inject(url)
    assert.deepEqual([headers['content-security-policy'], headers['x-content-type-options'], headers['cross-origin-resource-policy'], headers['x-frame-options'], headers['cache-control']], ["default-src 'none';frame-ancestors 'none'", 'nosniff', 'same-origin', undefined, 'no-store'], url)
  }
  await fresh.close()
})

test('a body says what it means; a query is text that may be a number', async () => {
  const fresh = await createHttp({ log: createLog(() => {}), publicUrl: null, whoCalls: async () => null })
  const Body = Type.Object({ until: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]), name: Type.Optional(Type.String()) })
  fresh.post('/echo', { config: { audience: 'everybody' }, schema: { body: Body } }, async (request) => request.body)
  fresh.get('/page', { config: { audience: 'everybody' }, schema: { querystring: Type.Object({ limit: Type.Integer() }) } }, async (request) => request.query)
  const echo = async (payload: object): Promise<unknown> => (await fresh.inject({ method: 'POST', url: '/echo', payload })).json()
  assert.deepEqual(await echo({ until: null }), { until: null }, 'and not 0')
  for (const odd of [{ until: '5' }, { until: [5] }, { until: true }, { until: 5, name: 7 }]) assert.equal((await echo(odd) as { code: string }).code, 'badRequest', JSON.stringify(odd))
  assert.deepEqual((await fresh.inject('/page?limit=5')).json(), { limit: 5 })
  for (const odd of ['five', 'Infinity', '-Infinity', '1e400', 'NaN', '']) assert.equal((await fresh.inject(`/page?limit=${odd}`)).statusCode, 400, odd)
  await fresh.close()
})

test('nothing that is called JSON is no body: fine where none is needed, and named where one is', async () => {
  const fresh = await createHttp({ log: createLog(() => {}), publicUrl: null, whoCalls: async () => null })
  fresh.post('/end', { config: { audience: 'everybody' } }, async (request) => ({ body: request.body ?? null }))
  fresh.post('/make', { config: { audience: 'everybody' }, schema: { body: Type.Object({ name: Type.String() }) } }, async () => 'made')
  const ask = (url: string, payload: string) => fresh.inject({ method: 'POST', url, headers: { 'content-type': 'application/json' }, payload })
  assert.deepEqual((await ask('/end', '')).json(), { body: null })
  const refused = await ask('/make', '')
  assert.deepEqual([refused.statusCode, refused.json().errors], [400, [{ field: '', needs: 'must be object' }]])
  for (const odd of ['{', ' ', '{"__proto__":{"a":1}}']) assert.equal((await ask('/end', odd)).statusCode, 400, odd)
  await fresh.close()
})

test('a request that drips in keeps its connection no longer than one that is quick', async () => {
  const slow = await createHttp({ log: createLog(() => {}), publicUrl: null, whoCalls: async () => null, slowestMs: 300 })
  slow.post('/echo', { config: { audience: 'everybody' } }, async () => 'echo')
  try {
    await slow.listen({ host: '127.0.0.1', port: 0 })
    const { port } = slow.server.address() as AddressInfo
    const starts = ['GET / HTTP/1.1\r\nHost: x\r\nA: ', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{']
    const cutAfter = await Promise.all(starts.map((start) => new Promise<number>((resolve) => {
      const began = Date.now()
      const socket = connect(port, '127.0.0.1', () => { socket.write(start) })
      const drip = setInterval(() => { socket.write(' ') }, 20)
      const giveUp = setTimeout(() => { socket.destroy() }, 5000)
      socket.resume().on('error', () => {}).on('close', () => {
        clearInterval(drip)
        clearTimeout(giveUp)
        resolve(Date.now() - began)
      })
    })))
    assert.ok(cutAfter.every((ms) => ms < 2000), `cut after ${cutAfter.join(' and ')} ms`)
  } finally {
    await slow.close()
  }
})

test('a text with U+0000 is refused, wherever it is, and its field is named', async () => {
  app.post('/deep', { config: { audience: 'everybody' } }, async () => 'taken')
  const sent = [['/echo', { name: 'a\u0000' }, 'name'], ['/deep', { list: ['a', { name: '\u0000' }] }, 'list.1.name'], ['/deep?q=%00', {}, 'q']] as const
  for (const [url, payload, field] of sent) {
    const answer = await app.inject({ method: 'POST', url, payload })
    assert.deepEqual([answer.statusCode, answer.json().errors[0].field], [400, field])
  }
  assert.equal((await app.inject({ method: 'POST', url: '/deep', payload: { list: ['a', { name: '0' }] } })).statusCode, 200)
})

test('what is wrong with an address is told as data that no browser takes for a page', async () => {
  for (const url of ['/%', '/api/v1/%zz<script>']) {
    const { statusCode, headers } = await app.inject(url)
    assert.deepEqual([statusCode, headers['content-type'], headers['x-content-type-options'], headers['content-security-policy']], [400, 'application/problem+json', 'nosniff', "default-src 'none';frame-ancestors 'none'"])
  }
})
