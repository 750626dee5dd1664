import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import { backupDone } from '../backup/run.ts'
import { createApp } from '../app.ts'
import { openCallers, refusalFor, send, type Caller } from './callers.ts'
import { gaps, noteRoutes, operationsOf, type ApiDocument, type RegisteredRoute } from './coverage.ts'
import { testHouse } from './house.ts'
import { ownershipTries } from './ownership.ts'
import { beside, everyPermission, permissions } from './permissions.ts'
import { rolesPage } from './roles-page.ts'
import { openWorld, type TestPerson, type World } from './world.ts'

let world: World
let routes: RegisteredRoute[]
let document: ApiDocument
let callers: Caller[]

before(async () => {
  ({ built: world, routes } = await noteRoutes(openWorld))
  document = (await world.house.app.inject('/api/openapi.json')).json()
  callers = await openCallers(world)
})
after(async () => { await world.close() })

/** Some calls end sessions. */
const signInAll = (): Promise<unknown> => Promise.all(Object.values(world.people).map((who) => world.signIn(who)))
const cookieOf = (who: TestPerson): Record<string, string> => ({ cookie: `oncekey=${who.cookie}` })

test('the table has every operation of OpenAPI, and every route under /api is in OpenAPI', () => {
  assert.deepEqual(gaps({ document, routes, table: everyPermission }), [])
  const operations = operationsOf(document)
  assert.equal(operations.length, everyPermission.length)
  assert.ok(operations.length > 50 && routes.length > operations.length, `${operations.length} operations, ${routes.length} routes`)
  for (const one of beside) assert.ok(routes.some(({ call }) => call === one), one)
})

test('every answer of every route can be written: the server compiles them only when they are asked for', () => {
  const compile = SerializerSelector()({}, {})
  const failed: string[] = []
  for (const { call, answers = [] } of routes) {
    for (const schema of answers) {
      try {
        compile({ method: 'GET', url: '/', httpStatus: '200', schema })
      } catch (error) {
        failed.push(`${call}: ${String(error)}`)
      }
    }
  }
  assert.deepEqual(failed, [])
  assert.ok(routes.filter(({ answers = [] }) => answers.length > 0).length > 50)
  assert.throws(() => compile({ method: 'GET', url: '/', httpStatus: '200', schema: { type: 'nothing' } }))
})

test('planted: a route that is not in the table, a hidden one, one for others than the table says, a line without a route', async () => {
  const other = await testHouse()
  const { built: app, routes: planted } = await noteRoutes(() => createApp(other))
  try {
    const noted = planted.length
    app.get('/api/v1/planted', { config: { audience: 'everybody' } }, async () => 'x')
    app.post('/api/v1/planted/:id', { config: { audience: 'owner' }, schema: { hide: true } }, async () => 'x')
    app.get('/planted', { config: { audience: 'owner' }, schema: { hide: true } }, async () => 'x')
    await app.ready()
    assert.ok(planted.length > noted)
    const more: ApiDocument = (await app.inject('/api/openapi.json')).json()
    const table = [...everyPermission.map((one) => one.call === 'GET /api/v1/people' ? { ...one, from: 'admin' as const } : one), { call: 'GET /api/v1/gone', from: 'member' } as const]
    assert.deepEqual(gaps({ document: more, routes: planted, table }), [
      'GET /api/v1/planted is in OpenAPI, but not in the table of permissions.',
      'GET /api/v1/people is for operator, but the table of permissions says admin.',
      'GET /api/v1/gone is in the table of permissions, but not in OpenAPI.',
      'POST /api/v1/planted/{id} is under /api, but not in OpenAPI.',
      'GET /planted is not for everybody, but not in OpenAPI either.'
    ])
    assert.deepEqual(gaps({ document, routes, table: [...everyPermission, ...everyPermission.slice(0, 1)] }), ['The table has an operation twice.'])
    assert.deepEqual(gaps({ document, routes: [...routes, { call: 'HEAD /api/v1/people', audience: undefined }], table: everyPermission }), ['HEAD /api/v1/people is not for whom GET is.'])
  } finally {
    await app.close()
    await other.close()
  }
})

test('every caller is let in where the table says so and refused everywhere else, with the right word', async () => {
  assert.deepEqual(new Set(callers.map((one) => one.role)), new Set([null, 'member', 'operator', 'admin', 'owner']))
  for (const permission of everyPermission) {
    await signInAll()
    const refused = callers.filter((one) => refusalFor(one, permission.from) !== null)
    const before = (await world.record()).length
    for (const caller of refused) {
      const { refusal, said } = await send(world, permission, caller.headers())
      assert.equal(refusal, refusalFor(caller, permission.from), `${caller.name}: ${permission.call} -> ${said}`)
    }
    assert.equal((await world.record()).length, before, `${permission.call} did something for whom it refused`)
    for (const caller of callers.filter((one) => !refused.includes(one))) {
      const { refusal, status, said } = await send(world, permission, caller.headers())
      const isLetIn = status < 500 && !['signInNeeded', 'notAllowed', 'apiKeyNeeded', 'originRefused', 'badRequest'].includes(refusal ?? '')
      assert.ok(isLetIn, `${caller.name}: ${permission.call} -> ${said}`)
    }
    // One that was begun here goes on by itself, and has its row in the record at its end.
    await backupDone(world.house)
  }
})

test('no page of another site changes anything, whoever calls', async () => {
  await signInAll()
  const before = (await world.record()).length
  for (const permission of everyPermission.filter(({ call }) => !call.startsWith('GET '))) {
    for (const caller of callers) {
      for (const origin of ['https://evil.example', 'null', 'http://localhost:80.evil.example', 'file://']) {
        const answer = await send(world, permission, caller.headers(), { headers: { origin } })
        assert.deepEqual([answer.status, answer.refusal], [403, 'originRefused'], `${caller.name}: ${permission.call} from ${origin}`)
      }
    }
  }
  assert.equal((await world.record()).length, before)
})

test('what is somebody\'s own is theirs: every line of the table that says so', async () => {
  const fresh = await openWorld()
  try {
    const tries = await ownershipTries(fresh)
    assert.deepEqual(Object.keys(tries).sort(), everyPermission.filter((one) => one.own !== undefined).map((one) => one.call).sort())
    for (const [call, all] of Object.entries(tries)) {
      const permission = everyPermission.find((one) => one.call === call)
      assert.ok(permission)
      for (const { who, ...one } of all) {
        await fresh.signIn(who)
        const answer = await send(fresh, permission, cookieOf(who), one)
        const what = `${who.name}: ${call} ${JSON.stringify(one)} -> ${answer.said}`
        if ('refused' in one) assert.equal(answer.refusal, one.refused, what)
        else if ('status' in one) assert.equal(answer.status, one.status, what)
        else assert.deepEqual([answer.status, answer.said.includes('shows' in one ? one.shows : one.hides)], [200, 'shows' in one], what)
      }
    }
  } finally {
    await fresh.close()
  }
})

test('a session that was proven too long ago is asked who it is where the table says so, and nowhere else', async () => {
  const stale = await openWorld()
  try {
    const { olga } = stale.people
    for (const permission of everyPermission.filter(({ from, stays }) => !from.startsWith('key:') && stays !== true)) {
      await stale.signIn(olga)
      // An hour without a request would end it.
      stale.house.wait(900_000)
      const { asksProof } = permission
      const { refusal, said } = await send(stale, permission, cookieOf(olga), typeof asksProof === 'object' ? { body: asksProof.body } : {})
      assert.equal(refusal === 'proofNeeded', asksProof !== undefined, `${permission.call} -> ${said}`)
      if (typeof asksProof === 'object') assert.notEqual((await send(stale, permission, cookieOf(olga))).refusal, 'proofNeeded', `${permission.call} with the usual body`)
    }
  } finally {
    await stale.close()
  }
})

test('docs/roles.md says what the tables say', () => {
  const page = readFileSync(new URL('../../../../docs/roles.md', import.meta.url), 'utf8')
  assert.equal(page, rolesPage(permissions, document), 'write it anew: node apps/server/scripts/write-roles-page.ts')
})
