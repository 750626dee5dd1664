import assert from 'node:assert/strict'
import { test } from 'node:test'
import records from '../../fixtures/records.json' with { type: 'json' }
import trip from '../../fixtures/trip.json' with { type: 'json' }
import { parseTopic } from '../topics.ts'
import * as messages from './index.ts'
import { list, text } from './read.ts'

const s = trip.session
const parsers: Record<string, (body: string) => object | null> = {
  'up/hello': messages.parseHello, 'up/state': messages.parseState, 'up/event': messages.parseEvents, 'up/request': messages.parseRequest,
  'up/result': messages.parseResult, 'up/time': messages.parseTimeQuestion, 'up/health': messages.parseHealth, 'down/welcome': messages.parseWelcome,
  'down/ack': messages.parseAck, 'down/answer': messages.parseAnswer, 'down/command': messages.parseCommand, 'down/settings': messages.parseSettings,
  'down/time': messages.parseTimeAnswer, 'down/update': messages.parseUpdate, 'down/pins': messages.parsePins
}

/** Every kind of body that there is, right in every field. */
const right: { name: string, parse: (body: string) => object | null, body: string }[] = [
  ...trip.messages.map(({ topic, body }) => {
    const place = parseTopic(topic)
    const name = `${place?.direction}/${place?.name}`
    return { name, parse: parsers[name] ?? (() => null), body }
  }),
  ...records.records.map(({ text }) => ({ name: 'record', parse: messages.parseEventRecord, body: text })),
  { name: 'up/request', parse: messages.parseRequest, body: JSON.stringify({ s, n: 1, id: 'x', kind: 'requestCode', mode: 'unlock', lock: 0 }) },
  { name: 'down/answer', parse: messages.parseAnswer, body: JSON.stringify({ s, n: 1, id: 'x', kind: 'requestCode', status: 'sent', sent: 1, of: 2, waitMs: 120_000 }) }
]

test('a body with all its fields is read; without any one of them, or with a wrong one, it is not', () => {
  for (const { name, parse, body } of right) {
    assert.deepEqual(parse(body), JSON.parse(body), name)
    const paths = [...pathsOf(JSON.parse(body))]
    assert.ok(paths.length >= 2, name)
    for (const path of paths) {
      for (const wrong of [undefined, null, {}, [null], 'no such word', 'x'.repeat(1025), -1e9, 0.5, 1e300]) {
        if (wrong === 'no such word' && isFreeText(path) || wrong === undefined && isOptional(path)) continue
        const bent = JSON.stringify(withField(JSON.parse(body), path, wrong))
        assert.equal(parse(bent), null, `${name} ${path.join('.')} = ${JSON.stringify(wrong)}`)
      }
    }
  }
})

test('versions are three plain numbers, and are ordered as numbers', () => {
  for (const right of ['0.0.0', '1.20.300', '99999.0.1']) assert.ok(messages.versionNumber(right) >= 0, right)
  for (const wrong of ['', '1', '1.0', '1.0.0.0', '01.0.0', '1.0.0 ', '1.0.x', '1e1.0.0', '-1.0.0', '1.0.100000', '1..0', 'v1.0.0']) assert.equal(messages.versionNumber(wrong), -1, wrong)
  const rising = ['dev', '0.0.0', '0.0.9', '0.0.10', '0.9.0', '0.10.0', '9.0.0', '10.0.0']
  rising.forEach((a, i) => rising.forEach((b, j) => assert.equal(Math.sign(messages.versionNumber(a) - messages.versionNumber(b)), Math.sign(i - j), `${a} ${b}`)))
})

test('what is no JSON object is no body', () => {
  for (const { name, parse } of right) {
    for (const text of ['', 'null', '[]', '1', '"x"', '{', '{"s":', 'undefined', '{}', '[{}]', 'true', ' ']) assert.equal(parse(text), null, `${name}: ${text}`)
  }
})

test('fields that this version does not know are left out, not refused', () => {
  for (const { name, parse, body } of right) {
    assert.deepEqual(parse(JSON.stringify({ ...JSON.parse(body), later: { deep: [1] } })), JSON.parse(body), name)
  }
})

test('what every object inherits is no field', () => {
  assert.equal(messages.parseAck('{"s":"' + s + '","n":1,"__proto__":{"seq":1}}'), null)
  assert.equal(messages.parseCommand(JSON.stringify({ s, n: 1, id: 'x', expires: 1, op: 'toString', lock: 1 })), null)
})

test('a list is read within its lengths, both included, item by item', () => {
  const item = (value: unknown): string | null => text(value, 1, 1)
  assert.equal(list(['a'], 2, 3, item), null)
  assert.deepEqual(list(['a', 'b'], 2, 3, item), ['a', 'b'])
  assert.deepEqual(list(['a', 'b', 'c'], 2, 3, item), ['a', 'b', 'c'])
  assert.equal(list(['a', 'b', 'c', 'd'], 2, 3, item), null)
  assert.equal(list(['a', 2], 2, 3, item), null)
  assert.equal(list({ length: 2 }, 2, 3, item), null)
})

test('lengths are counted in code points', () => {
  assert.equal(text('𝒳𝒳', 2, 2), '𝒳𝒳')
  assert.equal(text('𝒳𝒳', 3, 4), null)
  assert.equal(text('\ud835\ud835', 2, 2), '\ud835\ud835')
  assert.equal(text('\udcb3\udcb3', 2, 2), '\udcb3\udcb3')
  assert.equal(text('\ud835a', 2, 2), '\ud835a')
  assert.equal(text('e\udcb3', 2, 2), 'e\udcb3')
  assert.equal(text('\ue000\udcb3', 2, 2), '\ue000\udcb3')
  assert.equal(text('\ud835\ue000', 2, 2), '\ud835\ue000')
  assert.equal(text('', 0, 0), '')
  for (const pair of ['\ud800\udc00', '\udbff\udfff', '\ud800\udfff', '\udbff\udc00']) assert.equal(text(pair, 1, 1), pair)
})

test('the limits are those of the contract', () => {
  const { MAX_ID, MAX_LOCK, MAX_MOMENT, MAX_MS, MAX_N, MAX_RECORD, MAX_RECORDS, MAX_PAYLOAD, MAX_ENTRY_DIGITS } = messages
  assert.deepEqual({ MAX_ID, MAX_LOCK, MAX_MOMENT, MAX_MS, MAX_N, MAX_RECORD, MAX_RECORDS, MAX_PAYLOAD, MAX_ENTRY_DIGITS }, {
    MAX_ID: 64, MAX_LOCK: 96, MAX_MOMENT: new Date(8.64e15).getTime(), MAX_MS: 24 * 3_600_000, MAX_N: 2 ** 31 - 1, MAX_RECORD: 1024, MAX_RECORDS: 32,
    MAX_PAYLOAD: 8192, MAX_ENTRY_DIGITS: 12
  })
})

test('as many locks as a controller may have fit into one message, states and labels alike', () => {
  const locks = Array.from({ length: messages.MAX_LOCK }, (_, i) => i + 1)
  const state = { s, n: messages.MAX_N, mode: 'lockedOut', locks: locks.map((lock) => ({ lock, lockState: 'notFullyLocked', doorState: 'forcedOpen' })), millivolts: 100_000, lockoutMs: messages.MAX_MS }
  const settings = {
    version: messages.MAX_N, name: 'x'.repeat(64), language: 'x'.repeat(16), utcOffsetMinutes: -900, wrongCodeEntryLimit: 10, lockoutMs: messages.MAX_MS,
    autoRelockMs: messages.MAX_MS, locks: locks.map((lock) => ({ lock, label: 'x'.repeat(32), kind: 'compartment' }))
  }
  assert.ok(messages.parseState(JSON.stringify(state)))
  assert.ok(messages.parseSettings(JSON.stringify(settings)))
  assert.ok(JSON.stringify(state).length + 23 <= messages.MAX_PAYLOAD)
  assert.ok(JSON.stringify(settings).length + 23 <= messages.MAX_PAYLOAD)
  const key = new Uint8Array(32)
  const body = 'x'.repeat(messages.MAX_PAYLOAD - 23)
  assert.equal(messages.open(key, 't', messages.seal(key, 't', body)), body)
  assert.equal(messages.open(key, 't', messages.seal(key, 't', body + 'x')), null)
})

/** Places where one of the wrong values is right after all: free text. */
function isFreeText (path: readonly string[]): boolean {
  const [first = '', second] = path
  return second === undefined
    ? ['firmware', 'hardware', 'bootId', 'id', 'ref', 'name', 'language', 'url'].includes(first)
    : ['abilities', 'records'].includes(first) || path.at(-1) === 'label' || path[1] === 'revoked'
}

/** What a body may lack. */
function isOptional (path: readonly string[]): boolean {
  return ['ended', 'rssi', 'celsius', 'offline', 'doorAlarms', 'battery', 'menu', 'failSafe'].includes(path.at(-1) ?? '')
}

function * pathsOf (value: unknown, path: string[] = []): Generator<string[]> {
  if (path.length > 0) yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) yield * pathsOf(child, [...path, key])
}

function withField (value: unknown, [key = '', ...rest]: readonly string[], field: unknown): unknown {
  if (Array.isArray(value)) return value.map((one, i) => String(i) !== key ? one : rest.length === 0 ? field ?? null : withField(one, rest, field))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, name !== key ? child : rest.length === 0 ? field : withField(child, rest, field)]))
}

test('a record of a newer program keeps its head: number, boot, time, chain and the name of its fact', () => {
  const newer = { seq: 7, bootId: 'b', time: 5, trust: 'synced', prev: '', type: 'light.changed', lux: 3 }
  assert.equal(messages.parseEventRecord(JSON.stringify(newer)), null)
  assert.deepEqual(messages.parseEventHead(JSON.stringify(newer)), { seq: 7, bootId: 'b', time: 5, trust: 'synced', prev: '', type: 'light.changed' })
  for (const wrong of [{ ...newer, type: '' }, { ...newer, type: 'x'.repeat(65) }, { ...newer, seq: 0 }]) assert.equal(messages.parseEventHead(JSON.stringify(wrong)), null)
  assert.equal(messages.parseEventHead('no record'), null)
})

test('what may be absent is read when it is there, and refused when it is wrong', () => {
  const granted = { s, n: 1, id: 'x', kind: 'verify', granted: true, lock: 1, mode: 'unlock', offline: '0.994000.3' }
  assert.deepEqual(messages.parseAnswer(JSON.stringify(granted)), granted)
  const settings = trip.messages.find(({ topic }) => topic.endsWith('/settings'))?.body ?? ''
  const withOffline = { ...JSON.parse(settings), offline: { clock: 'persisted', revoked: ['7.0.994000.3'] } }
  assert.deepEqual(messages.parseSettings(JSON.stringify(withOffline)), withOffline)
  for (const offline of [null, '', 0, {}, 'x'.repeat(65)]) assert.equal(messages.parseAnswer(JSON.stringify({ ...granted, offline })), null)
  for (const offline of [null, 'trusted', { clock: 'x', revoked: [] }, { clock: 'trusted' }, { clock: 'trusted', revoked: [''] }, { clock: 'trusted', revoked: Array(121).fill('x') }]) {
    assert.equal(messages.parseSettings(JSON.stringify({ ...withOffline, offline })), null)
  }
})
