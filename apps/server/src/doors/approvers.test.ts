import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { newPerson } from '../testing/callers.ts'
import { openWorld, quiet, type TestPerson, type World } from '../testing/world.ts'
import { askForCode } from './ask.ts'

let world: World
let mona: TestPerson
beforeEach(async () => {
  world = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:1?from=door@gym.example' } })
  mona = await newPerson(world, 'Mona', 'member')
})
afterEach(async () => { await world.close() })

const change = (form: object, who = world.people.adam) => world.call(who, 'PATCH', `access-points/${world.points.front}/door-mode`, form)
const decide = (who: TestPerson, id: string, approve = true) => world.call(who, 'POST', `door-codes/${id}/decision`, { approve })
const asked = async (who: TestPerson): Promise<number> => (await world.call(who, 'GET', 'me/access')).body.asked

/** Somebody presses * at the front door, a while after the last one. */
async function press (way: 'approval' | 'opens' = 'approval'): Promise<string> {
  world.house.wait(150_000)
  const answer = await world.house.db.write((trx) => askForCode(trx, world.house, {
    siteId: world.siteId, controller: { id: world.controllers.front, name: 'Front door' }, point: { id: world.points.front, name: 'Front door' }, mode: 'unlock', requestId: null, way, kind: { purpose: 'keypad', digits: 6 }
  }))
  assert.equal(answer.is, 'asked')
  return answer.is === 'asked' ? answer.codeId : ''
}

test('without names every operator says yes; with them only those and administrators, each change on record', async () => {
  const { adam, olga, otto, maya } = world.people
  await world.call(otto, 'POST', `access-points/${world.points.front}/recipients`, { address: 'ana@example.org' })
  assert.deepEqual((await change({ way: 'approval' })).status, 200)
  const first = await press()
  assert.deepEqual([await asked(mona), await asked(otto)], [0, 0])
  assert.equal((await decide(mona, first)).refusal, 'notFound')
  assert.equal((await decide(otto, first)).status, 204)

  assert.equal((await change({ way: 'approval', approvers: [mona.id] }, otto)).refusal, 'notAllowed')
  assert.equal((await change({ way: 'approval', approvers: [world.siteId] })).refusal, 'notFound')
  assert.equal((await change({ way: 'approval', approvers: [mona.id, mona.id] })).refusal, 'badRequest')
  assert.equal((await change({ way: 'approval', approvers: [mona.id] })).status, 200)
  assert.deepEqual((await world.call(otto, 'GET', `access-points/${world.points.front}/door-mode`)).body.approvers, [{ id: mona.id, name: 'Mona' }])
  for (const [yes, who] of [[mona, 'Mona'], [adam, 'Adam'], [olga, 'Olga']] as const) {
    const id = await press()
    assert.equal((await decide(maya, id)).refusal, 'notFound')
    assert.equal((await decide(otto, id)).refusal, 'notAllowed')
    await world.signIn(yes)
    assert.equal((await decide(yes, id)).status, 204)
    assert.equal((await world.record('door.codeApproved')).at(-1)?.actor?.name, who)
    for (const one of [otto, maya, mona]) await world.signIn(one)
  }
  await world.signIn(adam)
  await change({ way: 'approval', approvers: [] })
  const changes = [...await world.record('door.approverAdded'), ...await world.record('door.approverRemoved')]
  assert.deepEqual(changes.map((row) => [row.event, row.actor?.name, row.subject?.name, row.accessPoint?.name]), [['door.approverAdded', 'Adam', 'Mona', 'Front door'], ['door.approverRemoved', 'Adam', 'Mona', 'Front door']])
})

test('of two who change what asking leads to, or who may answer, the second is told', async () => {
  const seen = { way: 'off', doorMakes: false, approvers: [] }
  assert.equal((await change({ way: 'approval', approvers: [mona.id], before: seen })).status, 200)
  assert.equal((await change({ way: 'approval', approvers: [mona.id], before: seen })).status, 200, 'the same twice is one change, when the answer was lost')
  const second = await change({ way: 'mail', before: seen })
  assert.equal(second.refusal, 'changedMeanwhile')
  assert.match(second.problem.detail ?? '', /way is "approval" by now/)
  assert.equal((await change({ way: 'approval', approvers: [], before: { approvers: [] } })).refusal, 'changedMeanwhile', 'nobody makes it everybody\'s by a list that was read before')
  assert.equal((await change({ way: 'approval', approvers: [], before: { approvers: [mona.id] } })).status, 200)
})

test('the request is on the page of who is named, at once and without a word about others; then it goes', async () => {
  const { adam, otto, maya } = world.people
  await change({ way: 'opens', approvers: [mona.id] })
  const told = (): number => world.told.filter(({ event, people }) => event.kind === 'asked' && people.length === 1 && people[0] === mona.id).length
  const before = told()
  const id = await press('opens')
  await quiet()
  assert.equal(told(), before + 1)
  assert.deepEqual([await asked(mona), await asked(maya), await asked(adam)], [1, 0, 0])
  const [mine] = (await world.call(mona, 'GET', 'door-codes')).body.codes
  assert.deepEqual([mine?.id, mine?.accessPointName, mine?.opens, mine?.mayDecide, mine?.deliveries], [id, 'Front door', true, true, []])
  assert.deepEqual((await world.call(maya, 'GET', 'door-codes')).body.codes, [])
  assert.deepEqual((await world.call(maya, 'GET', `door-codes?accessPointId=${world.points.front}`)).body.codes, [])
  assert.deepEqual((await world.call(otto, 'GET', 'door-codes')).body.codes.map((one) => one.mayDecide), [false])
  assert.equal((await decide(mona, id, false)).status, 204)
  await quiet()
  assert.equal(told(), before + 2)
  assert.deepEqual([await asked(mona), (await world.call(mona, 'GET', 'door-codes')).body.codes.length, (await decide(mona, id)).refusal], [0, 0, 'alreadyDecided'])
  assert.equal((await world.call(mona, 'DELETE', `door-codes/${id}`)).refusal, 'notAllowed')
})

test('when those who are named are gone it is not everybody\'s again: administrators answer', async () => {
  const { adam, otto } = world.people
  await change({ way: 'approval', approvers: [mona.id] })
  await world.call(adam, 'PATCH', `people/${mona.id}`, { suspended: true })
  const id = await press()
  assert.equal((await decide(mona, id)).refusal, 'signInNeeded')
  assert.equal((await decide(otto, id)).refusal, 'notAllowed')
  await world.call(adam, 'DELETE', `people/${mona.id}`)
  assert.equal((await decide(otto, id)).refusal, 'notAllowed')
  assert.equal((await decide(adam, id, false)).status, 204)
  assert.equal((await change({ way: 'approval', approvers: [mona.id] })).status, 200, 'the list as it was is no mistake')
})

test('another list ends nothing that waits; turned off, it does', async () => {
  const { adam } = world.people
  await change({ way: 'approval' })
  const id = await press()
  await change({ way: 'approval', approvers: [mona.id] })
  assert.equal(await asked(mona), 1)
  await change({ way: 'off' })
  assert.equal(await asked(mona), 0)
  assert.equal((await decide(adam, id)).refusal, 'alreadyDecided')
})
