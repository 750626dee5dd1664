import assert from 'node:assert/strict'
import { createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import entries from '../fixtures/entries.json' with { type: 'json' }
import keys from '../fixtures/keys.json' with { type: 'json' }
import records from '../fixtures/records.json' with { type: 'json' }
import refused from '../fixtures/refused.json' with { type: 'json' }
import trip from '../fixtures/trip.json' with { type: 'json' }
import * as messages from './messages/index.ts'
import { golden } from './testing/golden.ts'
import { parseTopic } from './topics.ts'

// "Independent" below: computed with Node's own crypto from the rule as docs/protocol.md words it, without our code.
const root = Buffer.from(keys.root, 'hex')
const ours = messages.linkKeys(root, 1)
const macKeys: Record<string, Uint8Array> = { 'mac-up': ours.macUp, 'mac-down': ours.macDown }

function keyNamed (label: string): Uint8Array {
  const key = macKeys[label]
  assert.ok(key, label)
  return key
}

function hmac (key: Uint8Array, message: string): Buffer {
  return createHmac('sha256', key).update(message, 'utf8').digest()
}

const parsers: Record<string, (body: string) => object | null> = {
  'up/hello': messages.parseHello,
  'up/state': messages.parseState,
  'up/event': messages.parseEvents,
  'up/request': messages.parseRequest,
  'up/result': messages.parseResult,
  'up/time': messages.parseTimeQuestion,
  'up/health': messages.parseHealth,
  'down/welcome': messages.parseWelcome,
  'down/ack': messages.parseAck,
  'down/answer': messages.parseAnswer,
  'down/command': messages.parseCommand,
  'down/settings': messages.parseSettings,
  'down/time': messages.parseTimeAnswer,
  'down/update': messages.parseUpdate,
  'down/pins': messages.parsePins
}

test('the files say what the code says today', () => {
  const today = golden()
  assert.deepEqual(JSON.parse(JSON.stringify(today)), { keys, entries, records, trip, refused })
})

test('derived keys, broker password and session: independent', () => {
  for (const { version, derived, brokerPassword, downloadToken } of keys.versions) {
    for (const [label, hex] of Object.entries(derived)) assert.equal(hmac(root, `${label}|${version}`).toString('hex'), hex)
    assert.equal(hmac(root, `broker|${version}`).toString('base64url'), brokerPassword)
    assert.equal(hmac(hmac(root, `update|${version}`), '7').toString('base64url'), downloadToken)
  }
  const { epoch, nonce, session } = keys.session
  assert.equal(Buffer.concat([Buffer.from(epoch, 'base64url'), Buffer.from(nonce, 'base64url')]).toString('base64url'), session)
  assert.equal(session.length, 43)
})

test('every payload of the trip: independent, opened, parsed, and nothing of it lost', () => {
  const seen = new Set<string>()
  for (const { topic, key, body, payload } of trip.messages) {
    const mac = hmac(hmac(root, `${key}|1`), topic + '\n' + body).subarray(0, 16).toString('base64url')
    assert.equal(payload, mac + '.' + body)
    assert.equal(messages.seal(keyNamed(key), topic, body), payload)
    assert.equal(messages.open(keyNamed(key), topic, payload), body)
    const place = parseTopic(topic)
    assert.ok(place)
    assert.equal(key, 'mac-' + place.direction)
    const name = `${place.direction}/${place.name}`
    assert.deepEqual(parsers[name]?.(body), JSON.parse(body), name)
    seen.add(name)
  }
  assert.deepEqual([...seen].sort(), Object.keys(parsers).sort(), 'the trip has every message')
})

test('every altered character, bit by bit, of every payload is refused, and every cut and every added character', () => {
  let tried = 0
  for (const { topic, key, payload } of trip.messages) {
    const mac = keyNamed(key)
    for (let i = 0; i < payload.length; i++) {
      for (let bit = 0; bit < 7; bit++) {
        const altered = payload.slice(0, i) + String.fromCharCode(payload.charCodeAt(i) ^ 1 << bit) + payload.slice(i + 1)
        assert.equal(messages.open(mac, topic, altered, fastHmac), null, altered)
        tried++
      }
      assert.equal(messages.open(mac, topic, payload.slice(0, i), fastHmac), null)
      assert.equal(messages.open(mac, topic, payload.slice(0, i) + payload.slice(i + 1), fastHmac), null)
    }
    assert.equal(messages.open(mac, topic, payload, fastHmac), payload.slice(23), 'the unaltered one opens')
  }
  assert.ok(tried > 20_000)
})

test('every payload opens on its own topic only', () => {
  for (const one of trip.messages) {
    for (const other of trip.messages) {
      if (other.topic !== one.topic) assert.equal(messages.open(keyNamed(other.key), other.topic, one.payload), null)
    }
  }
})

test('counters of the trip rise in each direction, and no body is accepted twice', () => {
  const last: Record<string, number> = {}
  for (const { key, body } of trip.messages) {
    const { s, n }: { s?: string, n?: number } = JSON.parse(body)
    if (s === undefined || n === undefined) continue
    assert.ok(messages.acceptsNext(trip.session, last[key] ?? 0, { s, n }))
    last[key] = n
    assert.ok(!messages.acceptsNext(trip.session, n, { s, n }))
  }
})

test('entries: independent, there and back', () => {
  const { session } = entries
  for (const { n, digits, entry } of entries.entries) {
    const plain = Buffer.alloc(16)
    plain[0] = digits.length
    plain.write(digits, 1, 'ascii')
    const pad = hmac(Buffer.from(entries.encUp, 'hex'), `${session}|${n}`)
    assert.equal(Buffer.from(plain.map((byte, i) => byte ^ (pad[i] ?? 0))).toString('base64url'), entry)
    assert.equal(messages.sealEntry(ours.encUp, session, n, digits), entry)
    assert.equal(messages.openEntry(ours.encUp, session, n, entry), digits)
  }
  assert.equal(new Set(entries.entries.map((one) => one.entry)).size, entries.entries.length)
})

test('the chain of records: independent, each naming the one before', () => {
  let prev = ''
  for (const [i, { text, hash }] of records.records.entries()) {
    assert.equal(createHash('sha256').update(text, 'utf8').digest().subarray(0, 16).toString('base64url'), hash)
    assert.equal(messages.recordHash(text), hash)
    const record = messages.parseEventRecord(text)
    assert.deepEqual(record, JSON.parse(text))
    assert.deepEqual([record?.seq, record?.prev], [i + 1, prev])
    prev = hash
  }
})

test('the image that is offered: signed, independent', () => {
  const body = trip.messages.find(({ about }) => about.startsWith('an image is offered'))?.body ?? ''
  const image = messages.parseUpdate(body)
  assert.ok(image?.op === 'install')
  assert.equal(createHash('sha256').update('an image').digest('base64url'), image.sha256)
  const text = `oncekey image 1\n${image.hardware}\n${image.version}\n${image.minimum}\n${image.size}\n${image.sha256}\n`
  assert.equal(messages.imageText(image), text)
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: image.key }, format: 'jwk' })
  assert.ok(verify(null, Buffer.from(text), key, Buffer.from(image.signature, 'base64url')))
})

test('the verifiers of pins: independent', () => {
  const body = trip.messages.find(({ topic }) => topic.endsWith('/down/pins'))?.body ?? ''
  const key = hmac(root, 'offline|1')
  assert.deepEqual(messages.parsePins(body)?.pins.map(({ verifier }) => verifier), ['40719328', '00000000'].map((digits) => hmac(key, `pin|${digits}`).subarray(0, 16).toString('base64url')))
})

test('what is wrong is refused, for each reason', () => {
  for (const { why, key, topic, payload } of refused.envelopes) assert.equal(messages.open(keyNamed(key), topic, payload), null, why)
  for (const { why, name, body } of refused.bodies) assert.equal((parsers['down/' + name] ?? parsers['up/' + name])?.(body), null, why)
  for (const { why, session, last, body } of refused.orders) {
    const answer = messages.parseAnswer(body)
    assert.ok(answer)
    assert.equal(messages.acceptsNext(session, last, answer), false, why)
  }
  for (const { why, n, entry } of refused.entries) assert.equal(messages.openEntry(ours.encUp, entries.session, n, entry), null, why)
  for (const { why, topic } of refused.topics) assert.equal(parseTopic(topic), null, why)
})

function fastHmac (key: Uint8Array, message: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(message).digest()
}
