import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as holds, integer, nat, property, record } from 'fast-check'
import { keys, restingPad, scan, SCAN_MS, type Pad } from './index.ts'

/** The long run (`npm run test:full`) tries so many times as much. */
const more = process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 50 : 1

/** Scans one matrix after the other; gives what was pressed. */
function typed (matrices: readonly number[], from: Pad = restingPad): string {
  let pad = from
  let text = ''
  for (const matrix of matrices) {
    const turn = scan(pad, matrix)
    pad = turn.pad
    text += turn.key ?? ''
  }
  return text
}

const samples = (matrix: number, times: number): number[] => Array.from({ length: times }, () => matrix)

test('each of the sixteen contacts is its key', () => {
  const matrices = keys.flatMap((_, i) => [...samples(1 << i, 3), ...samples(0, 3)])
  assert.equal(typed(matrices), '123A456B789C*0#D')
})

test('three equal samples make a key, two do not', () => {
  assert.equal(typed([1, 1, 0, 1, 1, 0, 0, 0]), '')
  assert.equal(typed([1, 1, 1]), '1')
})

test('a key acts when it goes down, once, however long it is held', () => {
  assert.equal(typed([...samples(2, 1000), ...samples(0, 3)]), '2')
})

test('two keys at once are refused, and so is the one that stays', () => {
  assert.equal(typed([...samples(3, 5), ...samples(1, 5), ...samples(0, 5)]), '')
  assert.equal(typed([...samples(1, 5), ...samples(3, 5), ...samples(2, 5), ...samples(0, 5), ...samples(2, 5)]), '12')
})

test('a scan leaves its argument as it was', () => {
  const pad = Object.freeze({ ...restingPad })
  assert.notEqual(scan(pad, 1).pad, pad)
  assert.deepEqual(pad, restingPad)
})

test('bounces of 0 to 10 ms at both edges change nothing: n presses are n keys', () => {
  const edge = (ms: number, seed: number, from: number, to: number): number[] => {
    // Contact states while it bounces, one each scan; the last one is never on its own long enough to settle falsely.
    const count = Math.ceil(ms / SCAN_MS)
    return Array.from({ length: count }, (_, i) => seed >> i & 1 ? from : to)
  }
  holds(property(array(record({
    key: nat(15), downMs: nat(10), upMs: nat(10), chatter: nat(255), held: integer({ min: 3, max: 40 }), pause: integer({ min: 5, max: 40 })
  }), { maxLength: 20 }), (presses) => {
    const matrices = presses.flatMap(({ key, downMs, upMs, chatter, held, pause }) => [
      ...edge(downMs, chatter, 0, 1 << key), ...samples(1 << key, held), ...edge(upMs, chatter >> 4, 1 << key, 0), ...samples(0, pause)
    ])
    assert.equal(typed(matrices), presses.map(({ key }) => keys[key]).join(''))
  }), { numRuns: 2000 * more, verbose: true })
})
