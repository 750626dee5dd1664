import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openWorld, type World } from '../testing/world.ts'
import { receiversOf } from './recipients.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

test('people and addresses are put on the list of a door and taken off it, each on record without the address', async () => {
  const { otto, maya } = world.people
  const at = `access-points/${world.points.front}/recipients` as const
  const person = (await world.call(otto, 'POST', at, { personId: maya.id })).body
  const address = (await world.call(otto, 'POST', at, { address: 'Guest@Example.org' })).body
  assert.deepEqual([person.name, person.address, address.name, address.personId], ['Maya', 'maya@gym.example', 'Guest@Example.org', null])
  assert.deepEqual((await world.call(otto, 'GET', at)).body.recipients.map(({ id }) => id), [person.id, address.id])
  for (const form of [{ personId: maya.id }, { address: 'guest@example.org' }]) assert.equal((await world.call(otto, 'POST', at, form)).refusal, 'alreadyExists')
  for (const form of [{}, { personId: maya.id, address: 'x@example.org' }, { address: 'nobody' }]) assert.equal((await world.call(otto, 'POST', at, form)).refusal, 'badRequest', JSON.stringify(form))
  assert.equal((await world.call(otto, 'POST', at, { personId: world.siteId })).refusal, 'notFound')
  assert.equal((await world.call(maya, 'GET', at)).refusal, 'notAllowed')
  assert.equal((await world.call(otto, 'GET', `access-points/${world.siteId}/recipients`)).refusal, 'notFound')

  assert.equal((await world.call(maya, 'DELETE', `door-recipients/${address.id}`)).refusal, 'notAllowed')
  assert.equal((await world.call(otto, 'DELETE', `door-recipients/${address.id}`)).status, 204)
  assert.equal((await world.call(otto, 'DELETE', `door-recipients/${address.id}`)).refusal, 'notFound')
  const rows = [...await world.record('door.recipientAdded'), ...await world.record('door.recipientRemoved')]
  assert.deepEqual([rows.length, rows.every(({ accessPoint }) => accessPoint?.name === 'Front door')], [3, true])
  assert.ok(!JSON.stringify(rows).toLowerCase().includes('guest@example'))
})

test('codes go to the present address of people, and to nobody who is suspended or removed', async () => {
  const { otto, adam, maya } = world.people
  const at = `access-points/${world.points.front}/recipients` as const
  await world.call(otto, 'POST', at, { personId: maya.id })
  await world.house.db.write(async (trx) => { await trx.sql.updateTable('people').set({ email: 'new@gym.example' }).where('id', '=', maya.id).execute() })
  const addresses = async (): Promise<string[]> => (await receiversOf(world.house.db.read, world.points.front)).map(({ address }) => address)
  assert.deepEqual(await addresses(), ['new@gym.example'])
  await world.house.db.write(async (trx) => { await trx.sql.updateTable('people').set({ suspended_at: 1 }).where('id', '=', maya.id).execute() })
  assert.deepEqual(await addresses(), [])
  assert.deepEqual((await world.call(otto, 'GET', at)).body.recipients.map(({ name, address }) => [name, address]), [['Maya', null]])
  await world.call(adam, 'DELETE', `people/${maya.id}`)
  assert.deepEqual((await world.call(otto, 'GET', at)).body.recipients, [])
})

test('a door has twenty recipients at most', async () => {
  const at = `access-points/${world.points.front}/recipients` as const
  for (let i = 0; i < 20; i++) assert.equal((await world.call(world.people.otto, 'POST', at, { address: `a${i}@example.org` })).status, 201)
  assert.equal((await world.call(world.people.otto, 'POST', at, { address: 'a20@example.org' })).refusal, 'badRequest')
})
