import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import trip from '@oncekey/protocol/fixtures/trip.json' with { type: 'json' }
import { door, benchIdentity, type Door } from '@oncekey/controller/testing'
import { fromHex } from '@oncekey/otp/bytes'
import { linkKeys, open, parseHello, seal, type Hmac } from '@oncekey/protocol/messages'
import { downTopic, parseTopic, type DownName } from '@oncekey/protocol/topics'
import { createLink, type Link } from '../apps/server/src/controllers/link.ts'
import { heapInUse } from './support/heap.ts'
import { mutateBytes, mutateJson } from './support/mutate.ts'
import { dice, figure, seedOfRun, size } from './support/size.ts'

const MESSAGES = size(15_000, 2_000_000)
const AT_DOOR = size(4000, 200_000)
const MB = 1_048_576
const seed = seedOfRun()
const hmac: Hmac = (key, message) => new Uint8Array(createHmac('sha256', key).update(message).digest())
const keys = linkKeys(fromHex(trip.root) ?? new Uint8Array(32), trip.version, hmac)
const ups = trip.messages.filter((one) => one.key === 'mac-up')
const downs = trip.messages.filter((one) => one.key === 'mac-down')

test(`damaged messages with a true seal and true messages with a damaged seal: the server's end throws at none of ${MESSAGES}, seed ${seed}`, () => {
  const roll = dice(seed)
  const heard: Record<string, number> = {}
  let link = newLink()
  let n = 0
  const before = heapInUse()
  for (let i = 0; i < MESSAGES; i++) {
    // A new line now and then, so that sessions begin and end in the middle of it.
    if (roll(2000) === 0) {
      link = newLink()
      n = 0
    }
    const one = ups[roll(ups.length)] ?? ups[0]
    if (one === undefined) throw new Error('No messages.')
    const { topic, payload } = damaged(one, roll, ++n)
    const { is } = link.hear(topic, payload)
    heard[is] = (heard[is] ?? 0) + 1
  }
  const grown = heapInUse() - before
  assert.ok((heard['said'] ?? 0) > MESSAGES / 100 && (heard['disbelieved'] ?? 0) > MESSAGES / 4, `too one-sided to show anything: ${JSON.stringify(heard)}`)
  assert.ok(grown < 16 * MB, `${grown} bytes were kept`)
  figure(`codec: ${MESSAGES} damaged messages at the server's end from seed ${seed}, none threw, heap ${grown >= 0 ? '+' : ''}${(grown / MB).toFixed(1)} MB (${Object.entries(heard).map(([is, count]) => `${count} ${is}`).join(', ')})`)
})

test(`nor does the controller program at ${AT_DOOR}; without the seal nothing in it changes`, () => {
  const roll = dice(seed + 1)
  let bench = door({ locks: 2 })
  for (let i = 0; i < AT_DOOR; i++) {
    if (i % 400 === 399) bench = door({ locks: 2 })
    const one = downs[roll(downs.length)] ?? downs[0]
    if (one === undefined) throw new Error('No messages.')
    const name = parseTopic(one.topic)?.name as DownName
    const topic = downTopic(benchIdentity, name)
    const body = mutateJson(one.body, roll).replace(trip.session, bench.session).replace(/"n":\d+/, `"n":${++bench.sentN}`).replace(trip.epoch, bench.epoch)
    if (roll(2) === 0) bench.deliver(bench.sealed(name, damagedObject(body)))
    else forgedChangesNothing(bench, topic, Buffer.from(mutateBytes(Buffer.from(one.payload), roll)).toString())
    // It still works as a box: keys, timers.
    bench.type('1')
    bench.wait(roll(300))
  }
  figure(`codec: ${AT_DOOR} damaged messages at the controller program from seed ${seed + 1}, none threw`)
})

test('the envelope opens nothing that was changed by one bit', () => {
  let tried = 0
  for (const { topic, payload, key } of trip.messages) {
    const mac = key === 'mac-up' ? keys.macUp : keys.macDown
    assert.notEqual(open(mac, topic, payload, hmac), null)
    const bytes = Buffer.from(payload)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ 1 << (bit & 7)
      assert.equal(open(mac, topic, changed.toString('latin1'), hmac), null)
      tried++
    }
    for (let length = 0; length < payload.length; length++) assert.equal(open(mac, topic, payload.slice(0, length), hmac), null)
  }
  figure(`envelope: ${tried} changes of one bit, 0 opened`)
})

/** A server's end with a session that the golden trip's controller may speak in. */
function newLink (): Link {
  let draws = 0
  const nonce = Buffer.from(trip.nonce, 'base64url')
  const link = createLink(trip.address, keys, hmac, (count) => draws++ === 0 ? nonce : Buffer.alloc(count, draws))
  const hello = parseHello(ups.find((one) => one.topic.endsWith('/hello'))?.body ?? '')
  if (hello === null) throw new Error('No hello.')
  link.welcome(hello, { time: 0, lockoutMs: 0, acked: 0 })
  return link
}

function damaged (one: { topic: string, body: string, payload: string }, roll: (sides: number) => number, n: number): { topic: string, payload: string } {
  switch (roll(4)) {
    // A liar with the key.
    case 0: case 1: {
      const body = roll(6) === 0 ? one.body : mutateJson(one.body, roll)
      return { topic: one.topic, payload: seal(keys.macUp, one.topic, body.replace(/"n":\d+/, `"n":${n}`), hmac) }
    }
    case 2: return { topic: one.topic, payload: Buffer.from(mutateBytes(Buffer.from(one.payload), roll)).toString(roll(2) === 0 ? 'utf8' : 'latin1') }
    default: return { topic: Buffer.from(mutateBytes(Buffer.from(one.topic), roll)).toString(), payload: one.payload }
  }
}

function damagedObject (body: string): object {
  try {
    return Object(JSON.parse(body)) as object
  } catch {
    return {}
  }
}

function forgedChangesNothing (bench: Door, topic: string, payload: string): void {
  const before = JSON.stringify([bench.controller.link, bench.controller.settings, bench.controller.locks, bench.controller.ring, bench.controller.commands])
  const moves = bench.moves()
  bench.deliver({ topic, payload })
  assert.equal(bench.moves(), moves)
  assert.equal(JSON.stringify([bench.controller.link, bench.controller.settings, bench.controller.locks, bench.controller.ring, bench.controller.commands]), before)
}
