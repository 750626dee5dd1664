import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { connect, packetReader, PINGREQ, puback, publish, subscribe, type Incoming } from './mqtt-codec.ts'

/** The long run (`npm run test:full`) tries so many times as much. */
const more = process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 50 : 1

const login = { clientId: 'c', username: 'u', password: 'pä', will: { topic: 't/w', payload: 'off' }, filter: 't/#' }
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000)

/** What a broker sends: `first` and body, with the length between. */
function raw (first: number, body: readonly number[]): number[] {
  const header = [first]
  let rest = body.length
  do {
    header.push(rest >= 128 ? rest % 128 + 128 : rest)
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return [...header, ...body]
}
function read (...bytes: number[]): Incoming[] {
  return packetReader()(Uint8Array.from(bytes))
}

test('what we send is, byte for byte, what the standard says', () => {
  assert.equal(hex(connect(login, 40)), '101f00044d51545404ee00280001630003742f7700036f6666000175000370c3a4')
  assert.equal(hex(subscribe(258, 't/#')), '820801020003742f2301')
  assert.equal(hex(publish('t', 'ä', { id: null, retain: false })), '3005000174c3a4')
  assert.equal(hex(publish('t', 'x', { id: 65_535, retain: true })), '3306000174ffff78')
  assert.equal(hex(puback(1)), '40020001')
  assert.equal(hex(PINGREQ), 'c000')
  assert.equal(hex(publish('t', 'x'.repeat(125), { id: null, retain: false })).slice(0, 6), '308001')
})

test('a string too long for its two bytes of length is refused, not cut', () => {
  assert.throws(() => subscribe(1, 'x'.repeat(65_536)), RangeError)
})

test('what a broker sends is read', () => {
  assert.deepEqual(read(...raw(0x20, [0, 0]), ...raw(0x20, [1, 5])), [{ is: 'connack', code: 0 }, { is: 'connack', code: 5 }])
  assert.deepEqual(read(...raw(0x90, [1, 2, 128])), [{ is: 'suback', id: 258, granted: 128 }])
  assert.deepEqual(read(...raw(0x40, [0, 7]), ...raw(0xd0, [])), [{ is: 'puback', id: 7 }, { is: 'pingresp' }])
  assert.deepEqual(read(...raw(0x31, [0, 1, 116])), [{ is: 'publish', topic: 't', payload: new Uint8Array(0), id: null }])
  assert.deepEqual(read(...raw(0x3b, [0, 1, 116, 1, 0, 9])), [{ is: 'publish', topic: 't', payload: Uint8Array.of(9), id: 256 }])
})

test('what no broker may send is refused', () => {
  const wrong: Record<string, number[]> = {
    'a type for servers': raw(0x10, [0, 0]), 'the reserved type': raw(0xf0, []), 'flags where there are none': raw(0x41, [0, 1]), 'a short CONNACK': raw(0x20, [0]),
    'a SUBACK for two filters': raw(0x90, [0, 1, 0, 0]), 'a PINGRESP that says more': raw(0xd0, [0]), 'QoS 2': raw(0x34, [0, 1, 116, 0, 1]), 'QoS 3': raw(0x36, [0, 1, 116, 0, 1]),
    'packet id 0': raw(0x32, [0, 1, 116, 0, 0]), 'a topic beyond its packet': raw(0x30, [0, 9, 116]), 'no room for the packet id': raw(0x32, [0, 1, 116, 0]), 'an empty topic': raw(0x30, [0, 0]),
    'no topic at all': raw(0x30, []), 'a topic that is no UTF-8': raw(0x30, [0, 1, 255]), 'a length that never ends': [0x30, 128, 128, 128, 128, 1], 'a length above the limit': [0x30, 129, 128, 1]
  }
  for (const [what, bytes] of Object.entries(wrong)) assert.throws(() => read(...bytes), Error, what)
})

test('a long packet is refused by its header, before anything is kept of it', () => {
  const feed = packetReader()
  assert.deepEqual(feed(Uint8Array.of(0x30)), [])
  assert.throws(() => feed(Uint8Array.of(0xff, 0xff, 0xff, 0x7f)), /too long/)
})

test('packets come out whole and in order, however the stream was cut and merged', (t) => {
  t.diagnostic(`seed ${seed}`)
  const message = fc.record({ topic: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), payload: fc.string({ unit: 'grapheme', maxLength: 400 }), id: fc.option(fc.integer({ min: 1, max: 65_535 })) }, { noNullPrototype: true })
  fc.assert(fc.property(fc.array(message, { maxLength: 20 }), fc.infiniteStream(fc.integer({ min: 1, max: 300 })), (messages, cuts) => {
    const stream = messages.flatMap(({ topic, payload, id }) => [...publish(topic, payload, { id, retain: false }), ...puback(7)])
    const feed = packetReader()
    const out: Incoming[] = []
    for (let at = 0; at < stream.length;) {
      const end = at + Number(cuts.next().value)
      out.push(...feed(Uint8Array.from(stream.slice(at, end))))
      at = end
    }
    const heard = out.filter((one) => one.is === 'publish').map(({ topic, payload, id }) => ({ topic, payload: Buffer.from(payload).toString(), id }))
    assert.deepEqual(heard, messages)
    assert.equal(out.length, messages.length * 2)
  }), { seed, numRuns: 300 * more })
})

test('garbage gives packets or an error, at once and of bounded size, and nothing else', (t) => {
  t.diagnostic(`seed ${seed}`)
  const kinds = ['connack', 'publish', 'puback', 'suback', 'pingresp']
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (chunks) => {
    const feed = packetReader()
    let fed = 0
    let got = 0
    try {
      for (const chunk of chunks) {
        fed += chunk.length
        for (const packet of feed(chunk)) {
          assert.ok(kinds.includes(packet.is))
          got += 2 + (packet.is === 'publish' ? packet.payload.length : 0)
        }
      }
    } catch (error) {
      assert.ok(error instanceof Error && !(error instanceof assert.AssertionError), String(error))
    }
    assert.ok(got <= fed)
  }), { seed, numRuns: 2000 * more })
})
