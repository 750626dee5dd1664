import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { KeyScope, RecordPage } from '@oncekey/protocol/schemas'
import { makeApiKey } from '../api-keys/make.ts'
import { openWorld, quiet, type World } from '../testing/world.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const keyFor = async (...scopes: KeyScope[]): Promise<string> => (await world.call(world.people.adam, 'POST', 'api-keys', { name: 'Booking', scopes })).body.secret
const call = async (secret: string, method: 'GET' | 'POST', url: string, payload?: object) => world.house.app.inject({ method, url: `/api/v1/programs/${url}`, headers: { authorization: `Bearer ${secret}` }, ...payload !== undefined && { payload } })

test('a booking program unlocks in the name of who made its key, and no longer when they may not', async () => {
  const door = await world.door()
  const secret = await keyFor('access:unlock')
  const asked = call(secret, 'POST', 'unlocks', { accessPointId: world.points.a01, reason: 'Guest of 14:00' })
  await quiet()
  await world.wait(1_000, door)
  const { statusCode, payload } = await asked
  assert.deepEqual([statusCode, JSON.parse(payload).status, JSON.parse(payload).measured], [200, 'succeeded', 'unlocked'])
  const [given] = await world.record('lock.commanded')
  assert.deepEqual([given?.actor, given?.details['inTheNameOf'], given?.details['why']], [{ id: null, name: 'Booking' }, 'Adam', 'Guest of 14:00'])
  for (const url of ['codes', 'record']) assert.equal((await call(secret, url === 'codes' ? 'POST' : 'GET', url, url === 'codes' ? { accessPointId: world.points.a01, personId: world.people.maya.id } : undefined)).statusCode, 403)

  await world.house.db.write(async (trx) => { await trx.prepare("UPDATE people SET role = 'member' WHERE id = ?").run(world.people.adam.id) })
  assert.equal((await call(secret, 'POST', 'unlocks', { accessPointId: world.points.a01, reason: 'Again' })).statusCode, 403)
  assert.equal((await world.record('lock.commanded')).length, 1)
})

test('a key that leaked opens ten doors at most before it has to wait; a hundred at once are ten', async () => {
  await world.door()
  const secret = await keyFor('access:unlock')
  const answers = await Promise.all(Array.from({ length: 100 }, () => call(secret, 'POST', 'unlocks', { accessPointId: world.house.newId(), reason: 'All of them' })))
  assert.deepEqual([answers.filter(({ statusCode }) => statusCode === 404).length, answers.filter(({ statusCode }) => statusCode === 429).length], [10, 90])
})

test('a code for Maya goes to Maya: the program sees no digit of it', async () => {
  const secret = await keyFor('access:codes')
  const made = await call(secret, 'POST', 'codes', { accessPointId: world.points.a03, personId: world.people.maya.id })
  assert.equal(made.statusCode, 201, made.payload)
  assert.deepEqual(Object.keys(made.json()), ['codeId'])
  const [issued] = await world.record('code.issued')
  assert.deepEqual([issued?.actor?.name, issued?.subject?.name, issued?.accessPoint?.name, issued?.details['inTheNameOf']], ['Booking', 'Maya', 'A03', 'Adam'])
  assert.equal((await world.call(world.people.maya, 'GET', 'me/inbox')).body.messages.length, 1)
})

test('a program follows the record from where it was, page by page, without a gap', async () => {
  const secret = await keyFor('record:read')
  await world.code()
  const seen: number[] = []
  for (let after = 0, hasMore = true; hasMore;) {
    const page: RecordPage = (await call(secret, 'GET', `record?after=${after}&limit=2`)).json()
    seen.push(...page.rows.map(({ seq }) => seq))
    ;({ last: after, hasMore } = page)
  }
  assert.deepEqual(seen, (await world.record()).map(({ seq }) => seq))
  assert.equal((await call(secret, 'POST', 'unlocks', { accessPointId: world.points.a01, reason: 'Not for this' })).statusCode, 403)
})

test('a key that nobody answers for moves nothing: the command line makes none of that kind', async () => {
  await assert.rejects(world.house.db.write((trx) => makeApiKey(trx, world.house, { siteId: world.siteId, name: 'CLI', scopes: ['access:unlock'], madeBy: { id: null, name: 'oncekey apikey' } })), { code: 'badRequest' })
})
