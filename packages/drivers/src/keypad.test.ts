import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as holds, integer, nat, property, record, uniqueArray } from 'fast-check'
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

/** Contacts in continuous time, scanned every 5 ms from a moment of its own: an edge bounces for up to 10 ms. */
type Edge = { readonly at: number, readonly contact: number, readonly isDown: boolean, readonly bounceMs: number, readonly chatter: readonly number[] }

function scanned (edges: readonly Edge[], phase: number): string {
  const end = edges.reduce((last, { at }) => Math.max(last, at), 0) + 60
  const matrices: number[] = []
  for (let at = phase; at < end; at += SCAN_MS) {
    let matrix = 0
    for (let contact = 0; contact < 16; contact++) {
      const last = edges.filter((edge) => edge.contact === contact && edge.at <= at).at(-1)
      if (last === undefined) continue
      // While it bounces it is now open, now closed, in turns of a length of their own.
      const turns = last.chatter.filter((ms) => ms <= at - last.at && ms < last.bounceMs).length
      const bounces = at - last.at < last.bounceMs && turns % 2 === 1
      if (last.isDown !== bounces) matrix |= 1 << contact
    }
    matrices.push(matrix)
  }
  return typed(matrices)
}

const bounce = record({ bounceMs: integer({ min: 0, max: 10 }), chatter: uniqueArray(integer({ min: 0, max: 10 }), { maxLength: 8 }).map((turns) => turns.sort((a, b) => a - b)) })
const press = record({ key: nat(15), down: bounce, up: bounce, heldMs: integer({ min: 30, max: 300 }), pauseMs: integer({ min: 30, max: 300 }) })
/** Presses in all: 10,000 in the long run. */
const runs = 20 * more

test(`${runs * 10} presses whose contacts bounce for 0 to 10 ms, scanned at any moment: each is its key, once`, () => {
  holds(property(array(press, { minLength: 10, maxLength: 10 }), integer({ min: 0, max: SCAN_MS - 1 }), (presses, phase) => {
    let at = 10
    const edges = presses.flatMap(({ key, down, up, heldMs, pauseMs }): Edge[] => {
      const from = at
      at += heldMs + pauseMs
      return [{ at: from, contact: key, isDown: true, ...down }, { at: from + heldMs, contact: key, isDown: false, ...up }]
    })
    assert.equal(scanned(edges, phase), presses.map(({ key }) => keys[key]).join(''))
  }), { numRuns: runs, verbose: true })
})

test(`${runs * 10} rolls from key to key, the second down before the first is up: the first is told once, and no key that nobody pressed`, () => {
  const roll = record({ first: nat(15), second: nat(15), down: bounce, next: bounce, up: bounce, last: bounce, aloneMs: integer({ min: 30, max: 100 }), bothMs: integer({ min: 0, max: 100 }), thenMs: integer({ min: 30, max: 100 }) })
    .filter(({ first, second }) => first !== second)
  holds(property(array(roll, { minLength: 10, maxLength: 10 }), integer({ min: 0, max: SCAN_MS - 1 }), (rolls, phase) => {
    for (const { first, second, down, next, up, last, aloneMs, bothMs, thenMs } of rolls) {
      const edges: Edge[] = [
        { at: 10, contact: first, isDown: true, ...down }, { at: 10 + aloneMs, contact: second, isDown: true, ...next },
        { at: 10 + aloneMs + bothMs, contact: first, isDown: false, ...up }, { at: 10 + aloneMs + bothMs + thenMs, contact: second, isDown: false, ...last }
      ]
      // Whether the second acts depends on whether the fingers ever were apart for long enough to be seen.
      assert.ok([keys[first]!, keys[first]! + keys[second]!].includes(scanned(edges, phase)), `${keys[first]} then ${keys[second]}`)
    }
  }), { numRuns: runs, verbose: true })
})

test('three keys and more at once, in any order: nothing is made up', () => {
  holds(property(array(nat(0xffff), { maxLength: 60 }), (matrices) => {
    const text = typed(matrices.flatMap((matrix) => samples(matrix, 3)))
    const alone = new Set(matrices.filter((matrix) => matrix !== 0 && (matrix & matrix - 1) === 0).map((matrix) => keys[Math.log2(matrix)]))
    for (const key of text) assert.ok(alone.has(keys.find((one) => one === key)), key)
  }), { numRuns: 1000 * more, verbose: true })
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
