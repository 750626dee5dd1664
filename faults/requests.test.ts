import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openWorld, quiet, type World } from '@oncekey/server/testing'
import { readRoutes, type Answer, type RequestCase, type Routes } from './support/requests.ts'
import { dice, isFull, seedFor, type Dice } from './support/seed.ts'
import type { Known } from './support/shapes.ts'

const REQUESTS = isFull ? 1_000_000 : 4_000
/** A world grows by what is made in it; after so many requests a fresh one is taken. */
const PER_WORLD = isFull ? 10_000 : 1_000
const AT_ONCE = 8
const kept: RequestCase[] = JSON.parse(readFileSync(join(import.meta.dirname, 'kept/requests.json'), 'utf8'))

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

test('requests that once failed are served', async () => {
  const { world, routes } = await freshWorld()
  try {
    for (const asked of kept) assert.equal(routes.faultOf(asked, await ask(world, asked)), null, JSON.stringify(asked).slice(0, 500))
    assert.deepEqual(errorsOf(world), [])
  } finally {
    await world.close()
  }
})

test(`${REQUESTS} requests made from the OpenAPI document, as each role: no crash, no 5xx, every answer as documented, memory flat`, { timeout: isFull ? 7_200_000 : 600_000 }, async () => {
  const random = dice(seedFor('fuzzed requests'))
  const begun = performance.now()
  const statuses = new Map<number, number>()
  const reached = new Set<string>()
  const heaps: number[] = []
  let sent = 0
  let documented = 0
  while (sent < REQUESTS) {
    const { world, routes } = await freshWorld()
    documented = routes.operations.length
    const known: Known = { ids: [...Object.values(world.points), ...Object.values(world.controllers), ...Object.values(world.people).map((one) => one.id)] }
    try {
      for (let left = Math.min(PER_WORLD, REQUESTS - sent); left > 0; left -= AT_ONCE) {
        const cases = Array.from({ length: Math.min(AT_ONCE, left) }, () => routes.make(random, known))
        const answers = await Promise.all(cases.map((asked) => ask(world, asked)))
        for (const [i, asked] of cases.entries()) {
          const answer = answers[i]
          if (answer === undefined) continue
          const fault = routes.faultOf(asked, answer)
          if (fault !== null) assert.fail(`${fault}\nsmallest request: ${JSON.stringify(await shrink(asked))}`)
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
          if (answer.status < 300) reached.add(`${asked.method} ${asked.url.split('?')[0]?.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}')}`)
          learn(known, answer, random)
        }
        sent += cases.length
        world.house.wait(random.whole(3_000))
        for (const role of new Set(cases.filter((_, i) => answers[i]?.status === 401).map((asked) => asked.role))) if (role !== 'nobody' && role !== 'program') await comeBack(world, role)
      }
      assert.deepEqual(errorsOf(world), [], 'nothing broke inside')
    } finally {
      await world.close()
    }
    await quiet()
    collect()
    heaps.push(process.memoryUsage().heapUsed)
    if (sent % 100_000 === 0) console.log(`  ${sent} so far, ${((performance.now() - begun) / 1000).toFixed(0)} s, heap ${(heaps.at(-1) ?? 0) / 1e6 | 0} MB, resident ${process.memoryUsage().rss / 1e6 | 0} MB`)
  }
  // The first worlds warm caches up; from then on nothing may pile up.
  const warm = heaps.slice(Math.min(2, heaps.length - 2))
  const growth = ((warm.at(-1) ?? 0) - (warm[0] ?? 0)) / 1e6
  const perRequest = growth * 1e6 / Math.max(1, (warm.length - 1) * PER_WORLD)
  assert.ok(growth < 8 || perRequest < 20, `the heap grew by ${growth.toFixed(1)} MB, ${perRequest.toFixed(0)} bytes a request: ${heaps.map((one) => (one / 1e6).toFixed(1)).join(' ')}`)
  assert.ok(reached.size >= 25, `served: ${[...reached].join(', ')}`)
  const seconds = (performance.now() - begun) / 1000
  console.log(`  ${sent} fuzzed requests over ${documented} operations in ${seconds.toFixed(0)} s: ${[...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`).join(', ')}; heap ${(warm[0] ?? 0) / 1e6 | 0} -> ${(warm.at(-1) ?? 0) / 1e6 | 0} MB; no 5xx but 503`)
})

test('what broke inside is found in the log, what was only too much is not', async () => {
  const { world, routes } = await freshWorld()
  try {
    const busy: RequestCase = { role: 'olga', method: 'GET', url: '/api/v1/audit/export', headers: {}, payload: null }
    const answers = await Promise.all([busy, busy, busy].map((asked) => ask(world, asked)))
    assert.deepEqual(answers.map((one) => one.status).sort(), [200, 200, 503])
    for (const answer of answers) assert.equal(routes.faultOf(busy, answer), null)
    assert.deepEqual(errorsOf(world), [])
    // A key that can not be opened any more is a defect.
    await world.house.db.write(async (trx) => { await trx.sql.updateTable('controllers').set({ root_key_sealed: 'x' }).execute() })
    const broken: RequestCase = { ...busy, url: `/api/v1/controllers/${world.controllers.bank}/simulation` }
    assert.match(String(routes.faultOf(broken, await ask(world, broken))), /status 500/)
    assert.equal(errorsOf(world).length, 1)
  } finally {
    await world.close()
  }
})

test('the judge of answers knows a wrong one', async () => {
  const { world, routes } = await freshWorld()
  try {
    const asked: RequestCase = { role: 'olga', method: 'GET', url: '/api/v1/people', headers: {}, payload: null }
    const good = await ask(world, asked)
    assert.equal(routes.faultOf(asked, good), null)
    assert.match(String(routes.faultOf(asked, { ...good, body: good.body.replace('"grants":', '"grunts":') })), /schema/)
    assert.match(String(routes.faultOf(asked, { ...good, status: 500 })), /status 500/)
    assert.match(String(routes.faultOf(asked, { ...good, status: 201 })), /not in the document/)
    assert.match(String(routes.faultOf(asked, { status: 404, headers: { 'content-type': 'application/json' }, body: '{}' })), /no problem document/)
  } finally {
    await world.close()
  }
})

const keys = new WeakMap<World, string>()

async function freshWorld (): Promise<{ world: World, routes: Routes }> {
  const world = await openWorld()
  keys.set(world, (await world.call(world.people.olga, 'POST', 'api-keys', { name: 'Fuzz' })).body.secret)
  return { world, routes: readRoutes((await world.house.app.inject('/api/openapi.json')).json()) }
}

async function ask (world: World, { role, method, url, headers, payload }: RequestCase): Promise<Answer> {
  const cookie = role === 'nobody' ? {} : role === 'program' ? { authorization: `Bearer ${keys.get(world)}` } : { cookie: `oncekey=${world.people[role].cookie}` }
  // Methods that nobody declares are sent, too.
  const answer = await world.house.app.inject({ method: method as 'GET', url, headers: { ...cookie, ...headers }, ...payload === null ? {} : { payload } })
  return { status: answer.statusCode, headers: answer.headers, body: answer.body }
}

/** Whoever was signed out, suspended, demoted or removed by these requests is let in again. */
async function comeBack (world: World, who: Exclude<RequestCase['role'], 'nobody' | 'program'>): Promise<void> {
  const person = world.people[who]
  const role = ({ maya: 'member', otto: 'operator', adam: 'admin', olga: 'owner' } as const)[who]
  await world.house.db.write(async (trx) => {
    await trx.sql.updateTable('people').set({ removed_at: null, suspended_at: null, role, email: `${who}@gym.example` }).where('id', '=', person.id).execute()
  })
  await world.signIn(person)
}

function errorsOf (world: World): string[] {
  return world.house.logged.filter((line) => line.includes('"level":"error"')).map((line) => line.slice(0, 1500))
}

/** New ids are asked for again, the oldest are forgotten. */
function learn (known: Known, { status, body }: Answer, random: Dice): void {
  if (status >= 300) return
  for (const [id] of body.matchAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|(?<="id":")[\w-]{22,40}(?=")/g)) {
    if (known.ids.includes(id)) continue
    if (known.ids.length < 60) known.ids.push(id)
    else if (random.chance(0.3)) known.ids[10 + random.whole(50)] = id
  }
}

/** The same fault from less: in a fresh world each time; the request itself when it needs what went before it. */
async function shrink (asked: RequestCase): Promise<RequestCase> {
  const fails = async (one: RequestCase): Promise<boolean> => {
    const { world, routes } = await freshWorld()
    try {
      return routes.faultOf(one, await ask(world, one)) !== null
    } finally {
      await world.close()
    }
  }
  if (!await fails(asked)) return asked
  let best = asked
  const smaller = (one: RequestCase): RequestCase[] => [
    ...Object.keys(one.headers).map((name) => ({ ...one, headers: Object.fromEntries(Object.entries(one.headers).filter(([other]) => other !== name)) })),
    ...one.url.includes('?') ? [{ ...one, url: one.url.split('?')[0] ?? '' }] : [],
    ...one.payload !== null && one.payload.length > 8 ? [{ ...one, payload: one.payload.slice(0, one.payload.length / 2) }, { ...one, payload: null }] : [],
    ...one.role === 'nobody' ? [] : [{ ...one, role: 'nobody' as const }]
  ]
  for (let tries = 0; tries < 40; tries++) {
    let found: RequestCase | undefined
    for (const one of smaller(best)) {
      if (await fails(one)) { found = one; break }
    }
    if (found === undefined) return best
    best = found
  }
  return best
}
