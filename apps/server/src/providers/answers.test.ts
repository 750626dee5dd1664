import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openVisits, type Visits } from '../testing/visits.ts'

let v: Visits
const open = async (t: TestContext, options: Parameters<typeof openVisits>[0] = { accounts: { m1: { email: 'maya@gym.example', email_verified: true } } }): Promise<void> => {
  v = await openVisits(options)
  t.after(async () => {
    await v.world.close()
    await v.provider.close()
  })
}
const over = 'http://localhost:8080/sign-in?provider=over'
const sessions = async (): Promise<number> => (await v.world.record('session.started')).filter((row) => row.details['by'] === 'provider').length
const tokenCalls = (): number => v.provider.asked.filter((one) => one === 'POST /token').length

test('an answer is good once, for ten minutes, in the browser that set out', async (t) => {
  await open(t)
  const maya = v.visitor()
  const answer = await maya.walker.walk(await maya.start(), 'm1')
  assert.equal((await v.visitor().get(answer)).location, over, 'a browser that did not set out')
  const thief = v.visitor()
  await thief.start()
  assert.equal((await thief.get(answer)).location, over, 'one that set out for itself')
  assert.equal(tokenCalls(), 0)
  const flow = maya.cookies['oncekey-provider'] ?? ''
  assert.equal((await maya.get(answer)).location, 'http://localhost:8080/')
  assert.equal((await maya.get(answer)).location, over, 'again')
  maya.cookies['oncekey-provider'] = flow
  assert.equal((await maya.get(answer)).location, over, 'again, with a cookie that was kept')
  assert.deepEqual([tokenCalls(), await sessions()], [1, 1])

  const late = v.visitor()
  const slow = await late.walker.walk(await late.start(), 'm1')
  v.world.house.wait(600_000)
  assert.equal((await late.get(slow)).location, over)
  assert.equal(tokenCalls(), 1)
})

test('many at once with one answer: one is signed in', async (t) => {
  await open(t)
  const maya = v.visitor()
  const answer = await maya.walker.walk(await maya.start(), 'm1')
  const { pathname, search } = new URL(answer)
  const all = await Promise.all(Array.from({ length: 20 }, () => v.world.house.app.inject({ url: pathname + search, cookies: maya.cookies })))
  assert.deepEqual(all.map((one) => one.headers.location).filter((one) => one !== over), ['http://localhost:8080/'])
  assert.deepEqual([tokenCalls(), await sessions()], [1, 1])
})

test('another state, none, two of them, made-up codes and cookies: nobody is signed in', async (t) => {
  await open(t)
  for (const [change, where] of [
    [(url: URL) => { url.searchParams.set('state', 'A'.repeat(43)) }, over],
    [(url: URL) => { url.searchParams.delete('state') }, over],
    [(url: URL) => { url.searchParams.set('code', 'made up') }, 'http://localhost:8080/sign-in?provider=failed'],
    [(url: URL) => { url.searchParams.delete('code') }, 'http://localhost:8080/sign-in?provider=failed'],
    // RFC 9207: another provider's answer, mixed up with this one's.
    [(url: URL) => { url.searchParams.set('iss', 'https://evil.example') }, 'http://localhost:8080/sign-in?provider=failed'],
    [(url: URL) => { url.searchParams.delete('iss') }, 'http://localhost:8080/sign-in?provider=failed'],
    [(url: URL) => { url.searchParams.append('code', 'another') }, null],
    [(url: URL) => { url.searchParams.append('state', 'another') }, null]
  ] as const) {
    const visitor = v.visitor()
    const url = new URL(await visitor.walker.walk(await visitor.start(), 'm1'))
    change(url)
    const answer = await visitor.get(url.href)
    if (where === null) assert.equal(answer.status, 400)
    else assert.equal(answer.location, where, url.search)
    assert.equal(visitor.cookies['oncekey'], undefined)
  }
  const visitor = v.visitor()
  const answer = await visitor.walker.walk(await visitor.start(), 'm1')
  const flow = visitor.cookies['oncekey-provider'] ?? ''
  for (const made of ['', 'x', 'x.y', 'A'.repeat(600), flow.slice(0, -2) + 'AA', flow.replace('.', '..')]) {
    visitor.cookies['oncekey-provider'] = made
    assert.equal((await visitor.get(answer)).location, over, made)
  }
  assert.equal(await sessions(), 0)
})

test('a code of another flow, whose verifier this browser does not have, is worth nothing', async (t) => {
  await open(t)
  const maya = v.visitor()
  const thief = v.visitor()
  const stolen = new URL(await maya.walker.walk(await maya.start(), 'm1'))
  // The thief has the code, and a flow of their own with its state: the provider wants the verifier of the other one.
  const own = new URL(await thief.start())
  stolen.searchParams.set('state', own.searchParams.get('state') ?? '')
  assert.equal((await thief.get(stolen.href)).location, 'http://localhost:8080/sign-in?provider=failed')
  assert.deepEqual([tokenCalls(), await sessions()], [1, 0])
  // And a token of a flow with another nonce is refused here.
  const swapped = new URL(await maya.start())
  swapped.searchParams.set('nonce', 'N'.repeat(43))
  assert.equal((await maya.get(await maya.walker.walk(swapped.href, 'm1'))).location, 'http://localhost:8080/sign-in?provider=failed')
  assert.equal(await sessions(), 0)
})

test('two tabs: the older one\'s answer is over, and the newer one\'s goes on', async (t) => {
  await open(t)
  const maya = v.visitor()
  const first = await maya.walker.walk(await maya.start('?next=/me'), 'm1')
  const second = await maya.start('?next=/access')
  assert.equal((await maya.get(first)).location, over)
  assert.equal((await maya.get(await maya.walker.walk(second, 'm1'))).location, 'http://localhost:8080/access')
})

test('whoever cancels comes back with a word, and none of the provider\'s is on our page', async (t) => {
  await open(t)
  const maya = v.visitor()
  const answer = await maya.signIn(null, '?next=/me')
  assert.equal(answer.location, 'http://localhost:8080/sign-in?provider=cancelled&next=%2Fme')
  const start = new URL(await maya.start())
  const state = start.searchParams.get('state') ?? ''
  const said = await maya.get(`/api/v1/providers/oidc/callback?${new URLSearchParams({ state, error: '<script>alert(1)</script>', error_description: '<b>Call 0900 1234</b>', iss: v.provider.issuer })}`)
  assert.equal(said.location, 'http://localhost:8080/sign-in?provider=failed')
  assert.equal(said.body, '')
  assert.ok(!v.world.house.logged.some((line) => /script|0900/.test(line)), v.world.house.logged.join('\n'))
})

test('nobody is sent to another site', async (t) => {
  await open(t)
  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/%2f%2fevil.example', '/\t/evil.example', '/\r\nset-cookie: x=y', '/api/v1/providers/oidc/start']) {
    const query = `?${new URLSearchParams({ next })}`
    assert.equal((await v.visitor().signIn('m1', query)).location, 'http://localhost:8080/', next)
    assert.equal((await v.visitor().signIn(null, query)).location, 'http://localhost:8080/sign-in?provider=cancelled', next)
  }
})

test('a page of somebody else\'s signs nobody in: it gets them to the button, and no further', async (t) => {
  await open(t)
  const { app } = v.world.house
  const from = async (site: string) => app.inject({ url: '/api/v1/providers/oidc/start?next=/me', headers: { 'sec-fetch-site': site } })
  for (const site of ['cross-site', 'same-site']) {
    const answer = await from(site)
    assert.deepEqual([answer.headers.location, answer.cookies], ['http://localhost:8080/sign-in?next=%2Fme', []], site)
  }
  // Our own button, a bookmark.
  for (const site of ['same-origin', 'none']) assert.ok(String((await from(site)).headers.location).startsWith(v.provider.issuer), site)
})

test('a provider that is away: a page with a sentence, no start fails, and soon after it is back people come in', async (t) => {
  await open(t)
  v.provider.isThere = false
  const { house } = v.world
  const away = v.visitor()
  const answer = await away.get('/api/v1/providers/oidc/start?next=/me')
  assert.deepEqual([answer.status, answer.location, answer.cookies], [302, 'http://localhost:8080/sign-in?provider=unreachable&next=%2Fme', []])
  const asked = v.provider.asked.length
  for (let n = 0; n < 5; n++) await away.start()
  assert.equal(v.provider.asked.length, asked, 'it is left alone for five seconds')
  v.provider.isThere = true
  house.wait(5_000)
  const maya = v.visitor()
  const start = await maya.start()
  assert.ok(start.startsWith(v.provider.issuer))
  // Away while somebody is there: they come back to a sentence, too.
  const back = await maya.walker.walk(start, 'm1')
  v.provider.isThere = false
  assert.equal((await maya.get(back)).location, 'http://localhost:8080/sign-in?provider=unreachable')
  // An hour later it is asked anew who it is; as long as it does not answer, what it said counts.
  house.wait(3_600_000)
  assert.ok((await v.visitor().start()).startsWith(v.provider.issuer))
})

test('who sets out again and again has to wait; who comes in is not counted', async (t) => {
  await open(t)
  const address = '192.0.2.7'
  const maya = v.visitor()
  for (let n = 0; n < 60; n++) {
    const start = await maya.start('', { address })
    if (n % 2 === 0) continue
    const answer = await maya.get(await maya.walker.walk(start, 'm1'), { address })
    assert.equal(answer.location, 'http://localhost:8080/')
  }
  for (let n = 0; n < 20; n++) await v.visitor().start('', { address })
  assert.equal(await v.visitor().start('?next=/me', { address }), 'http://localhost:8080/sign-in?provider=busy&next=%2Fme')
  assert.ok((await v.visitor().start()).startsWith(v.provider.issuer), 'others go on')
})

test('without a provider there is nothing to set out for', async (t) => {
  await open(t, { env: { ONCEKEY_OIDC_ISSUER: '', ONCEKEY_OIDC_CLIENT_ID: '', ONCEKEY_OIDC_CLIENT_SECRET: '', ONCEKEY_OIDC_NAME: '' } })
  const { house, people } = v.world
  assert.equal((await house.app.inject('/api/v1/setup')).json().provider, null)
  for (const path of ['start', 'callback?state=x&code=x']) assert.equal((await house.app.inject(`/api/v1/providers/oidc/${path}`)).statusCode, 404)
  assert.equal((await v.world.call(people.maya, 'POST', 'me/providers', {})).refusal, 'notFound')
  assert.deepEqual((await v.world.call(people.maya, 'GET', 'me/providers')).body, { providers: [], mayLink: false })
})
