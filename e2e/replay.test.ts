import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { ResetReason } from '@oncekey/protocol/messages'
import { parseTopic } from '@oncekey/protocol/topics'
import type { SimulatedDoor } from '@oncekey/simulator'
import { setTimeout as sleep } from 'node:timers/promises'
import { simulatedDoor } from './support/doors.ts'
import { runServer, setUp, type Running } from './support/server.ts'

let server: Running
let client: Client
let door: SimulatedDoor
let bank: SimulatedDoor
let frontDoor = ''
let doorController = ''
let bankController = ''
/** What an eavesdropper on the broker has: one command and one granted answer, each of which moved a bolt. */
const recorded: { topic: string, payload: string }[] = []

before(async () => {
  server = await runServer()
  client = await setUp(server)
  frontDoor = (await client.places.get()).doors[0]?.id ?? ''
  const first = await simulatedDoor(client, server.mqttPort, 'Front door')
  const second = await simulatedDoor(client, server.mqttPort, 'Bank A')
  door = first.door
  bank = second.door
  doorController = first.controller.id
  bankController = second.controller.id
  const unlocked = await client.accessPoints.unlock(frontDoor, { reason: 'To be recorded' })
  assert.equal(unlocked.status, 'succeeded')
  await client.accessPoints.lock(frontDoor, { reason: 'To be recorded' })
  const { digits } = await client.codes.issue({ accessPointId: frontDoor })
  door.type(digits + '#')
  await door.until((one) => one.lock(1).lockState === 'unlocked')
  for (const name of ['command', 'answer', 'welcome', 'settings']) recorded.push(...door.heard.filter((one) => parseTopic(one.topic)?.name === name))
  assert.ok(recorded.some((one) => parseTopic(one.topic)?.name === 'command') && recorded.some((one) => parseTopic(one.topic)?.name === 'answer'))
  await client.accessPoints.lock(frontDoor, { reason: 'Shut it again' })
})

after(async () => {
  door.stop()
  bank.stop()
  await server.end()
})

async function movesNothing (which: SimulatedDoor, what: string, attack: () => void | Promise<void>): Promise<void> {
  const before = which.moves
  await attack()
  await sleep(400)
  assert.equal(which.moves, before, what)
}

function replayAll (which: SimulatedDoor): void {
  for (const { topic, payload } of recorded) which.inject(topic, payload)
}

test('recorded commands, answers, welcomes and settings move nothing when they come again', async () => {
  await movesNothing(door, 'replayed in the same session', () => { replayAll(door) })
})

test('nor after a reconnect, nor after a power cut', async () => {
  door.cutNetwork()
  door.restoreNetwork()
  await movesNothing(door, 'replayed while it connects', () => { replayAll(door) })
  await door.until((one) => one.connected)
  await movesNothing(door, 'replayed in the next session', () => { replayAll(door) })
  door.cutPower()
  door.restorePower()
  await movesNothing(door, 'replayed after a power cut', () => { replayAll(door) })
  await door.until((one) => one.connected)
})

test('nor at another controller, under its own topics or the first one\'s', async () => {
  await movesNothing(bank, 'under foreign topics', () => { replayAll(bank) })
  await movesNothing(bank, 'under its own topics', () => {
    for (const { topic, payload } of recorded) bank.inject(topic.replace(doorController, bankController), payload)
  })
})

test('a fresh command with any byte altered moves nothing', async () => {
  const heard = door.heard.length
  await client.accessPoints.unlock(frontDoor, { reason: 'A fresh one' })
  await client.accessPoints.lock(frontDoor, { reason: 'And shut' })
  const command = door.heard.slice(heard).find((one) => parseTopic(one.topic)?.name === 'command')
  assert.ok(command !== undefined)
  await movesNothing(door, 'altered', () => {
    for (let i = 0; i < command.payload.length; i++) {
      for (const bit of [1, 16]) {
        const altered = command.payload.slice(0, i) + String.fromCharCode(command.payload.charCodeAt(i) ^ bit) + command.payload.slice(i + 1)
        door.inject(command.topic, altered)
      }
    }
  })
})

test('a replayed hello gains nothing and costs the controller nothing', async () => {
  const hello = door.heard.findLast((one) => parseTopic(one.topic)?.name === 'hello')
  assert.ok(hello !== undefined)
  await movesNothing(door, 'hello again', async () => {
    for (let i = 0; i < 5; i++) door.publish(hello.topic, hello.payload, 1)
    await sleep(200)
    replayAll(door)
  })
  const answer = await client.accessPoints.unlock(frontDoor, { reason: 'The session still holds' })
  assert.equal(answer.status, 'succeeded')
  await client.accessPoints.lock(frontDoor, { reason: 'Shut it' })
})

test('a controller that publishes or listens under another one\'s topics reaches nobody', async () => {
  const request = door.heard.findLast((one) => parseTopic(one.topic)?.name === 'request')
  assert.ok(request !== undefined)
  const seen = door.heard.length
  await movesNothing(door, 'from the bank', async () => {
    for (const { topic, payload } of recorded) bank.publish(topic, payload, 1, true)
    bank.publish(request.topic, request.payload, 1)
    await sleep(300)
  })
  await bank.until((one) => one.connected, 40_000)
  // Its own acknowledgements may come; nothing that the bank sent, and no answer to the bank's question.
  const told = door.heard.slice(seen).filter((one) => one.direction === 'down')
  assert.deepEqual(told.filter((one) => recorded.some(({ payload }) => payload === one.payload)), [])
  assert.deepEqual(told.filter((one) => ['answer', 'command'].includes(parseTopic(one.topic)?.name ?? '')), [])
})

test('nothing moves at boot, whatever the reason of the reset', async () => {
  const reasons: ResetReason[] = ['powerOn', 'brownOut', 'watchdog', 'software', 'update', 'unknown']
  for (const reason of reasons) {
    await movesNothing(door, reason, async () => {
      door.cutPower()
      door.restorePower(reason)
      await door.until((one) => one.connected && one.rows()[1].startsWith('Enter code'), 40_000)
    })
  }
})
