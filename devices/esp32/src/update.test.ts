import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import { identityFrom } from '@oncekey/host'
import { downloadToken, imageText } from '@oncekey/protocol/messages'
import { testServer, type TestServer } from '../../../apps/simulator/src/testing/server.ts'
import { newMachine, type Answer, type Machine, type Request } from './testing/machine.ts'

// Updates over the network, on the machine that is a test's: a boot loader with its marks, flash that has to be erased
// before it is written, power that goes between two sectors.
const certificate = randomBytes(500)
const ca = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`
const operator = generateKeyPairSync('ed25519')
const url = 'https://keys.lan:8443/api/v1/controllers/c1/image'

let box: Machine
let server: TestServer
let key = ''
let offers = 0
/** What is to be had at `url`. */
let image: Uint8Array = new Uint8Array()
let bend: (answer: Answer, request: Request) => Answer | null = (answer) => answer
let ranges: string[] = []

function program (version: string, size: number, mark = 0xe9): Uint8Array {
  const bytes = new Uint8Array(randomBytes(size))
  bytes.set([mark, ...Buffer.from(version + '\0')])
  return bytes
}

function facts (version: string, bytes: Uint8Array, by: { privateKey: KeyObject, publicKey: KeyObject } = operator) {
  const said = { version, minimum: '0.0.0', hardware: 'esp32', size: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64url') }
  return { ...said, key: String(by.publicKey.export({ format: 'jwk' }).x), signature: sign(null, Buffer.from(imageText(said)), by.privateKey).toString('base64url') }
}

function offer (version: string, bytes: Uint8Array, change: object = {}): void {
  image = bytes
  server.offer({ offer: ++offers, op: 'install', ...facts(version, bytes), url, ...change })
}

function serve (request: Request): Answer | null {
  if (request.path === '/ca.pem') return { status: 200, body: ca }
  if (request.path === '/api/v1/commissioning') {
    const asked: { key: string } = JSON.parse(request.body)
    key = asked.key
    const identity = identityFrom({ siteId: 's1', controllerId: 'c1', key })
    assert.ok(identity !== null)
    server = testServer(identity, (topic, payload) => { box.deliver(topic, payload) }, { time: () => 1_800_000_000_000 })
    return { status: 200, body: JSON.stringify({ claimed: true, siteId: 's1', controllerId: 'c1', mqttPort: 1883, mqttsPort: 8883, ca }) }
  }
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers['range'] ?? '') ?? []
  if (request.path !== '/api/v1/controllers/c1/image' || from === '') return null
  assert.equal(request.headers['authorization'], `Bearer ${downloadToken(Buffer.from(key, 'base64url'), 1, offers)}`)
  assert.deepEqual([request.host, request.port, Buffer.from(request.secure?.certificate ?? new ArrayBuffer()).equals(certificate), request.secure?.verify], ['keys.lan', 8443, true, undefined])
  ranges.push(from)
  return bend({ status: 206, body: image.slice(Number(from), Number(to) + 1) }, request)
}

/** Time passes; a restart that the program asks for is one. */
async function pass (ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    const { restarts } = box
    box.pass(500)
    if (box.restarts > restarts) await box.start()
  }
}
const outcomes = (): string[] => server.records.flatMap((one) => one.type === 'update.ended' ? [one.outcome] : [])

before(() => { box = newMachine() })
after(() => { box.end() })

// A box of its own for each, that is somebody's, and on line.
beforeEach(async () => {
  box.flash.clear()
  for (const slot of box.slots) slot.fill(0xff)
  Object.assign(box, { boot: { good: 0, next: null, trial: null }, sectorsLeft: Infinity, accessPoint: null, serve, duties: [] })
  box.networks.add('lan')
  offers = 0
  bend = (answer) => answer
  ranges = []
  await box.start()
  box.submit(String(new URLSearchParams({ ssid: 'lan', password: '', server: 'https://keys.lan:8443', fingerprint: createHash('sha256').update(certificate).digest('hex') })))
  box.publish = (topic, payload) => { server.receive(topic, payload) }
  await box.start()
  await pass(10_000)
  server.settings({ locks: [{ lock: 1, label: 'Workshop', kind: 'door' }] })
  await pass(1000)
  assert.match(box.rows()[1], /^Enter code/)
})

test('a signed program comes in parts, from the own server with the token of its offer, runs, and stays', async () => {
  const bytes = program('0.2.0', 200_001)
  offer('0.2.0', bytes)
  await pass(30_000)
  assert.deepEqual(ranges, ['0', '65536', '131072', '196608'])
  assert.deepEqual([box.firmware, box.boot], ['0.2.0', { good: 1, next: null, trial: null }])
  assert.ok(Buffer.from(box.slots[1].subarray(0, bytes.length)).equals(bytes))
  assert.deepEqual(outcomes(), ['installed'])
  assert.equal(server.records.filter((one) => one.type === 'controller.booted').at(-1)?.reset, 'update')
  assert.deepEqual(box.duties, [], 'nothing has moved')
  // The watch of the trial is over.
  const { restarts } = box
  await pass(300_000)
  assert.equal(box.restarts, restarts)
  // And back into the first slot with the next one.
  offer('0.3.0', program('0.3.0', 5000))
  await pass(20_000)
  assert.deepEqual([box.firmware, box.boot.good, outcomes()], ['0.3.0', 0, ['installed', 'installed']])
})

test('whatever sector the power goes in, it goes on, from the last part that was noted', async () => {
  const bytes = program('0.2.0', 150_000)
  const sectors = Math.ceil(bytes.length / 4096)
  offer('0.2.0', bytes)
  // One sector more each time, then the power goes.
  for (let cuts = 0; cuts < sectors; cuts++) {
    box.sectorsLeft = cuts
    await pass(5000)
    if (!box.isOff) break
    assert.equal(box.boot.next, null, 'nothing is tried that is not whole')
    await box.start()
    assert.equal(box.firmware, '0.1.0')
  }
  box.sectorsLeft = Infinity
  await pass(30_000)
  assert.equal(box.firmware, '0.2.0')
  assert.ok(Buffer.from(box.slots[1].subarray(0, bytes.length)).equals(bytes))
  assert.deepEqual(outcomes(), ['installed'])
  // From the beginning only until the first part was whole, then from the second, then from the third.
  assert.deepEqual([...new Set(ranges)], ['0', '65536', '131072'])
  assert.equal(ranges.lastIndexOf('0') < ranges.indexOf('65536'), true, ranges.join())
  assert.equal(ranges.lastIndexOf('65536') < ranges.indexOf('131072'), true, ranges.join())
})

test('cuts of the network, answers that are no part, and too much of it cost a pause, and no more', async () => {
  let count = 0
  bend = (answer) => {
    switch (count++) {
      case 0: return null
      case 1: return { status: 200, body: image }
      case 2: return { status: 503, body: 'busy' }
      // Cut in the middle of a sector: the whole ones count.
      case 3: return { status: 206, body: answer.body.slice(0, 10_000) }
      case 4: return { status: 206, body: Buffer.concat([Buffer.from(answer.body), Buffer.from('more')]) }
      default: return answer
    }
  }
  const bytes = program('0.2.0', 100_000)
  offer('0.2.0', bytes)
  await pass(120_000)
  assert.deepEqual(ranges, ['0', '0', '0', '0', '8192', '73728'])
  assert.equal(box.firmware, '0.2.0')
  assert.ok(Buffer.from(box.slots[1].subarray(0, bytes.length)).equals(bytes))
})

test('what is not signed, or by another key than the first, is not even asked for', async () => {
  const bytes = program('0.2.0', 5000)
  offer('0.2.0', bytes, { sha256: createHash('sha256').update('other').digest('base64url') })
  await pass(5000)
  offer('0.2.0', bytes)
  await pass(20_000)
  assert.equal(box.firmware, '0.2.0')
  const asked = ranges.length
  const thief = generateKeyPairSync('ed25519')
  const other = program('0.3.0', 5000)
  offer('0.3.0', other, facts('0.3.0', other, thief))
  await pass(20_000)
  assert.deepEqual([outcomes(), ranges.length, box.firmware], [['notSigned', 'installed', 'notSigned'], asked, '0.2.0'])
})

test('an older program, one for other hardware, one that is larger than its place: refused', async () => {
  const bytes = program('0.0.9', 5000)
  offer('0.0.9', bytes)
  await pass(5000)
  offer('0.2.0', bytes, { hardware: 'raspberry-pi' })
  await pass(5000)
  const large = facts('0.2.0', new Uint8Array(0x1b0001))
  server.offer({ offer: ++offers, op: 'install', ...large, url })
  await pass(5000)
  assert.deepEqual([outcomes(), ranges, box.firmware], [['notNewer', 'wrongHardware', 'noRoom'], [], '0.1.0'])
})

test('bytes that were bent on the way are asked for once more, and then no more; what the boot loader would not start is not tried', async () => {
  let bent = 1
  bend = (answer) => {
    if (bent-- <= 0) return answer
    const body = Buffer.from(answer.body)
    body[77]! ^= 1
    return { ...answer, body }
  }
  offer('0.2.0', program('0.2.0', 5000))
  await pass(20_000)
  assert.deepEqual([outcomes(), box.firmware], [['installed'], '0.2.0'])
  bent = 2
  offer('0.3.0', program('0.3.0', 5000))
  await pass(20_000)
  bent = 0
  offer('0.4.0', program('0.4.0', 5000, 0x7f))
  await pass(20_000)
  assert.deepEqual([outcomes(), box.firmware, box.boot.next], [['installed', 'damaged', 'damaged'], '0.2.0', null])
})

test('a program that does not reach its server goes back after two minutes, and can be offered again', async () => {
  offer('0.2.0', program('0.2.0', 5000))
  const deaf = setDeaf()
  await pass(60_000)
  assert.deepEqual([box.firmware, box.boot.trial], ['0.2.0', 1])
  await pass(80_000)
  assert.deepEqual([box.firmware, box.boot], ['0.1.0', { good: 0, next: null, trial: null }])
  deaf()
  await pass(120_000)
  assert.deepEqual(outcomes(), ['wentBack'])
  offer('0.2.0', image)
  await pass(30_000)
  assert.deepEqual([box.firmware, outcomes()], ['0.2.0', ['wentBack', 'installed']])
})

test('a power cut before the new program was kept, and a program that hangs: the old one runs again', async () => {
  offer('0.2.0', program('0.2.0', 5000))
  const deaf = setDeaf()
  await pass(30_000)
  assert.equal(box.firmware, '0.2.0')
  await box.start()
  assert.equal(box.firmware, '0.1.0')
  deaf()
  await pass(60_000)
  assert.deepEqual(outcomes(), ['wentBack'])
  offer('0.2.0', image)
  // Its loop stands still from its first moment on: only the watch of the hardware is left.
  for (let i = 0; i < 60 && box.boot.next === null; i++) box.pass(500)
  box.isHanging = true
  await box.start()
  assert.equal(box.firmware, '0.2.0')
  await pass(170_000)
  assert.equal(box.firmware, '0.2.0')
  await pass(20_000)
  assert.equal(box.firmware, '0.1.0')
})

/** The new program gets no network, until the function that is returned is called. */
function setDeaf (): () => void {
  const { networks } = box
  networks.has = (name) => box.firmware !== '0.2.0' && Set.prototype.has.call(networks, name)
  return () => { networks.has = (name) => Set.prototype.has.call(networks, name) }
}
