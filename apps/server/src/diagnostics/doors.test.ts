import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { askForCode } from '../doors/ask.ts'
import { smtpChannel } from '../notify/channels/smtp.ts'
import { startOutbox } from '../notify/loop.ts'
import { openPostOffice, type PostOffice } from '../testing/post-office.ts'
import { openWorld, type World } from '../testing/world.ts'
import { lookAtDoors } from './doors.ts'
import { houseAsPatient } from './inside.ts'

let office: PostOffice
let world: World
beforeEach(async () => {
  office = await openPostOffice()
  world = await openWorld({ env: { ONCEKEY_SMTP_URL: office.url } })
})
afterEach(async () => {
  await world.close()
  await office.close()
})

const look = async (): Promise<string[]> => (await lookAtDoors(houseAsPatient(world.house))).map(({ code, state, facts, cure }) => {
  assert.deepEqual([state, facts['name'], typeof cure], ['warn', 'Front door', 'string'])
  return code
})
const mode = (way: string) => world.call(world.people.adam, 'PATCH', `access-points/${world.points.front}/door-mode`, { way })

/** Somebody asks, and the mails go where they go. */
async function press (): Promise<void> {
  const outbox = startOutbox(world.house, smtpChannel(office.url))
  world.house.wait(180_000)
  await world.house.db.write((trx) => askForCode(trx, world.house, {
    siteId: world.siteId, controller: { id: world.controllers.front, name: 'Front door' }, point: { id: world.points.front, name: 'Front door' }, mode: 'unlock', requestId: null, way: 'mail', kind: { purpose: 'keypad', digits: 6 }
  }))
  await outbox.flush()
  await outbox.stop()
}

test('a door that sends codes to nobody, be it because nobody is on its list or because those who are are gone for now', async () => {
  const { otto, maya } = world.people
  assert.deepEqual(await look(), [])
  for (const [way, found] of [['mail', ['door.nobody']], ['approval', ['door.nobody']], ['opens', []], ['mail', ['door.nobody']]] as const) {
    await mode(way)
    assert.deepEqual(await look(), found, way)
  }
  await world.call(otto, 'POST', `access-points/${world.points.front}/recipients`, { personId: maya.id })
  assert.deepEqual(await look(), [])
  await world.call(otto, 'PATCH', `people/${maya.id}`, { suspended: true })
  assert.deepEqual(await look(), ['door.nobody'])
})

test('a door whose last code nobody got; one mail that was taken is enough, and so is a later code', async () => {
  for (const address of ['ana@example.org', 'ben@example.org']) await world.call(world.people.otto, 'POST', `access-points/${world.points.front}/recipients`, { address })
  await mode('mail')
  await press()
  assert.deepEqual([await look(), office.mails.length], [[], 2])
  office.refused.add('ben@example.org')
  await press()
  assert.deepEqual(await look(), [])
  office.refused.add('ana@example.org')
  await press()
  assert.deepEqual(await look(), ['door.refused'])
  const [finding] = await lookAtDoors(houseAsPatient(world.house))
  assert.match(finding?.says ?? '', /every mail was refused \([A-Z]+ \d{3}\)/)
  assert.equal(JSON.stringify(finding).includes('ana@'), false)
  office.refused.clear()
  await press()
  assert.deepEqual(await look(), [])
  office.refused.add('ana@example.org').add('ben@example.org')
  await press()
  world.house.wait(8 * 86_400_000)
  assert.deepEqual(await look(), [], 'long ago')
})
