import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase64url, fromHex } from '@oncekey/otp/bytes'
import trip from '@oncekey/protocol/fixtures/trip.json' with { type: 'json' }
import { Door } from './testing/door.ts'

const bytes = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array()
const messagesOf = (name: string) => trip.messages.filter(({ topic }) => topic.endsWith('/down/' + name))

/** The controller of the golden trip, in its session, with one question asked in an earlier one. */
function goldenDoor (): Door {
  const identity = { ...trip.address, rootKey: fromHex(trip.root) ?? new Uint8Array() }
  const d = new Door({ identity, locks: 12 })
  const [welcome] = messagesOf('welcome')
  assert.ok(welcome)
  d.step({ is: 'booted', reset: 'powerOn', identity, saved: {}, entropy: bytes('b00t'), firmware: '0.1.0', hardware: 'golden', locks: 12 })
  d.online()
  d.type('1#')
  d.disconnect()
  d.now = 5000
  d.step({ is: 'connected', entropy: bytes(trip.epoch) })
  d.deliver(welcome)
  assert.equal(d.controller.link?.session?.s, trip.session)
  d.session = trip.session
  return d
}

test('every golden message of the server does what it says', () => {
  const d = goldenDoor()
  const [settings, next] = messagesOf('settings')
  assert.ok(settings && next)
  d.deliver(settings)
  for (const ack of messagesOf('ack')) d.deliver(ack)
  d.wait(5000)
  assert.equal(d.controller.settings?.name, 'Lobby – Süd')
  d.type('123#')
  const [granted, refused] = messagesOf('answer')
  assert.ok(granted && refused)
  d.deliver(granted)
  assert.equal(d.lcd, 'Open: A07 / Close it after')
  d.type('123#')
  d.deliver(refused)
  assert.equal(d.lcd, 'Not accepted / 2 tries left')
  d.deliver(next)
  assert.deepEqual([d.controller.settings?.version, d.controller.settings?.menu], [2, true])
  for (const command of messagesOf('command')) d.deliver(command)
  d.wait(1000)
  assert.equal(d.moves(), 2)
  assert.deepEqual(d.results().map(({ status }) => status), ['succeeded', 'succeeded'])
})

test('a golden question is the one that this controller asks', () => {
  const [first] = trip.messages.filter(({ topic }) => topic.endsWith('/up/request'))
  const d = goldenDoor()
  assert.equal(d.reported()?.n, 1)
  d.type('483920#')
  const asked = d.effects.flatMap((effect) => effect.do === 'publish' && effect.topic === first?.topic ? [effect.payload] : [])
  assert.equal(asked.pop(), first?.payload)
})
