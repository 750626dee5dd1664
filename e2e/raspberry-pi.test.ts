import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@oncekey/client'
import { runPi, type Pi } from '@oncekey/raspberry-pi'
import { fakePins, type FakePins } from '@oncekey/raspberry-pi/testing'
import { runServer, setUp, type Running } from './support/server.ts'

// The program of a Raspberry Pi, with a real server and a real broker, at pins that are a test's: contacts below the
// keys, bytes for the display's expander, widths of pulses.
let server: Running
let owner: Client
let folder: string
let pins: FakePins
let pi: Pi
const failures: unknown[] = []

before(async () => {
  server = await runServer()
  owner = await setUp(server)
  folder = mkdtempSync(join(tmpdir(), 'oncekey-pi-'))
})

after(async () => {
  pi.stop()
  await server.end()
  rmSync(folder, { recursive: true, force: true })
})

const start = (): Pi => runPi({ server: server.url, folder: join(folder, 'box'), pins, onFailure: (error) => { failures.push(error) } })
const shows = (text: string): Promise<void> => pins.until(() => pins.rows().join('|').includes(text))

test('a new box shows its claim code, and belongs to whoever types it in the app', async () => {
  pins = fakePins()
  pi = start()
  await shows('Claim code:')
  // The display is written character by character.
  await pins.until(() => pins.rows()[1].trim().length === 10)
  const claimCode = pins.rows()[1].trim()
  const door = await owner.places.addDoor({ name: 'Workshop' })
  const controller = await owner.controllers.claim({ claimCode, name: 'Pi', accessPointId: door.id })
  assert.equal(controller.hardware, 'raspberry-pi')
  await shows('Enter code')
  assert.equal(pi.connected, true)
  assert.equal(statSync(join(folder, 'box/owner.json')).mode & 0o777, 0o600)
  assert.deepEqual([pins.pulses, pins.degrees()], [[], 90], 'nothing has moved')
})

test('a code that is typed on the keypad turns the servo, whose pulses end, and the door locks after it was closed', async () => {
  const places = await owner.places.get()
  const door = places.doors.find((one) => one.name === 'Workshop')
  const me = await owner.me.get()
  await owner.grants.give({ personId: me.id, accessPointIds: [door?.id ?? ''] })
  const { digits } = await owner.codes.issue({ accessPointId: door?.id ?? '' })
  await pins.type(`${digits}#`)
  await pins.until(() => pins.degrees() === 0)
  await shows('Open: Workshop')
  await pins.until(() => !pins.isPulsing())
  pins.pull('open')
  assert.deepEqual(pins.pulses, [500])
  await pins.type('000000#')
  await shows('Not accepted')
  pins.pull('shut')
  await pins.until(() => pins.pulses.length === 2)
  await pins.until(() => pins.degrees() === 90 && !pins.isPulsing())
  assert.deepEqual(pins.pulses, [500, 1450])
})

/** Where the lock went by the record, newest first. */
const turns = async (): Promise<unknown[]> => (await owner.audit.page()).rows.filter((one) => one.event === 'lock.actuated').map((one) => one.details['lockState'])

test('after a power cut it is the same box: nothing moves, and the record is whole', async () => {
  // What the box tells of its bolt is on its way while the servo still turns.
  for (const ends = Date.now() + 10_000; (await turns()).length < 2 && Date.now() < ends;) await sleep(50)
  assert.deepEqual(await turns(), ['locked', 'unlocked'])
  pi.stop()
  pins = fakePins()
  pi = start()
  await shows('Enter code')
  assert.deepEqual(pins.pulses, [])
  await pins.until(() => pi.connected)
  assert.equal((await owner.audit.chain()).intact, true)
  assert.deepEqual(failures, [])
})
