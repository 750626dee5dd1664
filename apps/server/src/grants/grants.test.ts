import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { decideAccess } from '@oncekey/protocol/access'
import type { Grant } from '@oncekey/protocol/schemas'
import { openWorld, type World } from '../testing/world.ts'
import { grantsOf } from './facts.ts'
import { findGrants } from './queries.ts'

let world: World
const day = 86_400_000

beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const give = (more: object = {}) => world.call(world.people.otto, 'POST', 'grants', { personId: world.people.maya.id, accessPointIds: [world.points.a03], ...more })
/** The grant by which Maya may open A03 now. */
async function valid () {
  const { grant, granted } = decideAccess('entry', {
    now: world.house.clock(), offsetMs: () => 0, holidays: [], person: { isThere: true, isSuspended: false, mayCommand: false, mayOverride: false },
    accessPoint: { isThere: true, hasController: true, isConnected: true, isBatteryLow: false, isHeld: false, isLockedDown: false }, grants: await grantsOf(world.house.db.ask, world.people.maya.id, world.points.a03)
  })
  return granted ? grant : null
}
const list = async (query = ''): Promise<Grant[]> => (await world.call(world.people.otto, 'GET', `grants?${query}`)).body.grants

test('Otto gives Maya A03 and the front door; giving it again changes nothing', async () => {
  assert.equal(await valid(), null)
  const answer = await give({ accessPointIds: [world.points.a03, world.points.front, world.points.a03] })
  assert.equal(answer.status, 201)
  assert.deepEqual(answer.body.grants.map((one) => [one.personName, one.accessPointName, one.place]), [['Maya', 'A03', 'Bank A'], ['Maya', 'Front door', 'Gym']])
  const again = await give({ accessPointIds: [world.points.a03] })
  assert.deepEqual(again.body.grants, answer.body.grants.slice(0, 1))
  assert.equal((await world.record('grant.given')).length, 2)
  assert.equal((await valid())?.id, answer.body.grants[0]?.id)
})

test('a window: not before it begins, not from its end on; of two grants the longer one counts', async () => {
  const now = world.house.clock()
  await give({ startsAt: now + day, endsAt: now + 2 * day })
  await give({ startsAt: now + day + 1, endsAt: now + 3 * day })
  assert.equal(await valid(), null)
  const shown = async () => (await findGrants(world.house, world.siteId, { accessPointId: world.points.a03 })).length
  assert.equal(await shown(), 2, 'what is to come is shown')
  world.house.wait(day)
  assert.equal((await valid())?.endsAt, now + 2 * day)
  world.house.wait(1)
  assert.equal((await valid())?.endsAt, now + 3 * day)
  world.house.wait(day)
  assert.equal(await shown(), 1, 'what is over is not')
  world.house.wait(day)
  assert.equal(await valid(), null)
  assert.equal(await shown(), 0)
})

test('a window that can not be is refused and says which end', async () => {
  const now = world.house.clock()
  assert.equal((await give({ startsAt: now + day, endsAt: now + day })).problem.errors?.[0]?.needs, 'lies after startsAt')
  assert.equal((await give({ endsAt: now })).problem.errors?.[0]?.needs, 'lies in the future')
  assert.equal((await give({ endsAt: -1 })).refusal, 'badRequest')
  assert.equal((await give({ endsAt: null, startsAt: null })).status, 201)
})

test('unknown people and access points, and removed ones: nothing is given, not even the rest', async () => {
  assert.equal((await give({ personId: world.house.newId() })).refusal, 'notFound')
  assert.equal((await give({ accessPointIds: [world.points.a03, world.house.newId()] })).refusal, 'notFound')
  assert.equal(await valid(), null)
  await world.call(world.people.otto, 'DELETE', `access-points/${world.points.a03}`)
  assert.equal((await give()).refusal, 'notFound')
  await world.call(world.people.otto, 'DELETE', `people/${world.people.maya.id}`)
  assert.equal((await give({ accessPointIds: [world.points.front] })).refusal, 'notFound')
  assert.equal((await give({ accessPointIds: [] })).refusal, 'badRequest')
})

test('ending a grant ends the live code under it at once; other codes live on', async () => {
  const { otto, maya } = world.people
  await world.code(maya, world.points.a01)
  await world.code(maya, world.points.a02)
  const grant = (await list(`personId=${maya.id}`)).find((one) => one.accessPointName === 'A01')
  assert.equal((await world.call(otto, 'DELETE', `grants/${grant?.id}`)).status, 204)
  const states = (await world.call(otto, 'GET', 'codes')).body.codes.map((one) => `${one.accessPointName} ${one.state}`).sort()
  assert.deepEqual(states, ['A01 revoked', 'A02 issued'])
  assert.equal((await world.call(otto, 'DELETE', `grants/${grant?.id}`)).refusal, 'notFound', 'it has ended')
  assert.deepEqual((await world.record('grant.ended')).map((row) => [row.actor?.name, row.subject?.name, row.accessPoint?.name, row.details['codes']]), [['Otto', 'Maya', 'A01', 1]])
  assert.equal((await world.call(maya, 'POST', 'codes', { accessPointId: world.points.a01 })).refusal, 'noGrant')
})
