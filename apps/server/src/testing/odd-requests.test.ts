import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openCallers, refusalFor, send, type Caller } from './callers.ts'
import { everyPermission, type Permission } from './permissions.ts'
import { openWorld, type World } from './world.ts'

let world: World
let callers: Caller[]

before(async () => {
  world = await openWorld()
  callers = await openCallers(world)
})
after(async () => { await world.close() })

/** Whoever may do the most there: an owner, or a program with the right key. */
function headersFor ({ from }: Permission): Record<string, string> {
  return callers.find((one) => from.startsWith('key:') ? refusalFor(one, from) === null : one.role === 'owner')?.headers() ?? {}
}

test('ids that are unknown, are none, or are tricks: a clear no, from every operation that takes one', async () => {
  const withId = everyPermission.filter(({ call }) => call.includes('{id}'))
  assert.ok(withId.length >= 15)
  for (const permission of withId) {
    const unknown = await send(world, permission, headersFor(permission))
    if (permission.hidesIds === true) assert.deepEqual([unknown.status, unknown.body], [200, { status: 'refused' }], permission.call)
    else assert.equal(unknown.refusal, 'notFound', `${permission.call} -> ${unknown.said}`)
    for (const id of ['x', '0', '..%2f..%2fetc', encodeURIComponent("' OR 1=1 --"), 'x'.repeat(200)]) {
      const odd = await send(world, permission, headersFor(permission), { id })
      assert.ok((odd.refusal === 'badRequest' || odd.refusal === 'notFound') && odd.status < 500, `${permission.call} ${id}: ${odd.said}`)
    }
  }
})

test('every field of every form: missing, empty, of another kind, huge or odd — never a defect, and the field is named', async () => {
  const odd: unknown[] = [null, '', ' ', 0, -1, 1e300, true, [], {}, [[]], { $ne: 1 }, '\u0000', '\ud800', 'x'.repeat(10_000), '💥'.repeat(200), '__proto__', ['x', 'y']]
  let tried = 0
  for (const permission of everyPermission) {
    const form = permission.body
    if (form === undefined) continue
    for (const field of Object.keys(form)) {
      const { [field]: _gone, ...rest } = form
      for (const body of [rest, ...odd.map((value) => ({ ...form, [field]: value }))]) {
        const answer = await send(world, permission, headersFor(permission), { body })
        tried++
        const what = `${permission.call} ${field}=${JSON.stringify(Reflect.get(body, field))?.slice(0, 40)} -> ${answer.said.slice(0, 200)}`
        assert.ok(answer.status < 500, what)
        if (answer.refusal === 'badRequest' && !permission.call.startsWith('PATCH')) {
          assert.ok(answer.problem.errors?.some((one) => one.field.split('.')[0] === field), what)
        }
      }
    }
  }
  assert.ok(tried > 500, `${tried} tries`)
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

test('every form: a body that is no object, or more than there may be', async () => {
  for (const permission of everyPermission.filter((one) => one.body !== undefined)) {
    for (const body of ['null', '[]', '"x"', '7', '']) {
      const answer = await send(world, permission, { ...headersFor(permission), 'content-type': 'application/json' }, { body })
      assert.deepEqual([answer.status, answer.refusal], [400, 'badRequest'], `${permission.call} ${body} -> ${answer.said}`)
    }
    const large = await send(world, permission, headersFor(permission), { body: { ...permission.body, more: 'x'.repeat(70_000) } })
    assert.deepEqual([large.status, large.refusal], [413, 'tooLarge'], permission.call)
  }
})

test('codes: odd orders, keys and questions', async () => {
  const { points, people: { maya, adam } } = world
  for (const odd of [{ accessPointId: { a: 1 } }, { accessPointId: points.a01, personId: '<b>' }, { accessPointId: points.a01, deliver: 'maybe' }]) {
    const answer = await world.call(maya, 'POST', 'codes', odd)
    assert.deepEqual([answer.status, answer.refusal], [400, 'badRequest'], JSON.stringify(odd))
  }
  assert.equal((await world.call(maya, 'POST', 'codes', { accessPointId: 'x'.repeat(60_000) })).status, 400)
  assert.equal((await world.call(maya, 'POST', 'codes', { accessPointId: points.a01 }, { 'idempotency-key': 'x'.repeat(129) })).status, 400)
  assert.equal((await world.call(maya, 'GET', 'codes?personId=nobody')).status, 400)
  assert.equal((await world.call(adam, 'DELETE', 'controllers/..%2f..')).status, 400)
})
