import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase64url, fromHex } from '@oncekey/otp/bytes'
import refused from '@oncekey/protocol/fixtures/refused.json' with { type: 'json' }
import trip from '@oncekey/protocol/fixtures/trip.json' with { type: 'json' }
import { linkKeys } from '@oncekey/protocol/messages'
import { parseTopic } from '@oncekey/protocol/topics'
import { nodeHmac } from '../platform/hmac.ts'
import { createLink, type Link } from './link.ts'

const hmac = nodeHmac()
const keys = linkKeys(fromHex(trip.root) ?? new Uint8Array(), trip.version, hmac)
const nonce = fromBase64url(trip.nonce) ?? new Uint8Array()
const ups = trip.messages.filter(({ topic }) => topic.includes('/up/'))
const downs = trip.messages.filter(({ topic }) => topic.includes('/down/'))

/** The server's end of the golden trip, after its hello was answered. */
function greeted (): { link: Link, welcome: string } {
  const link = createLink(trip.address, keys, hmac, () => nonce)
  const [first] = ups
  const heard = link.hear(first?.topic ?? '', first?.payload ?? '')
  assert.ok(heard.is === 'hello')
  return { link, welcome: link.welcome(heard.hello, { time: 1767225600000, lockoutMs: 0, acked: 0 }).payload }
}

test('the server believes every golden message of the controller, once', () => {
  const { link } = greeted()
  const digits: (string | null)[] = []
  for (const { topic, payload } of ups.slice(1)) {
    const heard = link.hear(topic, payload)
    assert.ok(heard.is === 'said', topic)
    if (heard.name === 'request') digits.push(link.digits(heard.body))
  }
  assert.deepEqual(digits, ['483920', '000000', null])
  for (const { topic, payload } of ups.slice(1)) assert.deepEqual(link.hear(topic, payload), { is: 'disbelieved', why: 'replayed' }, topic)
})

test('the server says every golden message of the server, byte for byte', () => {
  const { link, welcome } = greeted()
  const [state] = ups.filter(({ topic }) => topic.endsWith('/state'))
  link.hear(state?.topic ?? '', state?.payload ?? '')
  for (const { topic, payload, body } of downs) {
    const name = parseTopic(topic)
    assert.ok(name?.direction === 'down')
    const { s: _s, n: _n, ...facts } = JSON.parse(body)
    const said = name.name === 'welcome' ? welcome : name.name === 'settings' || name.name === 'update' ? link.state(name.name, facts).payload : link.say(name.name, facts)?.payload
    assert.equal(said, payload, topic)
  }
})

test('no golden message with an altered byte is believed, and none that the vectors call refused', () => {
  const { link } = greeted()
  for (const { topic, payload } of ups) {
    for (let i = 0; i < payload.length; i++) {
      const altered = payload.slice(0, i) + String.fromCharCode(payload.charCodeAt(i) ^ 1) + payload.slice(i + 1)
      assert.equal(link.hear(topic, altered).is, 'disbelieved', `${topic} byte ${i}`)
    }
  }
  assert.ok(refused.envelopes.length > 5)
  for (const { topic, payload, why } of refused.envelopes) assert.equal(link.hear(topic, payload).is, 'disbelieved', why)
  assert.equal(link.isOpen, false)
})
