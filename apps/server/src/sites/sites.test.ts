import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { AccessPoint } from '@oncekey/protocol/schemas'
import { openWorld, type World } from '../testing/world.ts'

let world: World

beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const places = async () => (await world.call(world.people.otto, 'GET', 'places')).body
const bankA = async () => {
  const [bank] = (await places()).banks
  assert.ok(bank)
  return bank
}
const names = (points: AccessPoint[]): string[] => points.map((point) => point.name)
const version = async (id: string): Promise<number> => (await world.house.db.read.selectFrom('controllers').select('settings_version').where('id', '=', id).executeTakeFirstOrThrow()).settings_version

test('Otto sees the tree: banks, doors, controllers, and who may open what', async () => {
  const tree = await places()
  assert.deepEqual(tree.site, { id: world.siteId, name: 'Gym', timeZone: 'Europe/Berlin' })
  const [a01, a02, a03] = (await bankA()).accessPoints
  assert.deepEqual([a01?.name, a02?.name, a03?.name], ['A01', 'A02', 'A03'])
  assert.deepEqual([a01?.recipients, a03?.recipients], [['Maya'], []])
  assert.deepEqual([a01?.place, tree.doors[0]?.place], ['Bank A', 'Gym'])
  assert.deepEqual(tree.controllers.map((one) => one.name).sort(), ['Bank A', 'Front door'])
})

test('a bank by range, in the order that people count in', async () => {
  const answer = await world.call(world.people.otto, 'POST', 'banks', { name: ' Bank B ', range: 'B1-B12,Parcel' })
  assert.equal(answer.status, 201)
  assert.equal(answer.body.name, 'Bank B')
  assert.deepEqual(names(answer.body.accessPoints), ['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B10', 'B11', 'B12', 'Parcel'])
  assert.deepEqual(answer.body.accessPoints.map((point) => point.lock), Array.from({ length: 13 }, (_, i) => i + 1))
  assert.ok(answer.body.accessPoints.every((point) => point.controllerId === null))
  assert.equal((await world.record('bank.added'))[0]?.details['name'], 'Bank B')
  assert.equal((await world.record('accessPoint.added')).length, 13)
})

test('five hundred compartments in one step', async () => {
  const answer = await world.call(world.people.otto, 'POST', 'banks', { name: 'Long', range: 'L001-L500' })
  assert.equal(answer.body.accessPoints.length, 500)
})

test('a name that is taken, or a range that can not be meant, makes nothing', async () => {
  const { otto } = world.people
  assert.equal((await world.call(otto, 'POST', 'banks', { name: 'bank a', range: 'X1-X3' })).refusal, 'alreadyExists')
  assert.equal((await world.call(otto, 'POST', 'banks', { name: 'Bank C', range: 'C3-C1' })).problem.errors?.[0]?.field, 'range')
  const { id: bankId } = await bankA()
  assert.equal((await world.call(otto, 'POST', `banks/${bankId}/compartments`, { range: 'A04,a01' })).refusal, 'alreadyExists')
  assert.equal((await world.call(otto, 'POST', 'doors', { name: 'FRONT DOOR' })).refusal, 'alreadyExists')
  const tree = await places()
  assert.equal(tree.banks.length, 1)
  assert.deepEqual(names((await bankA()).accessPoints), ['A01', 'A02', 'A03'], 'A04 was not left behind')
})

test('new compartments take the locks that are free on the bank\'s controller', async () => {
  const { otto } = world.people
  const { id: bankId } = await bankA()
  await world.call(otto, 'DELETE', `access-points/${world.points.a02}`)
  const before = await version(world.controllers.bank)
  const { body } = await world.call(otto, 'POST', `banks/${bankId}/compartments`, { range: 'A04-A05' })
  const [a04, a05] = ['A04', 'A05'].map((name) => body.accessPoints.find((point) => point.name === name))
  assert.deepEqual([a04?.controllerId, a04?.lock], [world.controllers.bank, 2])
  assert.equal(a05?.controllerId, null, 'the controller drives three')
  assert.ok(await version(world.controllers.bank) > before, 'its display learns of it')
  assert.equal((await world.call(otto, 'POST', `banks/${world.house.newId()}/compartments`, { range: 'A1' })).refusal, 'notFound')
})

test('a door gets a name and another name, and its controller hears of it', async () => {
  const { otto } = world.people
  const { status, body } = await world.call(otto, 'POST', 'doors', { name: 'Back door' })
  assert.equal(status, 201)
  assert.deepEqual([body.kind, body.bankId, body.place], ['door', null, 'Gym'])
  const before = await version(world.controllers.front)
  const renamed = await world.call(otto, 'PATCH', `access-points/${world.points.front}`, { name: 'Main <b>door</b>' })
  assert.equal(renamed.body.name, 'Main <b>door</b>')
  assert.equal(await version(world.controllers.front), before + 1)
  await world.call(otto, 'PATCH', `access-points/${world.points.front}`, { name: 'Main <b>door</b>' })
  assert.equal(await version(world.controllers.front), before + 1, 'the same name again is no change')
  assert.equal((await world.call(otto, 'PATCH', `access-points/${body.id}`, { name: 'main <B>door</b>' })).refusal, 'alreadyExists')
  assert.deepEqual((await world.record('accessPoint.changed')).map((row) => [row.details['nameBefore'], row.accessPoint?.name]), [['Front door', 'Main <b>door</b>']])
})

test('removing A01 ends its codes and grants at once, and its name is free again', async () => {
  const { otto, maya } = world.people
  await world.code()
  assert.equal((await world.call(otto, 'DELETE', `access-points/${world.points.a01}`)).status, 204)
  assert.deepEqual((await world.call(maya, 'GET', 'me/access')).body.access.map((one) => one.accessPoint.name), ['A02'])
  assert.deepEqual((await world.record('accessPoint.removed'))[0]?.details, { codes: 1, grants: 1 })
  assert.equal((await world.record('code.revoked')).length, 1)
  for (const [method, body] of [['DELETE', undefined], ['PATCH', { name: 'x' }]] as const) {
    assert.equal((await world.call(otto, method, `access-points/${world.points.a01}`, body)).refusal, 'notFound')
  }
  const { id: bankId } = await bankA()
  assert.equal((await world.call(otto, 'POST', `banks/${bankId}/compartments`, { range: 'A01' })).status, 201)
})

test('a bank gets another name, and a name that is taken or the same is no change', async () => {
  const { otto } = world.people
  const { id } = await bankA()
  await world.call(otto, 'POST', 'banks', { name: 'Bank B', range: 'B1' })
  assert.equal((await world.call(otto, 'PATCH', `banks/${id}`, { name: ' Parcels ' })).body.name, 'Parcels')
  assert.equal((await world.call(otto, 'PATCH', `banks/${id}`, { name: 'Parcels' })).status, 200)
  assert.equal((await world.call(otto, 'PATCH', `banks/${id}`, { name: 'bank b' })).refusal, 'alreadyExists')
  assert.equal((await world.call(otto, 'PATCH', `banks/${world.house.newId()}`, { name: 'x' })).refusal, 'notFound')
  assert.deepEqual((await world.record('bank.renamed')).map((row) => [row.actor?.name, row.details['name'], row.details['nameBefore']]), [['Otto', 'Parcels', 'Bank A']])
})

test('a bank goes with its compartments; what was given for it ends, its name is free, and what holds it is named', async () => {
  const { otto, maya } = world.people
  const bank = await bankA()
  const ids = bank.accessPoints.map((one) => one.id)
  const group = (await world.call(otto, 'POST', 'groups', { name: 'Staff' })).body
  await world.call(otto, 'POST', `groups/${group.id}/people`, { join: [maya.id] })
  assert.equal((await world.call(otto, 'POST', `groups/${group.id}/grants`, { bankIds: [bank.id] })).status, 201)
  const order = (await world.call(otto, 'POST', 'standing-orders', { kind: 'hold', accessPointId: ids[0]!, reason: 'A key is missing' })).body.orders[0]
  const held = await world.call(otto, 'DELETE', `banks/${bank.id}`)
  assert.deepEqual([held.refusal, (await bankA()).accessPoints.length], ['heldByOrder', ids.length])
  await world.call(otto, 'POST', `standing-orders/${order?.id}/end`, { reason: 'It is back' })
  const { version, rules } = (await world.call(otto, 'GET', 'alarm-rules')).body
  const named = await world.call(world.people.adam, 'PATCH', 'alarm-rules', { version, rules: rules.map((rule, i) => i === 0 ? { ...rule, bankId: bank.id } : rule) })
  assert.equal((await world.call(otto, 'DELETE', `banks/${bank.id}`)).refusal, 'namedInRule')
  assert.equal((await world.call(world.people.adam, 'PATCH', 'alarm-rules', { version: named.body.version, rules })).status, 200)
  assert.equal((await world.call(maya, 'DELETE', `banks/${bank.id}`)).refusal, 'notAllowed')
  assert.equal((await world.call(otto, 'DELETE', `banks/${bank.id}`)).status, 204)
  const left = await places()
  assert.deepEqual([left.banks, (await world.house.rows('SELECT id FROM grants WHERE ended_at IS NULL AND access_point_id IN (SELECT id FROM access_points WHERE bank_id IS NOT NULL)')).length], [[], 0])
  assert.deepEqual((await world.call(otto, 'GET', 'groups')).body.groups[0]?.grants, [])
  assert.deepEqual((await world.record('bank.removed')).map((row) => [row.actor?.name, row.details['name'], row.details['compartments']]), [['Otto', 'Bank A', ids.length]])
  assert.equal((await world.record('accessPoint.removed')).length, ids.length)
  assert.equal((await world.call(otto, 'DELETE', `banks/${bank.id}`)).refusal, 'notFound')
  assert.equal((await world.call(otto, 'POST', `banks/${bank.id}/compartments`, { range: 'A09' })).refusal, 'notFound')
  assert.equal((await world.call(otto, 'POST', 'banks', { name: 'Bank A', range: 'A1' })).status, 201)
})

test('a lockdown does not vanish with the compartment that it holds', async () => {
  const { adam, otto } = world.people
  const order = (await world.call(adam, 'POST', 'standing-orders', { kind: 'lockdown', accessPointId: world.points.a01, reason: 'A key is missing' })).body.orders[0]
  assert.equal((await world.call(otto, 'DELETE', `access-points/${world.points.a01}`)).refusal, 'heldByOrder')
  await world.call(adam, 'POST', `standing-orders/${order?.id}/end`, { reason: 'It is back' })
  assert.equal((await world.call(otto, 'DELETE', `access-points/${world.points.a01}`)).status, 204)
})

test('two operators rename one thing: the second is told, and the first one\'s name stays', async () => {
  const { otto, adam } = world.people
  const group = (await world.call(otto, 'POST', 'groups', { name: 'Staff' })).body
  const things = [`banks/${(await bankA()).id}`, `access-points/${world.points.front}`, `groups/${group.id}`]
  for (const [i, nameBefore] of ['Bank A', 'Front door', 'Staff'].entries()) {
    const [first, second] = [await world.call(otto, 'PATCH', things[i]!, { name: 'Otto\'s', nameBefore }), await world.call(adam, 'PATCH', things[i]!, { name: 'Adam\'s', nameBefore })]
    assert.deepEqual([first.status, second.refusal], [200, 'changedMeanwhile'])
    assert.match(second.problem.detail ?? '', /"Otto's"/, 'and hears what it is called')
    assert.equal((await world.call(adam, 'PATCH', things[i]!, { name: 'Adam\'s', nameBefore: 'Otto\'s' })).status, 200, 'knowing that, Adam may')
  }
  assert.deepEqual([(await bankA()).name, (await places()).doors[0]?.name], ['Adam\'s', 'Adam\'s'])
})
