import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Alarm } from '@oncekey/protocol/schemas'
import type { AuditFact } from '../audit/append.ts'
import { verifyEntry } from '../access/verify.ts'
import { RESTORED } from '../backup/contents.ts'
import { beginGeneration } from '../backup/generation.ts'
import { openWorld, type TestPerson, type World } from '../testing/world.ts'
import { GATHER_MS } from './note.ts'
import { tellAlarms } from './tell.ts'
import { forgetAlarms } from './work.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const bank = () => ({ id: world.controllers.bank, name: 'Bank A' })
const a01 = () => ({ id: world.points.a01, name: 'A01' })

/** Something goes into the record, as the door's own messages bring it there. */
async function happens (event: AuditFact['event'], more: Partial<AuditFact> = {}): Promise<void> {
  await world.house.db.write(async (trx) => { world.house.audit.append(trx, world.house.clock(), { event, controller: bank(), ...more }) })
}

async function alarms (query = ''): Promise<Alarm[]> {
  return (await world.call(world.people.otto, 'GET', `alarms?${query}`)).body.alarms
}

async function said (who: TestPerson): Promise<string[]> {
  // Hours go by in these tests.
  await world.signIn(who)
  return (await world.call(who, 'GET', 'me/inbox')).body.messages.map(({ subject }) => subject).toReversed()
}

async function refuse (times: number): Promise<void> {
  const { house } = world
  await Promise.all(Array.from({ length: times }, () => house.db.write((trx) => verifyEntry(trx, house, { controller: bank(), requestId: house.newId(), lock: 0, digits: '0000000' }))))
}

test('a door that is forced is one alarm, however often it is forced, until it is closed; the next time is another', async () => {
  await happens('door.forced', { accessPoint: a01(), details: { lock: 1 } })
  world.house.wait(1000)
  await happens('door.forced', { accessPoint: a01(), details: { lock: 1 } })
  const [one, ...others] = await alarms()
  assert.deepEqual([one?.kind, one?.severity, one?.state, one?.times, one?.accessPoint?.name, one?.bank, others.length], ['forced', 'alarm', 'open', 2, 'A01', 'Bank A', 0])
  await happens('door.alarmEnded', { accessPoint: a01(), details: { ended: 'forcedOpen' } })
  assert.deepEqual(await alarms(), [])
  await happens('door.forced', { accessPoint: a01() })
  assert.deepEqual((await alarms('ended=true')).map(({ state, times, endedBy }) => [state, times, endedBy]), [['open', 1, null], ['ended', 2, null]])
})

test('what ends by itself ends its own alarm and no other', async () => {
  const begins: [AuditFact['event'], Partial<AuditFact>?][] = [
    ['door.forced', { accessPoint: a01() }], ['door.held', { accessPoint: a01() }], ['lock.jammed', { accessPoint: a01() }], ['battery.low'], ['controller.recordGap'], ['controller.wiped'],
    ['keypad.lockedOut', { details: { lockoutMs: 120_000, resting: false } }]
  ]
  for (const [event, more] of begins) await happens(event, more)
  const kinds = async (): Promise<string[]> => (await alarms()).map(({ kind }) => kind).toSorted()
  assert.deepEqual(await kinds(), ['battery', 'forced', 'gap', 'held', 'jammed', 'lockout', 'tamper'])
  await happens('door.alarmEnded', { accessPoint: a01(), details: { ended: 'ajar' } })
  await happens('lock.actuated', { accessPoint: a01() })
  await happens('battery.critical')
  assert.deepEqual((await alarms('kind=battery')).map(({ severity, times }) => [severity, times]), [['alarm', 2]])
  await happens('battery.recovered')
  assert.deepEqual(await kinds(), ['forced', 'gap', 'lockout', 'tamper'])
  world.house.wait(120_000)
  assert.deepEqual(await kinds(), ['forced', 'gap', 'tamper'], 'a lockout is over with its time')
  await tellAlarms(world.house)
  assert.deepEqual((await alarms('ended=true&kind=lockout')).map(({ endedAt, openedAt }) => (endedAt ?? 0) - openedAt), [120_000])
  await world.call(world.people.adam, 'DELETE', `controllers/${world.controllers.bank}`)
  await world.house.db.write(async (trx) => { world.house.audit.append(trx, world.house.clock(), { event: 'controller.removed', controller: bank() }) })
  assert.deepEqual(await kinds(), [], 'with its controller all of it is over')
})

test('a controller that is away for a moment is told to nobody; one that stays away is, and one on a page never', async () => {
  await happens('controller.disconnected')
  assert.deepEqual(await alarms(), [], 'a simulated door goes with its page')
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE controllers SET simulated = 0').run() })
  await happens('controller.disconnected')
  assert.equal((await alarms())[0]?.kind, 'offLine')
  world.house.wait(60_000)
  await tellAlarms(world.house)
  await happens('controller.connected')
  world.house.wait(600_000)
  await tellAlarms(world.house)
  assert.deepEqual(await said(world.people.adam), [])
  await happens('controller.disconnected')
  world.house.wait(120_000)
  await tellAlarms(world.house)
  assert.deepEqual(await said(world.people.adam), ['Off line: Bank A'])
})

test('an alarm is told to each administrator once, also when the server dies in between, and not again while it lasts', async () => {
  await happens('door.forced', { accessPoint: a01() })
  await world.restart()
  await Promise.all([tellAlarms(world.house), tellAlarms(world.house)])
  await world.restart()
  await tellAlarms(world.house)
  await happens('door.forced', { accessPoint: a01() })
  await tellAlarms(world.house)
  assert.deepEqual([await said(world.people.adam), await said(world.people.olga), await said(world.people.otto), await said(world.people.maya)], [['Door forced open: A01'], ['Door forced open: A01'], [], []])
})

test('a cause that is not committed is no alarm', async () => {
  await assert.rejects(world.house.db.write(async (trx) => {
    world.house.audit.append(trx, world.house.clock(), { event: 'door.forced', controller: bank(), accessPoint: a01() })
    throw new Error('no')
  }))
  assert.deepEqual(await alarms(), [])
})

test('acknowledged, snoozed, given and ended: each by whom, in the record, and none of it for members', async () => {
  const { adam, otto, maya } = world.people
  await happens('controller.recordGap')
  const id = (await alarms())[0]?.id ?? ''
  assert.equal((await world.call(maya, 'POST', `alarms/${id}/acknowledge`)).refusal, 'notAllowed')
  await tellAlarms(world.house)
  assert.deepEqual(await said(adam), ['Events are missing: Bank A'])

  const snoozed = (await world.call(otto, 'POST', `alarms/${id}/snooze`, { minutes: 60 })).body
  assert.deepEqual([snoozed.state, snoozed.snoozedUntil], ['snoozed', world.house.clock() + 3_600_000])
  await happens('controller.recordGap')
  await tellAlarms(world.house)
  world.house.wait(3_600_000)
  await tellAlarms(world.house)
  assert.deepEqual(await said(adam), ['Events are missing: Bank A', 'Events are missing: Bank A'], 'it is told again when the time is over, and once')
  await world.signIn(otto)
  assert.equal((await alarms())[0]?.state, 'open')

  await world.call(otto, 'POST', `alarms/${id}/acknowledge`)
  assert.equal((await world.call(otto, 'POST', `alarms/${id}/acknowledge`)).body.acknowledgedBy?.name, 'Otto')
  await happens('controller.recordGap')
  await tellAlarms(world.house)
  assert.deepEqual([(await said(adam)).length, (await alarms())[0]?.state, (await alarms())[0]?.times], [2, 'acknowledged', 3], 'whoever is at it need not be told')
  world.house.wait(3_600_001)
  await world.signIn(otto)
  await world.signIn(adam)
  await happens('controller.recordGap')
  await tellAlarms(world.house)
  assert.deepEqual([(await said(adam)).length, (await alarms())[0]?.state], [3, 'open'], 'much later it is news')

  assert.equal((await world.call(adam, 'POST', `alarms/${id}/assign`, { personId: maya.id })).refusal, 'notFound', 'members see to nothing')
  assert.equal((await world.call(adam, 'POST', `alarms/${id}/assign`, { personId: otto.id })).body.assignedTo?.name, 'Otto')
  assert.deepEqual(await said(otto), ['Events are missing: Bank A'])
  assert.equal((await world.call(otto, 'POST', `alarms/${id}/end`)).body.endedBy?.name, 'Otto')
  for (const step of ['acknowledge', 'end'] as const) assert.equal((await world.call(otto, 'POST', `alarms/${id}/${step}`)).refusal, 'alreadyDecided')
  const steps = (await world.record()).filter(({ event }) => event.startsWith('alarm.'))
  assert.deepEqual(steps.map(({ event, actor, subject, details }) => [event, actor?.name, subject?.name, details['alarm']]), [
    ['alarm.snoozed', 'Otto', undefined, 'gap'], ['alarm.acknowledged', 'Otto', undefined, 'gap'], ['alarm.assigned', 'Adam', 'Otto', 'gap'], ['alarm.ended', 'Otto', undefined, 'gap']
  ])
})

test('refused attempts are one digest for all keypads, and people who mistype are none', async () => {
  await refuse(9)
  assert.deepEqual(await alarms('kind=refused'), [])
  world.house.wait(GATHER_MS)
  await tellAlarms(world.house)
  assert.deepEqual((await said(world.people.adam)).filter((one) => one.startsWith('Refused')), [])

  await refuse(300)
  assert.deepEqual((await alarms('kind=refused')).map(({ times }) => times), [300], 'each one counts, also those that the record tells as one')
  world.house.wait(GATHER_MS)
  await tellAlarms(world.house)
  await tellAlarms(world.house)
  const mine = (await world.call(world.people.adam, 'GET', 'me/inbox')).body.messages.filter(({ subject }) => subject.startsWith('Refused'))
  assert.deepEqual(mine.map(({ subject, text }) => [subject, (text ?? '').startsWith('300 attempts were refused at Bank A.')]), [['Refused attempts: Bank A', true]])
  assert.deepEqual(await alarms('kind=refused'), [], 'the next attempt begins another')
})

test('many of one kind at once are one message that names them', async () => {
  for (const [id, name] of [[world.points.a01, 'A01'], [world.points.a02, 'A02'], [world.points.a03, 'A03']] as const) await happens('lock.jammed', { accessPoint: { id, name } })
  await tellAlarms(world.house)
  const [only, ...others] = (await world.call(world.people.adam, 'GET', 'me/inbox')).body.messages
  assert.deepEqual([only?.subject, others.length], ['Lock stuck: 3 alarms', 0])
  for (const name of ['A01', 'A02', 'A03']) assert.match(only?.text ?? '', new RegExp(`The bolt at ${name} did not move`))
})

test('the first rule that fits decides who is told: by place, kind, severity and hour', async () => {
  const { adam, otto, olga } = world.people
  const any = { kinds: [], leastSeverity: 'notice', bankId: null, accessPointId: null, schedule: null, channel: 'mail', roles: [], personIds: [] } as const
  const first = (await world.call(adam, 'GET', 'alarm-rules')).body
  assert.deepEqual([first.version, first.rules.length], [0, 1])
  const atNight = { hours: [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 22 * 60, toMinute: 6 * 60 }], alsoOnHolidays: true }
  const rules = [
    { ...any, kinds: ['battery'], channel: 'none' }, { ...any, accessPointId: world.points.front, personIds: [otto.id] }, { ...any, leastSeverity: 'alarm', schedule: atNight, roles: ['owner'] }, { ...any, kinds: ['jammed'], roles: ['admin'] }
  ]
  assert.equal((await world.call(otto, 'PATCH', 'alarm-rules', { version: 0, rules })).refusal, 'notAllowed')
  const tell = [{ ...any, personIds: [world.people.maya.id] }]
  assert.equal((await world.call(adam, 'PATCH', 'alarm-rules', { version: 0, rules: tell })).refusal, 'badRequest', 'members hear of no alarm')
  assert.equal((await world.call(adam, 'PATCH', 'alarm-rules', { version: 0, rules })).body.version, 1)
  assert.equal((await world.call(olga, 'PATCH', 'alarm-rules', { version: 0, rules: [] })).refusal, 'changedMeanwhile')
  assert.equal((await world.record('alarm.rulesChanged')).length, 1)

  // 10:00 in Berlin.
  await happens('battery.critical')
  await happens('door.forced', { controller: { id: world.controllers.front, name: 'Front door' }, accessPoint: { id: world.points.front, name: 'Front door' } })
  await happens('lock.jammed', { accessPoint: a01() })
  await happens('door.held', { accessPoint: a01() })
  await tellAlarms(world.house)
  assert.deepEqual([await said(adam), await said(otto), await said(olga)], [['Lock stuck: A01'], ['Door forced open: Front door'], []])
  world.house.wait(13 * 3_600_000)
  await happens('controller.recordGap')
  await tellAlarms(world.house)
  assert.deepEqual([(await said(adam)).length, (await said(otto)).length, await said(olga)], [1, 1, ['Events are missing: Bank A']])
})

test('what is removed has no alarms; a site in a zone that nobody knows is told all the same', async () => {
  await happens('door.forced', { accessPoint: a01() })
  await world.call(world.people.adam, 'DELETE', `access-points/${world.points.a01}`)
  assert.deepEqual((await alarms('ended=true')).map(({ state }) => state), ['ended'])
  await world.house.db.write(async (trx) => { await trx.prepare("UPDATE sites SET time_zone = 'Mars/Olympus'").run() })
  await happens('controller.recordGap')
  await tellAlarms(world.house)
  // Told in one turn, in one millisecond: either may be the first.
  assert.deepEqual((await said(world.people.adam)).toSorted(), ['Door forced open: A01', 'Events are missing: Bank A'])
})

test('after a restore alarms are open and nobody is told of them a second time; what was put off is', async () => {
  await happens('door.forced', { accessPoint: a01() })
  await happens('controller.recordGap')
  await refuse(20)
  const gap = (await alarms('kind=gap'))[0]?.id ?? ''
  await world.call(world.people.otto, 'POST', `alarms/${gap}/snooze`, { minutes: 60 })
  await world.house.db.write(async (trx) => { await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?)').run(RESTORED, '{"madeAt":1,"madeBy":"1.0.0","by":"Olga","seq":1}') })
  assert.equal(await beginGeneration(world.house), true)
  world.house.wait(3_600_000)
  await tellAlarms(world.house)
  await world.signIn(world.people.otto)
  assert.deepEqual([(await alarms()).map(({ kind }) => kind).toSorted(), await said(world.people.adam)], [['forced', 'gap'], ['Events are missing: Bank A']])
})

test('whoever was suspended or works here no more is told nothing', async () => {
  await world.call(world.people.olga, 'PATCH', `people/${world.people.adam.id}`, { suspended: true })
  await happens('lock.jammed', { accessPoint: a01() })
  await tellAlarms(world.house)
  const rows = await world.house.rows('SELECT person_id FROM inbox')
  assert.deepEqual(rows.map((row) => row['person_id']), [world.people.olga.id])
})

test('alarms that are long over are forgotten; open ones stay', async () => {
  await happens('door.forced', { accessPoint: a01() })
  await happens('controller.recordGap')
  await happens('door.alarmEnded', { accessPoint: a01(), details: { ended: 'forcedOpen' } })
  await tellAlarms(world.house)
  world.house.wait(31 * 86_400_000)
  await forgetAlarms(world.house)
  assert.deepEqual((await world.house.rows('SELECT kind FROM alarms')).map((row) => row['kind']), ['gap'])
})
