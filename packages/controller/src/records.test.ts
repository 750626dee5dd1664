import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEventRecord, parseEvents, recordHash } from '@oncekey/protocol/messages'
import { door, Door, POWER_ON } from './testing/door.ts'

/** The door of the bank opens and closes; each is a record. */
function swing (d: Door, times: number): void {
  for (let i = 0; i < times; i++) d.sense(1, { doorState: d.bolt().doorState === 'open' ? 'closed' : 'open' })
}

function batches (d: Door): number[][] {
  return d.heard('event', parseEvents).map(({ records }) => records.map((text) => parseEventRecord(text)?.seq ?? 0))
}

test('records are numbered without a gap and chained, over boots too', () => {
  const d = door()
  swing(d, 3)
  d.reboot('watchdog')
  swing(d, 2)
  const texts = Object.entries(d.saved).filter(([key]) => key.startsWith('r/')).map(([, text]) => text)
  const records = d.stored()
  assert.deepEqual(records.map(({ seq }) => seq), [2, 3, 4, 5, 6, 7])
  for (let i = 1; i < records.length; i++) assert.equal(records[i]?.prev, recordHash(texts[i - 1] ?? ''))
  assert.deepEqual(records.map(({ trust }) => trust), ['synced', 'synced', 'synced', 'none', 'none', 'none'])
  assert.deepEqual(records.map(({ time }) => time), [3000, 3000, 3000].map((ms) => POWER_ON + ms).concat([0, 0, 0]))
})

test('records go out oldest first, eight at most, one batch at a time, and stay until they are acknowledged', () => {
  const d = door()
  d.disconnect()
  swing(d, 20)
  d.effects = []
  d.online()
  assert.deepEqual(batches(d), [[2, 3, 4, 5, 6, 7, 8, 9]])
  swing(d, 1)
  d.ack(5)
  assert.equal(batches(d).length, 1)
  d.ack(9)
  assert.deepEqual(batches(d)[1], [10, 11, 12, 13, 14, 15, 16, 17])
  d.ack(17)
  d.ack(22)
  assert.deepEqual(batches(d)[2], [18, 19, 20, 21, 22])
  assert.equal(d.stored().length, 0)
  assert.equal(batches(d).length, 3)
  swing(d, 1)
  assert.equal(batches(d).length, 4)
})

test('a welcome says what the server has; the rest is sent again', () => {
  const d = door()
  swing(d, 6)
  d.disconnect()
  d.effects = []
  d.online({ acked: 4 })
  assert.deepEqual(batches(d), [[5, 6, 7]])
  assert.deepEqual(d.stored().map(({ seq }) => seq), [5, 6, 7])
})

test('a batch whose acknowledgement is lost goes out again after 30 s', () => {
  const d = door()
  swing(d, 2)
  const sent = batches(d).length
  d.wait(29_999)
  assert.equal(batches(d).length, sent)
  d.wait(1)
  assert.deepEqual(batches(d).pop(), [2, 3])
})

test('an acknowledgement of what was never written, or was acknowledged before, changes nothing', () => {
  const d = door()
  swing(d, 2)
  const { ring } = d.controller
  d.ack(99)
  d.ack(1)
  d.ack(0)
  assert.deepEqual(d.controller.ring, ring)
})

test('what was not sent in this session is not acknowledged in it', () => {
  const d = door()
  d.disconnect()
  swing(d, 20)
  d.online()
  const { ring } = d.controller
  d.ack(10)
  assert.deepEqual(d.controller.ring, ring)
})

test('the index is durable before the first record that it calls acknowledged goes', () => {
  const d = door()
  swing(d, 2)
  const saves = d.ack(2).concat(d.ack(3)).flatMap((effect) => effect.do === 'save' ? [effect.key] : [])
  assert.deepEqual(saves, ['ring', 'r/2', 'ring', 'r/3'])
})

test('all records acknowledged: the next boot counts on', () => {
  const d = door()
  swing(d, 2)
  d.ackAll()
  assert.deepEqual(d.stored(), [])
  const head = d.controller.ring.head
  d.reboot()
  assert.deepEqual(d.stored().map(({ seq, prev }) => [seq, prev]), [[4, head]])
})

test('a full ring gives way in chunks, and says so', () => {
  const d = door()
  d.disconnect()
  swing(d, 500)
  assert.equal(d.stored().length, 500)
  swing(d, 1)
  const records = d.stored()
  assert.equal(records.length, 470)
  assert.deepEqual(records.slice(-2).map(({ type }) => type), ['records.overwritten', 'door.changed'])
  assert.ok(d.log().includes('records.overwritten 2 33'))
  assert.equal(records[0]?.seq, 34)
  assert.ok(JSON.stringify(d.effects.slice(-50)).length < 20_000)
})

test('a ring that gives way again and again always says from where', () => {
  const d = door()
  d.disconnect()
  swing(d, 1200)
  const told = d.stored().filter(({ type }) => type === 'records.overwritten')
  assert.deepEqual(told.map((record) => record.type === 'records.overwritten' ? record.first : 0), told.map(() => 2))
  const last = told.at(-1)
  assert.equal(d.stored()[0]?.seq, last?.type === 'records.overwritten' ? last.last + 1 : 0)
})

test('what said that records were lost is never lost itself, also when the server has some of what came after', () => {
  const d = door()
  d.disconnect()
  swing(d, 510)
  d.online()
  const acked = d.acked
  d.ack(d.controller.ring.records[7]?.seq ?? 0)
  d.disconnect()
  swing(d, 600)
  const told = d.stored().flatMap((record) => record.type === 'records.overwritten' ? [record.first] : [])
  assert.ok(told.includes(acked + 1), told.join())
})

test('what only looks like the record of a loss is none', () => {
  const looks = '{"seq":1,"bootId":"\\"records.overwritten\\"","time":0,"trust":"none","prev":"","type":"records.overwritten"}'
  const other = JSON.stringify({ seq: 2, bootId: 'b', time: 0, trust: 'none', prev: '', type: 'lock.jammed', lock: 1, mode: 'lock', source: 'auto', ref: '"records.overwritten"' })
  const d = new Door({ saved: { 'r/1': looks, 'r/2': other }, records: 3 })
  d.boot()
  d.senseAll()
  d.openDoor()
  assert.ok(d.log().length > 0)
})

test('storage that has room for more keeps more', () => {
  const d = door({ records: 600 })
  d.disconnect()
  swing(d, 550)
  assert.equal(d.stored().length, 550)
})

test('records that a power cut left behind after their acknowledgement are swept at boot', () => {
  const d = door()
  swing(d, 3)
  const before = { ...d.saved }
  d.ackAll()
  const saved = { ...before, ring: d.saved['ring'] ?? '' }
  const again = new Door({ saved })
  again.boot()
  assert.deepEqual(again.stored().map(({ seq }) => seq), [5])
  assert.equal(again.stored()[0]?.prev, d.controller.ring.head)
})

test('a ring that was never saved, or is torn, starts from what is there', () => {
  const one = new Door({ saved: { ring: 'x y', 'r/x': '{}', 'r/0': '{}', 'r/7': 'torn', 'r/8': '' } })
  one.boot()
  assert.equal(one.controller.ring.seq, 8)
})
