import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { smtpChannel } from '../notify/channels/smtp.ts'
import { startOutbox, type OutboxLoop } from '../notify/loop.ts'
import { openPostOffice, type PostOffice } from '../testing/post-office.ts'
import { openWorld, quiet, type LinkedDoor, type World } from '../testing/world.ts'
import { expireDoorCodes } from './decide.ts'

let office: PostOffice
let world: World
let outbox: OutboxLoop
beforeEach(async () => {
  office = await openPostOffice()
  world = await openWorld({ env: { ONCEKEY_SMTP_URL: office.url } })
  outbox = startOutbox(world.house, smtpChannel(office.url))
})
afterEach(async () => {
  await outbox.stop()
  await world.close()
  await office.close()
})

const front = (): string => world.points.front
const change = (form: object, who = world.people.adam): ReturnType<World['call']> => world.call(who, 'PATCH', `access-points/${front()}/door-mode`, form)

/** The front door in door mode, with Ana, Ben and Maya on its list. */
async function openFront (way: string, more: object = {}): Promise<LinkedDoor> {
  for (const form of [{ address: 'ana@example.org' }, { address: 'ben@example.org' }, { personId: world.people.maya.id }]) await world.call(world.people.otto, 'POST', `access-points/${front()}/recipients`, form)
  assert.equal((await change({ way, ...more })).status, 200)
  return world.door(world.controllers.front)
}

/** Waits for mails and polls, which take real time; the doors' time stands still. */
async function until (what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 10_000; !await is();) {
    if (performance.now() > end) assert.fail(what)
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
}
const shows = (door: LinkedDoor, text: string): Promise<void> => until(`"${text}" on the display, which shows "${door.lcd}"`, () => door.lcd === text)
const codes = async () => (await world.call(world.people.otto, 'GET', `door-codes?accessPointId=${front()}`)).body.codes

test('* at the door: a code to everybody, one of them refuses, and the display, the page and the record say so; typed, it opens once', async () => {
  office.refused.add('ben@example.org')
  const door = await openFront('mail')
  door.type('*')
  await shows(door, 'Code sent to / 2 of 3')
  assert.deepEqual(office.mails.map(({ to }) => to).sort(), ['ana@example.org', 'maya@gym.example'])
  const [code] = await codes()
  assert.deepEqual([code?.mode, code?.state, code?.deliveries.map(({ name, state }) => `${name} ${state}`).sort()], ['unlock', 'issued', ['Maya sent', 'a•••@example.org sent', 'b•••@example.org retrying']])
  await until('the record', async () => (await world.record('door.codeSentInPart')).length === 1)
  const [told] = await world.record('door.codeSentInPart')
  assert.deepEqual([told?.accessPoint?.name, told?.details['sent'], told?.details['of']], ['Front door', 2, 3])

  // Pressed again it stays the one, and nobody is written to again.
  await world.wait(6000, door)
  door.type('#')
  await shows(door, 'Already sent to / 2 of 3')
  assert.equal(office.mails.length, 2)
  assert.equal((await world.record('door.codeRequested')).length, 1)

  const { digits = '' } = office.mails[0] ?? {}
  await world.wait(6000, door)
  await door.enter(digits)
  assert.equal(door.isLocked(1), false)
  const [granted] = await world.record('access.granted')
  assert.deepEqual([granted?.actor ?? null, granted?.accessPoint?.name, granted?.details['askedAtDoor']], [null, 'Front door', true])
  assert.equal((await codes())[0]?.state, 'used')
  assert.deepEqual((await codes())[0]?.deliveries.filter(({ state }) => state === 'retrying'), [], 'what did not leave stays here')
  await world.wait(15_000, door)
  await door.enter(digits)
  assert.equal(door.isLocked(1), true)
  assert.deepEqual((await world.record('access.denied')).map(({ reason }) => reason), ['alreadyUsed'])
})

test('# asks for a code that locks', async () => {
  const door = await openFront('mail')
  door.bolt(1).lockState = 'unlocked'
  door.senseAll()
  door.type('#')
  await shows(door, 'Code sent to / 3 of 3')
  await door.enter(office.mails[0]?.digits ?? '')
  assert.equal(door.isLocked(1), true)
  assert.deepEqual((await world.record('access.granted')).map(({ details }) => details['mode']), ['lock'])
})

test('with nobody on the list, without mail, with everybody refused, and with door mode off, the display says what is the matter', async () => {
  await change({ way: 'mail' })
  const door = await world.door(world.controllers.front)
  for (let i = 0; i < 50; i++) {
    door.type('*')
    await shows(door, 'Nobody reached / Call operator')
    await world.wait(500, door)
  }
  assert.equal((await world.record('door.codeRequested')).length, 1, 'the same trouble is one row a minute')
  office.refused.add('ana@example.org')
  await world.call(world.people.otto, 'POST', `access-points/${front()}/recipients`, { address: 'ana@example.org' })
  await world.wait(4000, door)
  door.type('*')
  await shows(door, 'Nobody reached / Call operator')
  await change({ way: 'off' })
  await quiet()
  await world.wait(6000, door)
  assert.deepEqual((await codes()).map(({ state }) => state), ['cancelled'])
  door.type('*')
  assert.match(door.lcd, /Enter code$/)
})

test('a code ends after two minutes, and then there is another', async () => {
  const door = await openFront('mail')
  door.type('*')
  await shows(door, 'Code sent to / 3 of 3')
  const first = office.mails[0]?.digits ?? ''
  await world.wait(121_000, door)
  await expireDoorCodes(world.house)
  assert.equal((await codes())[0]?.state, 'expired')
  door.type('*')
  await shows(door, 'Code sent to / 3 of 3')
  assert.equal(office.mails.length, 6)
  await world.wait(6000, door)
  await door.enter(first)
  assert.equal(door.isLocked(1), true)
  await world.wait(4000, door)
  await door.enter(office.mails[5]?.digits ?? '')
  assert.equal(door.isLocked(1), false)
})

test('an operator ends a live code, and so does whoever got the mail: looking at its link does not', async () => {
  const door = await openFront('mail')
  door.type('*')
  await shows(door, 'Code sent to / 3 of 3')
  const [code] = await codes()
  assert.equal((await world.call(world.people.maya, 'DELETE', `door-codes/${code?.id}`)).refusal, 'notAllowed')
  assert.equal((await world.call(world.people.otto, 'DELETE', `door-codes/${code?.id}`)).status, 204)
  assert.equal((await world.call(world.people.otto, 'DELETE', `door-codes/${code?.id}`)).status, 204)
  await world.wait(6000, door)
  await door.enter(office.mails[0]?.digits ?? '')
  assert.equal(door.isLocked(1), true)
  assert.deepEqual((await world.record('access.denied')).map(({ reason }) => reason), ['revoked'])

  await world.wait(31_000, door)
  door.type('*')
  await shows(door, 'Code sent to / 3 of 3')
  const path = /\/stop-code\/[\w-]+/.exec(office.mails[3]?.text.replaceAll('=\r\n', '') ?? '')?.[0] ?? ''
  const page = await world.house.app.inject({ url: path })
  assert.deepEqual([page.statusCode, page.body.includes('<form method="post">')], [200, true])
  assert.equal((await codes())[0]?.state, 'issued')
  const post = (url: string) => world.house.app.inject({ method: 'POST', url, payload: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  assert.equal((await post('/stop-code/nothing')).statusCode, 404)
  assert.equal((await post(path)).statusCode, 200)
  assert.equal((await post(path)).statusCode, 200)
  assert.equal((await codes())[0]?.state, 'cancelled')
  const cancelled = await world.record('door.codeCancelled')
  assert.deepEqual(cancelled.map(({ actor }) => actor?.name ?? null), ['Otto', null])

  // Whoever presses too late is not told that nothing happened; and whoever keeps old links costs no write.
  await world.wait(31_000, door)
  door.type('*')
  await shows(door, 'Code sent to / 3 of 3')
  const mail = office.mails[6]
  await world.wait(6000, door)
  await door.enter(mail?.digits ?? '')
  assert.equal(door.isLocked(1), false)
  const { write } = world.house.db
  let writes = 0
  Object.assign(world.house.db, { write: ((...how) => { writes++; return write(...how) }) satisfies typeof write })
  const late = await post(/\/stop-code\/[\w-]+/.exec(mail?.text.replaceAll('=\r\n', '') ?? '')?.[0] ?? '')
  assert.deepEqual([late.statusCode, late.body.includes('The code was used'), (await post(path)).statusCode, writes], [200, true, 200, 0])
  Object.assign(world.house.db, { write })
})

test('somebody has to say yes: the door waits, hears it, and the code goes out', async () => {
  const door = await openFront('approval')
  door.type('*')
  await shows(door, 'Request sent / Wait for a yes')
  assert.equal(office.mails.length, 0)
  const [asked] = (await world.call(world.people.otto, 'GET', 'door-codes')).body.codes
  assert.deepEqual([asked?.state, asked?.mode, asked?.accessPointName, asked?.opens], ['waiting', 'unlock', 'Front door', false])
  const decide = (who: World['people'][keyof World['people']], approve: boolean) => world.call(who, 'POST', `door-codes/${asked?.id}/decision`, { approve })
  assert.equal((await decide(world.people.maya, true)).refusal, 'notFound')
  const both = await Promise.all([decide(world.people.otto, true), decide(world.people.adam, true)])
  assert.deepEqual(both.map(({ status }) => status).sort(), [204, 409])
  await shows(door, 'Code sent to / 3 of 3')
  assert.equal((await world.record('door.codeApproved')).length, 1)
  await world.wait(6000, door)
  await door.enter(office.mails[0]?.digits ?? '')
  assert.equal(door.isLocked(1), false)
})

test('a no and no answer are shown at the door; a yes that comes too late is none', async () => {
  const door = await openFront('approval')
  door.type('#')
  await shows(door, 'Request sent / Wait for a yes')
  const [first] = await codes()
  await world.call(world.people.otto, 'POST', `door-codes/${first?.id}/decision`, { approve: false })
  await shows(door, 'Not approved')
  await world.wait(31_000, door)
  door.type('#')
  await shows(door, 'Request sent / Wait for a yes')
  const [second] = await codes()
  await world.wait(120_000)
  assert.equal((await world.call(world.people.otto, 'POST', `door-codes/${second?.id}/decision`, { approve: true })).refusal, 'alreadyDecided')
  await expireDoorCodes(world.house)
  await shows(door, 'No answer / Try again')
  assert.deepEqual((await codes()).map(({ state }) => state), ['unanswered', 'refused'])
  assert.equal(office.mails.length, 0)
})

test('where the door is set so, a yes moves the bolt at once', async () => {
  const door = await openFront('opens')
  door.type('*')
  await shows(door, 'Request sent / Wait for a yes')
  const [asked] = await codes()
  assert.equal((await world.call(world.people.otto, 'POST', `door-codes/${asked?.id}/decision`, { approve: true })).status, 204)
  await quiet()
  await world.wait(1000, door)
  assert.equal(door.isLocked(1), false)
  assert.equal((await codes())[0]?.state, 'opened')
  assert.deepEqual((await world.record('lock.commanded')).map(({ actor, details }) => [actor?.name, details['op']]), [['Otto', 'unlock']])
})

test('door mode is for one door a keypad with a controller of ours, and only administrators change it', async () => {
  assert.deepEqual((await world.call(world.people.otto, 'GET', `access-points/${front()}/door-mode`)).body, { way: 'off', doorMakes: false, possible: true, approvers: [] })
  assert.equal((await change({ way: 'mail' }, world.people.otto)).refusal, 'notAllowed')
  assert.equal((await world.call(world.people.adam, 'PATCH', `access-points/${world.points.a01}/door-mode`, { way: 'mail' })).refusal, 'badRequest')
  const other = (await world.call(world.people.otto, 'POST', 'doors', { name: 'Shed' })).body.id
  assert.equal((await world.call(world.people.adam, 'PATCH', `access-points/${other}/door-mode`, { way: 'mail' })).refusal, 'badRequest')
  await world.house.db.write(async (trx) => { await trx.sql.updateTable('access_points').set({ controller_id: world.controllers.front, lock: 2 }).where('id', '=', other).execute() })
  assert.equal((await change({ way: 'mail' })).status, 200)
  assert.equal((await world.call(world.people.adam, 'PATCH', `access-points/${other}/door-mode`, { way: 'mail' })).refusal, 'inUse')
  assert.deepEqual((await world.record('door.modeChanged')).map(({ details }) => details), [{ way: 'mail', doorMakes: false }])
})

test('a code that the door made itself is taken only where that is turned on', async () => {
  const door = await openFront('mail', { doorMakes: true })
  door.type('*')
  const asked = door.question()
  assert.ok(asked.kind === 'requestCode' && asked.entry !== undefined)
  await shows(door, 'Code sent to / 3 of 3')
  assert.equal((await world.record('door.codeRequested'))[0]?.details['madeAtDoor'], true)
  await world.wait(6000, door)
  await door.enter(office.mails[0]?.digits ?? '')
  assert.equal(door.isLocked(1), false)

  // Off at the server, while the door has not heard of it.
  await world.wait(31_000, door)
  await world.house.db.write(async (trx) => { await trx.sql.updateTable('access_points').set({ door_makes: 0 }).where('id', '=', front()).execute() })
  door.type('*')
  await shows(door, 'Code sent to / 3 of 3')
  assert.equal((await world.record('door.codeRequested'))[1]?.details['madeAtDoor'], undefined)
})
