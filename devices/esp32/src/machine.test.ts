import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { identityFrom } from '@oncekey/host'
import { testServer, type TestServer } from '../../../apps/simulator/src/testing/server.ts'
import { newMachine, type Machine, type Request } from './testing/machine.ts'

const certificate = randomBytes(500)
const ca = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`
const fingerprint = createHash('sha256').update(certificate).digest('hex').toUpperCase().match(/../g)?.join(':') ?? ''
const form = (print: string): string => String(new URLSearchParams({ ssid: 'lan', password: 'secret 1', server: 'https://keys.lan:8443', fingerprint: print }))

let box: Machine
let server: TestServer
let key = ''
let isClaimed = false

before(() => { box = newMachine() })
after(() => { box.end() })

function commissioning ({ path, body }: Request): { status: number, body: string } | null {
  if (path === '/ca.pem') return { status: 200, body: ca }
  if (path !== '/api/v1/commissioning') return null
  const asked: { key: string } = JSON.parse(body)
  key = asked.key
  return { status: 200, body: JSON.stringify(isClaimed ? { claimed: true, siteId: 's1', controllerId: 'c1', mqttPort: 1883, mqttsPort: 8883, ca } : { claimed: false, retryAfterMs: 1000 }) }
}

test('a box that belongs nowhere opens its own network, with a password that is on its display', async () => {
  await box.start()
  box.pass(1000)
  assert.equal(box.accessPoint?.ssid, 'Oncekey-eeff')
  assert.deepEqual(box.rows(), ['Oncekey-eeff    ', `Key ${box.accessPoint.password}  `])
  // 50 bits: it is tried at home by whoever heard a phone join.
  assert.match(box.accessPoint.password, /^[2-9A-HJ-NP-Z]{10}$/)
  assert.equal(box.submit('ssid=lan'), 400)
  assert.equal(box.restarts, 0)
  assert.equal(box.submit(form('00:11')), 200)
  box.pass(2000)
  assert.equal(box.restarts, 1)
})

test('a server with another authority than was typed gets no key', async () => {
  box.networks.add('lan')
  box.serve = commissioning
  await box.start()
  box.pass(60_000)
  assert.equal(box.rows()[0], 'Not that server!')
  assert.ok(box.requests.length >= 2)
  assert.ok(box.requests.every(({ path }) => path === '/ca.pem'))
})

test('the right one is asked, over its own authority and with a clock that was set, until somebody has typed the code', async () => {
  box.flash.get('place')?.clear()
  await box.start()
  box.submit(form(fingerprint))
  box.requests.length = 0
  await box.start()
  box.pass(5000)
  assert.equal(box.clockSet, 1_800_000_000)
  const [first, second] = box.requests
  assert.deepEqual([first?.path, first?.secure?.verify, second?.path, second?.secure?.verify], ['/ca.pem', false, '/api/v1/commissioning', undefined])
  assert.deepEqual(Buffer.from(second?.secure?.certificate ?? new ArrayBuffer()), certificate)
  const { claimCode }: { claimCode: string } = JSON.parse(second?.body ?? '{}')
  assert.deepEqual(box.rows(), ['Claim code:     ', `${claimCode}      `])
  assert.equal(box.mqtt, null)
})

test('claimed, it logs in over TLS 1.2 and gets its settings', () => {
  const identity = identityFrom({ siteId: 's1', controllerId: 'c1', key })
  assert.ok(identity !== null)
  server = testServer(identity, (topic, payload) => { box.deliver(topic, payload) }, { time: () => 1_800_000_000_000 })
  box.publish = (topic, payload) => { server.receive(topic, payload) }
  isClaimed = true
  box.pass(3000)
  assert.deepEqual([box.mqtt?.host, box.mqtt?.port, box.mqtt?.user, box.mqtt?.socket.secure?.protocolVersion], ['keys.lan', 8883, 'c1', 0x303])
  server.settings({ locks: [{ lock: 1, label: 'Workshop', kind: 'door' }] })
  box.pass(3000)
  assert.match(box.rows()[0], /^Bank A/)
  assert.match(box.rows()[1], /^Enter code/)
  assert.deepEqual(box.duties, [], 'nothing has moved')
})

test('a code turns the servo for 600 ms, and the door locks again once it is shut', () => {
  server.codes.set('123456', 1)
  box.type('123456#')
  box.pass(200)
  assert.deepEqual([box.duties, box.isPulsing], [[Math.round(500 * 16383 / 20_000)], true])
  box.pass(600)
  assert.equal(box.isPulsing, false)
  assert.equal(box.rows()[0], 'Open: Workshop  ')
  box.isDoorShut = false
  box.pass(20_000)
  assert.equal(box.duties.length, 1)
  box.isDoorShut = true
  box.pass(7000)
  assert.deepEqual(box.duties, [410, 1188])
  assert.deepEqual(server.records.filter((one) => one.type === 'lock.actuated').map((one) => one.lockState), ['unlocked', 'locked'])
})

test('after a power cut and without any network it works at once, and moves nothing', async () => {
  box.networks.clear()
  box.duties.length = 0
  box.resetReason = 9
  await box.start()
  box.pass(5000)
  assert.match(box.rows()[0], /offline/)
  box.type('1')
  box.pass(50)
  assert.deepEqual(box.rows(), ['Code:           ', '*               '])
  assert.deepEqual(box.duties, [])
  assert.equal(box.accessPoint, null, 'one that is somebody\'s opens no network of its own')
})

test('when the network is back it comes back by itself, with its record', () => {
  box.networks.add('lan')
  box.pass(120_000)
  assert.match(box.rows()[1], /Enter code/)
  assert.equal(server.records.filter((one) => one.type === 'controller.booted').at(-1)?.reset, 'brownOut')
  assert.deepEqual(server.records.map(({ seq }) => seq), server.records.map((_, i) => i + 1))
})

test('each minute it says how it stands: the menu at the keypad knows the network', () => {
  server.settings({ locks: [{ lock: 1, label: 'Workshop', kind: 'door' }], menu: true })
  box.pass(61_000)
  box.type('D')
  box.pass(50)
  assert.match(box.rows().join('|'), /lan/)
  box.type('*')
  box.pass(50)
})

test('a battery is measured where it hangs on a pin, and nowhere else', async () => {
  // By a name that the compiler does not follow: it has the SDK's types for devices only.
  const file: string = './battery.ts'
  const { openBattery }: { openBattery: (at: { pin: number, ratio: number } | null) => () => number } = await import(file)
  box.analog = 1023
  assert.equal(openBattery(null)(), 0)
  const read = openBattery({ pin: 34, ratio: 3 })
  assert.equal(read(), 9900)
  box.analog = 400
  assert.equal(read(), 3871)
})

test('what is no text neither opens the door nor starts the box anew: whoever holds the broker could keep it starting', async () => {
  const bad = Uint8Array.of(0xff, 0xc3, 0x28)
  for (const name of ['settings', 'update', 'welcome', 'command']) box.deliver(`ok/v1/s1/c1/down/${name}`, bad)
  box.deliver('ok/v1/s1/c1/down/settings', Uint8Array.of(0xf0, 0x9f))
  server.codes.set('654321', 1)
  box.duties.length = 0
  box.type('654321#')
  box.pass(1000)
  assert.equal(box.duties.length, 1, 'it goes on')
  box.pass(20_000)
})

test('an answer that is no text is as none; one whose characters come in two parts is read', async () => {
  const owner = box.flash.get('place')?.get('owner') ?? ''
  const memory = box.flash.get('door') ?? new Map<string, string>()
  box.flash.delete('door')
  box.flash.get('place')?.delete('owner')
  box.serve = ({ path }) => path === '/api/v1/commissioning' ? { status: 200, body: Uint8Array.of(0x7b, 0xff) } : { status: 200, body: ca }
  await box.start()
  box.pass(10_000)
  assert.equal(box.rows()[0], 'Claim code:     ')
  const before = box.requests.length
  box.serve = () => ({ status: 200, body: '{"claimed":false,"retryAfterMs":1000,"x":"ääääääääääää"}' })
  box.pass(30_000)
  assert.ok(box.requests.length > before + 3)
  box.flash.set('door', memory)
  box.flash.get('place')?.set('owner', owner)
  box.serve = commissioning
})

test('without the world the time comes from the server', async () => {
  box.hasTime = false
  box.clockSet = 0
  box.serve = (request) => request.path === '/health' ? { status: 200, body: '{}', headers: { date: 'Sun, 22 Nov 2026 10:00:00 GMT' } } : commissioning(request)
  await box.start()
  box.pass(30_000)
  assert.equal(box.clockSet, Date.UTC(2026, 10, 22, 10) / 1000)
  assert.match(box.rows()[1], /Enter code/)
})

test('the cable says what this is, and gives it another network', () => {
  const packet = (data: number[]): number[] => {
    const bytes = [...Buffer.from('IMPROV'), 1, 3, data.length, ...data]
    return [...bytes, bytes.reduce((sum, byte) => sum + byte, 0) & 0xff]
  }
  const text = (value: string): number[] => [value.length, ...Buffer.from(value)]
  box.cable(packet([3, 0]))
  assert.match(Buffer.from(box.serialOut).toString('latin1'), /Oncekey.*ESP32/)
  box.networks.add('other')
  box.restarts = 0
  const data = [...text('other'), ...text('pass')]
  box.cable(packet([1, data.length, ...data]))
  box.pass(5000)
  assert.equal(box.restarts, 1)
  assert.match(box.flash.get('place')?.get('place') ?? '', /"ssid":"other"/)
})

test('a flash that takes nothing any more stops the door, which says so and tries again', async () => {
  await box.start()
  box.pass(3000)
  box.isFlashFull = true
  box.duties.length = 0
  box.restarts = 0
  box.isDoorShut = false
  box.pass(1000)
  assert.equal(box.rows()[0], 'Storage failed  ')
  box.type('123456#')
  box.pass(58_000)
  assert.deepEqual([box.duties, box.restarts], [[], 0])
  box.pass(5000)
  assert.equal(box.restarts, 1)
})
