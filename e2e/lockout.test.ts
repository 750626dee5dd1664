import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { SimulatedDoor } from '@oncekey/simulator'
import { simulatedDoor } from './support/doors.ts'
import { mailServer, type MailServer } from './support/mail.ts'
import { forgedRequest } from './support/raw.ts'
import { person, owner, runServer, setUp, type Running } from './support/server.ts'

let mail: MailServer
let server: Running
let client: Client
let door: SimulatedDoor
let shiftMs = 0
let frontDoor = ''

before(async () => {
  mail = await mailServer()
  server = await runServer({ ONCEKEY_SMTP_URL: mail.url }, { clock: () => Date.now() + shiftMs })
  client = await setUp(server)
  frontDoor = (await client.places.get()).doors[0]?.id ?? ''
  door = (await simulatedDoor(client, server.mqttPort, 'Front door')).door
})

after(async () => {
  door.stop()
  await server.end()
  await mail.close()
})

async function threeWrongCodes (): Promise<void> {
  for (const [tries, next] of ['Not accepted', 'Not accepted', 'Keypad locked'].entries()) {
    door.type(`0000${tries}00#`)
    await door.until((one) => one.rows()[0].startsWith(next))
    // The refusal stays on the display for a moment; keys are taken again at once or after it.
    if (next === 'Not accepted') await door.until((one) => one.rows()[1].includes('Enter code'), 10_000)
  }
}

test('three wrong codes shut the keypad for two minutes, and one mail goes out', async () => {
  await threeWrongCodes()
  assert.match(door.rows()[1], /^Wait (2:00|1:5\d)/)
  await door.until((one) => /^Wait 1:5[0-8]/.test(one.rows()[1]), 5000)
  await mail.until(1)
  assert.equal(mail.mails[0]?.to?.[0]?.address, owner.email)
  // Where, when, and a link.
  assert.match(mail.mails[0]?.text ?? '', /Front door/)
  assert.match(mail.mails[0]?.text ?? '', /When: \d+ \w+ \d{4}, \d\d:\d\d:\d\d/)
  assert.ok(mail.mails[0]?.text?.includes(server.url + '/live'))
})

test('a right code does not help then, not even by raw MQTT', async () => {
  const { digits } = await client.codes.issue({ accessPointId: frontDoor })
  const moves = door.moves
  door.type(digits + '#')
  const answer = await forgedRequest(door, digits)
  assert.equal(answer?.kind, 'verify')
  assert.equal(answer?.kind === 'verify' && answer.granted, false)
  assert.equal(door.moves, moves)
  assert.match(door.rows()[0], /^Keypad locked/)
})

test('remote unlock works all the same', async () => {
  const moves = door.moves
  const answer = await client.accessPoints.unlock(frontDoor, { reason: 'Somebody waits outside' })
  assert.deepEqual([answer.status, answer.measured], ['succeeded', 'unlocked'])
  assert.equal(door.moves, moves + 1)
})

test('a restart of the server and of the controller changes nothing', async () => {
  server = await server.restart()
  client = person(server.url)
  await client.session.start({ login: owner.email, password: owner.password })
  await door.until((one) => one.connected && one.rows()[0].startsWith('Keypad locked'), 40_000)
  const { digits } = await client.codes.issue({ accessPointId: frontDoor }).catch(async () => {
    shiftMs += 31_000
    return client.codes.issue({ accessPointId: frontDoor })
  })
  const answer = await forgedRequest(door, digits)
  assert.equal(answer?.kind === 'verify' && answer.granted, false)
  const moves = door.moves
  door.cutPower()
  door.restorePower('brownOut')
  await door.until((one) => one.connected && one.rows()[0].startsWith('Keypad locked'), 40_000)
  assert.match(door.rows()[1], /^Wait [01]:\d\d/)
  assert.equal(door.moves, moves)
  assert.equal(mail.mails.length, 1, 'still one mail')
})

test('the next lockout of the day is longer', async () => {
  shiftMs += 121_000
  door.cutPower()
  door.restorePower()
  await door.until((one) => one.connected && one.rows()[1].startsWith('Enter code'), 40_000)
  await threeWrongCodes()
  assert.match(door.rows()[1], /^Wait (4:00|3:5\d)/)
  await mail.until(2)
  assert.equal(mail.mails.length, 2)
})
