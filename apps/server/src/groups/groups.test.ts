import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { insertRows } from '../people/listing.ts'
import { openWorld, type World } from '../testing/world.ts'

let world: World
let staff: string
const day = 86_400_000

beforeEach(async () => {
  world = await openWorld()
  staff = (await world.call(world.people.otto, 'POST', 'groups', { name: 'Staff' })).body.id
})
afterEach(async () => { await world.close() })

const give = (form: object) => world.call(world.people.otto, 'POST', `groups/${staff}/grants`, form)
const change = (form: object) => world.call(world.people.otto, 'PATCH', `groups/${staff}/people`, form)
const bank = async (): Promise<string> => (await world.call(world.people.otto, 'GET', 'places')).body.banks[0]?.id ?? ''
const why = async (who = world.people.adam, point = world.points.a03, more = '') => (await world.call(world.people.otto, 'GET', `access/why?personId=${who.id}&accessPointId=${point}${more}`)).body
const endAll = async (): Promise<void> => {
  const { groups } = (await world.call(world.people.otto, 'GET', 'groups')).body
  for (const grant of groups.flatMap((group) => group.grants)) assert.equal((await world.call(world.people.otto, 'DELETE', `group-grants/${grant.id}`)).status, 204)
}

test('who joins a group gains at once, who leaves loses at once, with the live code', async () => {
  const { adam } = world.people
  assert.equal((await give({ accessPointIds: [world.points.a03] })).status, 201)
  assert.equal((await why()).granted, false)
  assert.deepEqual((await change({ join: [adam.id, adam.id] })).body, { joined: 1, left: 0 })
  assert.equal((await why()).grant?.group?.name, 'Staff', 'it says through which group')
  const code = await world.code(adam, world.points.a03)
  assert.deepEqual((await change({ leave: [adam.id, world.people.maya.id] })).body, { joined: 0, left: 1 })
  assert.equal((await why()).because, 'ended')
  const codes = (await world.call(world.people.otto, 'GET', 'codes')).body.codes
  assert.equal(codes.find((one) => one.id === code.id)?.state, 'revoked')
  assert.deepEqual((await world.record('group.left')).map((row) => [row.actor?.name, row.subject?.name, row.details['name'], row.details['codes']]), [['Otto', 'Adam', 'Staff', 1]])
})

test('a code that was made through a group opens at the keypad, and one that was taken back does not', async () => {
  const { adam } = world.people
  const door = await world.door()
  await give({ bankIds: [await bank()] })
  await change({ join: [adam.id] })
  const first = await world.code(adam, world.points.a03)
  door.type(first.digits + '#')
  await world.wait(2000, door)
  assert.equal((await world.record('access.granted')).length, 1)
  const second = await world.code(adam, world.points.a02)
  await endAll()
  await world.wait(3000, door)
  door.type(second.digits + '#')
  await world.wait(2000, door)
  assert.equal((await world.record('access.granted')).length, 1)
  assert.equal((await world.record('access.denied')).length, 1)
})

test('all of a bank is what it has and what it gets; what is removed is no more', async () => {
  const { adam, otto } = world.people
  await change({ join: [adam.id, world.people.maya.id] })
  await give({ bankIds: [await bank()] })
  const added = (await world.call(otto, 'POST', `banks/${await bank()}/compartments`, { range: 'A04' })).body.accessPoints.find((one) => one.name === 'A04')?.id ?? ''
  assert.equal((await why(adam, added)).grant?.group?.id, staff)
  assert.deepEqual((await world.record('accessPoint.added')).map((row) => row.details['grants']).at(-1), 2)
  await world.call(otto, 'DELETE', `access-points/${added}`)
  assert.equal((await why(adam, added)).granted, false)
  assert.notEqual((await why(adam)).grant, null, 'the rest of the bank stays')
})

test('hours, window and number of a group hold for each of its people; leaving and joining gives no more openings', async () => {
  const { adam, maya } = world.people
  await give({ accessPointIds: [world.points.a03], maxUses: 1, endsAt: world.house.clock() + day, schedule: { hours: [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1440 }], alsoOnHolidays: true } })
  await change({ join: [adam.id, maya.id] })
  const door = await world.door()
  door.type((await world.code(adam, world.points.a03)).digits + '#')
  await world.wait(2000, door)
  assert.deepEqual([(await why()).because, (await why(maya)).because], ['uses', null], 'counted for each person')
  await change({ leave: [adam.id] })
  await change({ join: [adam.id] })
  assert.equal((await why()).because, 'uses', 'what was used stays used')
  assert.equal((await why(maya, world.points.a03, `&at=${world.house.clock() + 2 * day}`)).because, 'over')
})

test('who has access of their own, too, keeps it when they leave', async () => {
  const { adam, otto } = world.people
  await give({ accessPointIds: [world.points.a03] })
  await change({ join: [adam.id] })
  await world.call(otto, 'POST', 'grants', { personId: adam.id, accessPointIds: [world.points.a03] })
  await change({ leave: [adam.id] })
  const { granted, grant } = await why()
  assert.deepEqual([granted || grant !== null, grant?.group ?? null], [true, null])
})

test('a grant that comes through a group is not ended alone; a group in use is not removed, and says what uses it', async () => {
  const { adam, otto } = world.people
  await give({ accessPointIds: [world.points.a03] })
  await change({ join: [adam.id] })
  const [grant] = (await world.call(otto, 'GET', `grants?personId=${adam.id}`)).body.grants
  const refused = await world.call(otto, 'DELETE', `grants/${grant?.id}`)
  assert.equal(refused.refusal, 'inUse')
  assert.match(refused.problem.detail ?? '', /"Staff"/)
  assert.match((await world.call(otto, 'DELETE', `groups/${staff}`)).problem.detail ?? '', /1 people and access to 1 places/)
  await endAll()
  await change({ leave: [adam.id] })
  assert.equal((await world.call(otto, 'DELETE', `groups/${staff}`)).status, 204)
  assert.deepEqual((await world.call(otto, 'GET', 'groups')).body.groups, [])
  assert.deepEqual((await world.record()).map((row) => row.event).filter((event) => event.startsWith('group.')), ['group.made', 'group.granted', 'group.joined', 'group.grantEnded', 'group.left', 'group.removed'])
})

test('somebody who is removed is in no group, and nothing is given twice', async () => {
  const { adam, maya, otto } = world.people
  await change({ join: [maya.id] })
  await give({ accessPointIds: [world.points.a03] })
  await give({ accessPointIds: [world.points.a03] })
  assert.equal((await world.call(otto, 'GET', 'groups')).body.groups[0]?.grants.length, 1)
  await world.call(adam, 'DELETE', `people/${maya.id}`)
  assert.deepEqual((await world.call(otto, 'GET', `groups/${staff}/people`)).body.people, [])
})

test('what can not be is refused and nothing of it is done', async () => {
  const { adam, otto, maya } = world.people
  assert.equal((await world.call(otto, 'POST', 'groups', { name: 'sTAFF' })).refusal, 'alreadyExists')
  assert.equal((await change({ join: [adam.id, world.house.newId()] })).refusal, 'notFound')
  assert.equal((await change({ join: [adam.id], leave: [adam.id] })).refusal, 'badRequest')
  assert.deepEqual((await world.call(otto, 'GET', `groups/${staff}/people`)).body.people, [], 'not even the one that is known')
  assert.equal((await give({})).refusal, 'badRequest')
  assert.equal((await give({ bankIds: [world.house.newId()] })).refusal, 'notFound')
  assert.equal((await give({ accessPointIds: [world.points.a03], endsAt: world.house.clock() })).refusal, 'badRequest')
  assert.equal((await world.call(maya, 'GET', 'groups')).refusal, 'notAllowed')
  assert.equal((await world.call(otto, 'PATCH', `groups/${staff}`, { name: 'Crew' })).status, 200)
  assert.equal((await world.call(otto, 'GET', 'groups')).body.groups[0]?.name, 'Crew')
})

test('more than one step may give is refused whole, and says how many it would have been', async () => {
  const { otto, adam } = world.people
  const points = 5
  const people = await world.house.db.write(async (trx) => {
    const ids = Array.from({ length: 4001 }, () => world.house.newId())
    await insertRows(trx, 'people', ['id', 'site_id', 'name', 'email', 'role', 'created_at', 'name_key'], ids.map((id, i) => [id, world.siteId, `P${i}`, `p${i}@gym.example`, 'member', 0, `p${i}`]))
    await insertRows(trx, 'people_group_members', ['group_id', 'person_id', 'joined_at'], ids.map((id) => [staff, id, 0]))
    return ids
  })
  await world.call(otto, 'POST', `banks/${await bank()}/compartments`, { range: 'B1-B2' })
  const refused = await give({ bankIds: [await bank()] })
  assert.equal(refused.refusal, 'tooLarge')
  assert.match(refused.problem.detail ?? '', new RegExp(`${people.length * points} times`))
  const given = async (): Promise<number> => Number((await world.house.rows('SELECT count(*) AS n FROM grants WHERE group_grant_id IS NOT NULL'))[0]?.['n'])
  assert.equal(await given(), 0)
  assert.deepEqual((await change({ leave: people.slice(0, 1) })).body, { joined: 0, left: 1 })
  assert.equal((await give({ bankIds: [await bank()] })).status, 201)
  assert.equal(await given(), 20_000)
  assert.equal((await change({ join: [adam.id] })).status, 200)
  await endAll()
  assert.equal(Number((await world.house.rows('SELECT count(*) AS n FROM grants WHERE group_grant_id IS NOT NULL AND ended_at IS NULL'))[0]?.['n']), 0)
})
