import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as holds, constantFrom, integer, nat, property, record, string } from 'fast-check'
import { pagedStorage, type KeyValue } from './index.ts'

/** The long run (`npm run test:full`) tries so many times as much. */
const more = process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 50 : 1

/** A store that counts its writes and stands still at one of them: there the power goes. */
function flash () {
  const map = new Map<string, string>()
  let left = Infinity
  const store: KeyValue = {
    keys: () => map.keys(),
    read: (key) => map.get(key),
    write (key, value) { if (spend()) map.set(key, value) },
    delete (key) { if (spend()) map.delete(key) }
  }
  const spend = (): boolean => {
    if (left-- > 0) return true
    throw new Error('no power')
  }
  return { map, store, powerFor (writes: number) { left = writes } }
}

const long = (letter: string, count: number): string => letter.repeat(count)

test('short values are one entry, long ones pages under the limits of NVS', () => {
  const { map, store } = flash()
  const storage = pagedStorage(store)
  storage.set('keypad', '2 30000')
  storage.set('settings', long('ä', 8192))
  assert.equal(map.get('keypad'), '=2 30000')
  for (const [key, value] of map) assert.ok(key.length <= 15 && Buffer.byteLength(value) < 4000, key)
  assert.deepEqual(pagedStorage(store).load(), { keypad: '2 30000', settings: long('ä', 8192) })
  storage.set('settings', 'short')
  assert.deepEqual([...map.keys()].sort(), ['keypad', 'settings'])
  storage.set('settings', '')
  storage.set('never', '')
  assert.deepEqual(storage.load(), { keypad: '2 30000' })
})

test('no page ends within a character', () => {
  const { map, store } = flash()
  const text = 'x' + long('😀', 2000)
  pagedStorage(store).set('settings', text)
  for (const value of map.values()) assert.equal(Buffer.from(value).toString(), value)
  assert.equal(pagedStorage(store).load()['settings'], text)
})

test('what is torn or not ours is not there', () => {
  const { map, store } = flash()
  for (const [key, value] of Object.entries({ a: 'a2', 'a~a0': 'x', b: 'b0', c: 'a99', d: 'zzz', e: '', 'old~a0': 'y', ok: '=1' })) map.set(key, value)
  assert.deepEqual(pagedStorage({ ...store, read: (key) => key === 'e' ? undefined : store.read(key) }).load(), { ok: '1' })
  assert.equal(map.has('old~a0'), false)
})

test('keys that NVS would cut are refused', () => {
  const storage = pagedStorage(flash().store)
  assert.throws(() => storage.set('thirteen chars', 'x'), RangeError)
  assert.throws(() => storage.set('a~b', 'x'), RangeError)
})

test('a power cut at any write leaves the old value or the new one, and every other key as it was', () => {
  const size = integer({ min: 0, max: 9000 })
  holds(property(array(record({ key: constantFrom('settings', 'r/12', 'l/1'), letter: constantFrom('a', 'é', '€', '='), count: size, cutAfter: nat(25) }), { maxLength: 12 }), string({ maxLength: 5 }), (steps, kept) => {
    const { store, powerFor } = flash()
    const truth: Record<string, string> = {}
    if (kept !== '') pagedStorage(store).set('kept', truth['kept'] = kept)
    for (const { key, letter, count, cutAfter } of steps) {
      const before = truth[key] ?? ''
      const value = letter.repeat(count)
      powerFor(cutAfter)
      try {
        pagedStorage(store).set(key, value)
      } catch { /* The power went. */ }
      powerFor(Infinity)
      const now = pagedStorage(store).load()
      assert.ok([before, value].includes(now[key] ?? ''), `${key} is neither old nor new`)
      truth[key] = now[key] ?? ''
      for (const other of Object.keys(truth)) assert.equal(now[other] ?? '', truth[other])
    }
  }), { numRuns: 100 * more, verbose: true })
})
