import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as holds, boolean, constantFrom, integer, property, record, uint8Array } from 'fast-check'
import { newGatherer, newSender } from './index.ts'

type Message = { topic: string, payload: Uint8Array, qos: 0 | 1, retain: boolean }
const message = (payload: string, topic = 't'): Message => ({ topic, payload: new TextEncoder().encode(payload), qos: 1, retain: false })

test('messages go whole and in order, through any room that there is, never more than there is', () => {
  holds(property(
    array(record({ topic: constantFrom('ok/v1/s/c/up/event', 't'), payload: uint8Array({ minLength: 1, maxLength: 400 }), qos: constantFrom(0 as const, 1 as const), retain: boolean() }), { maxLength: 20 }),
    array(integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 60 }), integer({ min: 1, max: 50 }),
    (messages, rooms, cut) => {
      let room = 0
      const got: { topic: string, payload: string }[] = []
      const gatherer = newGatherer(400, (topic, payload) => { got.push({ topic, payload: Buffer.from(payload).toString('hex') }) })
      let left = 0
      const sender = newSender((part, first) => {
        const costs = part.length + (first === null ? 0 : 9 + first.topic.length)
        assert.ok(costs <= room, 'more than there is room for')
        room -= costs
        if (first !== null) left = first.payload.length
        left -= part.length
        // The other end gets it in parts of its own.
        for (let at = 0; at < part.length; at += cut) {
          gatherer.part(part.slice(at, at + cut), first !== null && at === 0 ? first.topic : undefined, left > 0 || at + cut < part.length)
        }
        return room
      })
      for (const one of messages) sender.send(one)
      for (const count of [...rooms, ...Array.from({ length: 200 }, () => 150)]) sender.room(room = count)
      assert.deepEqual(got, messages.map(({ topic, payload }) => ({ topic, payload: Buffer.from(payload).toString('hex') })))
    }
  ), { numRuns: 200, verbose: true })
})

test('without room the oldest that have not begun give way; after a cut nothing of it is left', () => {
  const sent: string[] = []
  let room = 0
  const sender = newSender((part, first) => {
    sent.push((first === null ? '+' : '') + Buffer.from(part).toString())
    room -= part.length + (first === null ? 0 : 10)
    return room
  })
  sender.send(message('half'))
  sender.room(room = 12)
  assert.deepEqual(sent, ['ha'])
  for (let i = 0; i < 70; i++) sender.send(message(String(i)))
  sender.room(room = 1000)
  assert.deepEqual(sent.slice(0, 3), ['ha', '+lf', '7'])
  assert.equal(sent.at(-1), '69')
  sender.room(0)
  for (let i = 0; i < 70; i++) sender.send(message(String(i)))
  sender.clear()
  sender.room(room = 1000)
  assert.equal(sent.at(-1), '69')
  sender.send(message('next'))
  sender.room(room = 1000)
  assert.equal(sent.at(-1), 'next')
})

test('what is longer than a message may be is passed over, and the next one is heard', () => {
  const got: string[] = []
  const gatherer = newGatherer(10, (topic, payload) => { got.push(`${topic} ${Buffer.from(payload).toString()}`) })
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  gatherer.part(bytes('12345678'), 'a', true)
  gatherer.part(bytes('12345678'), undefined, true)
  gatherer.part(bytes('1'), undefined, false)
  gatherer.part(bytes('12345'), 'b', true)
  gatherer.part(bytes('67890'), undefined, false)
  gatherer.part(bytes(''), 'c', false)
  assert.deepEqual(got, ['b 1234567890', 'c '])
})
