import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Answered, Method } from './answers.ts'
import { openWorld, type TestPerson, type World } from './world.ts'

/** Every route of people, places, grants, messages, support and the record, and from which role on it is allowed. */
type Route = { method: Method, url: string, from: 'everybody' | 'member' | 'operator' | 'admin', body?: Record<string, unknown> }

let world: World
let routes: Route[]
const noId = '01890000-0000-7000-8000-000000000000'

before(async () => {
  world = await openWorld()
  routes = [
    { method: 'GET', url: 'setup', from: 'everybody' },
    { method: 'POST', url: 'setup', from: 'everybody', body: { token: 'x', name: 'N', email: 'n@example.org', password: 'quiet river stones', siteName: 'S', timeZone: 'UTC', demonstration: false } },
    { method: 'POST', url: 'sessions', from: 'everybody', body: { login: 'nobody@example.org', password: 'wrong' } },
    { method: 'POST', url: 'invitations/accept', from: 'everybody', body: { token: 'x'.repeat(43), password: 'quiet river stones' } },
    { method: 'POST', url: 'contact', from: 'everybody', body: { name: 'N', email: 'n@example.org', message: 'Help' } },
    { method: 'GET', url: 'me', from: 'member' },
    { method: 'GET', url: 'me/inbox', from: 'member' },
    { method: 'POST', url: `me/inbox/${noId}/reveal`, from: 'member' },
    { method: 'GET', url: 'people', from: 'operator' },
    { method: 'POST', url: 'people', from: 'operator', body: { name: 'N', email: 'maya@gym.example', role: 'member' } },
    { method: 'PATCH', url: `people/${noId}`, from: 'operator', body: { name: 'N' } },
    { method: 'DELETE', url: `people/${noId}`, from: 'operator' },
    { method: 'GET', url: 'places', from: 'operator' },
    { method: 'POST', url: 'banks', from: 'operator', body: { name: 'Bank A', range: 'A01' } },
    { method: 'POST', url: `banks/${noId}/compartments`, from: 'operator', body: { range: 'A01' } },
    { method: 'POST', url: 'doors', from: 'operator', body: { name: 'Front door' } },
    { method: 'PATCH', url: `access-points/${noId}`, from: 'operator', body: { name: 'N' } },
    { method: 'DELETE', url: `access-points/${noId}`, from: 'operator' },
    { method: 'GET', url: 'grants', from: 'operator' },
    { method: 'POST', url: 'grants', from: 'operator', body: { personId: noId, accessPointIds: [noId] } },
    { method: 'DELETE', url: `grants/${noId}`, from: 'operator' },
    { method: 'GET', url: 'audit', from: 'operator' },
    { method: 'GET', url: 'audit/chain', from: 'operator' },
    { method: 'GET', url: 'audit/export?from=999999999', from: 'operator' },
    { method: 'GET', url: 'audit/witness', from: 'operator' },
    { method: 'PATCH', url: 'audit/witness', from: 'admin', body: { mail: 'witness@example.org' } }
  ]
})

after(async () => { await world.close() })

const call = (who: TestPerson | null, { method, url }: Route, body?: object, headers: Record<string, string> = {}): Promise<Answered> => world.call(who, method, url, body, headers)

test('each role may call what its table says, and nobody more', async () => {
  const ranks = ['everybody', 'member', 'operator', 'admin', 'owner']
  const callers = [[null, 'everybody'], [world.people.maya, 'member'], [world.people.otto, 'operator'], [world.people.adam, 'admin'], [world.people.olga, 'owner']] as const
  for (const route of routes) {
    for (const [who, role] of callers) {
      const { status, refusal, said } = await call(who, route, route.body)
      const isAllowed = ranks.indexOf(role) >= ranks.indexOf(route.from)
      const what = `${role}: ${route.method} ${route.url} -> ${said}`
      if (isAllowed) assert.ok(refusal !== 'signInNeeded' && refusal !== 'notAllowed' && status < 500, what)
      else assert.equal(refusal, who === null ? 'signInNeeded' : 'notAllowed', what)
    }
  }
})

test('no page of another site changes anything, whoever is signed in', async () => {
  for (const route of routes.filter((one) => one.method !== 'GET')) {
    for (const origin of ['https://evil.example', 'null', 'http://localhost:80.evil.example', 'file://']) {
      assert.equal((await call(world.people.olga, route, route.body, { origin })).refusal, 'originRefused', `${route.method} ${route.url} from ${origin}`)
    }
  }
  const record = await world.record()
  assert.ok(!record.some((row) => row.event === 'session.ended'))
})

test('ids that are none, are unknown, or are tricks: a clear no', async () => {
  for (const route of routes.filter((one) => one.url.includes(noId))) {
    assert.equal((await call(world.people.olga, route, route.body)).refusal, 'notFound', `${route.method} ${route.url}`)
    for (const id of ['x', '0', '..%2f..%2fetc', encodeURIComponent("' OR 1=1 --"), 'x'.repeat(200)]) {
      const { status, refusal } = await world.call(world.people.olga, route.method, route.url.replace(noId, id), route.body)
      assert.ok((refusal === 'badRequest' || refusal === 'notFound') && status < 500, `${route.url} ${id}: ${status}`)
    }
  }
})

test('every field of every form: missing, empty, of another kind, huge or odd — never a defect, and the field is named', async () => {
  const odd: unknown[] = [null, '', ' ', 0, -1, 1e300, true, [], {}, [[]], { $ne: 1 }, '\u0000', '\ud800', 'x'.repeat(10_000), '💥'.repeat(200), '__proto__', ['x', 'y']]
  let tried = 0
  for (const route of routes) {
    if (route.body === undefined) continue
    for (const [field, good] of Object.entries(route.body)) {
      const { [field]: _gone, ...rest } = route.body
      for (const body of [rest, ...odd.map((value) => ({ ...route.body, [field]: value }))]) {
        const answer = await call(world.people.olga, route, body)
        tried++
        const what = `${route.method} ${route.url} ${field}=${JSON.stringify(Reflect.get(body, field))?.slice(0, 40)} (good: ${JSON.stringify(good)}) -> ${answer.said.slice(0, 200)}`
        assert.ok(answer.status < 500, what)
        if (answer.refusal === 'badRequest' && route.method !== 'PATCH') {
          assert.ok(answer.problem.errors?.some((one) => one.field.split('.')[0] === field), what)
        }
      }
    }
  }
  assert.ok(tried > 300, `${tried} tries`)
})

test('bodies that are none: not JSON, another type, too large, too deep', async () => {
  const post = (payload: string, type = 'application/json') => world.house.app.inject({ method: 'POST', url: '/api/v1/contact', payload, headers: { 'content-type': type } })
  for (const [payload, type] of [['{', undefined], ['', undefined], ['[]', undefined], ['null', undefined], ['{"name":', undefined], ['name=x', 'application/x-www-form-urlencoded'], ['<a/>', 'text/xml'], ['{"__proto__":{"x":1},"name":"x"}', undefined], ['['.repeat(30_000), undefined]] as const) {
    const answer = await post(payload, type)
    assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${payload.slice(0, 20)} -> ${answer.statusCode}`)
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  }
  assert.equal((await post(JSON.stringify({ message: 'x'.repeat(70_000) }))).json().code, 'tooLarge')
  assert.equal(world.house.logged.filter((line) => line.includes('"error"')).length, 0, world.house.logged.join('\n'))
})
