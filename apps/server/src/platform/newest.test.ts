import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepNewest } from './newest.ts'

test('the newest half is always there, and never more than the whole', () => {
  const kept = keepNewest<number>(100)
  for (let i = 0; i < 1000; i++) {
    kept.set(`key ${i}`, i)
    for (let k = Math.max(0, i - 49); k <= i; k++) assert.equal(kept.get(`key ${k}`), k)
    const held = Array.from({ length: i + 1 }, (_, k) => kept.get(`key ${k}`)).filter((value) => value !== undefined)
    assert.ok(held.length <= 100, `${held.length} at ${i}`)
  }
})

test('what is used stays while others go, with its newest value', () => {
  const kept = keepNewest<number>(10)
  for (let i = 0; i < 100; i++) {
    kept.set('maya', i)
    kept.set(`made-up ${i}`, i)
    assert.equal(kept.get('maya'), i)
  }
  assert.equal(kept.get('made-up 0'), undefined)
})

test('what is deleted is gone, whichever half it was in', () => {
  const kept = keepNewest<number>(4)
  for (const key of ['a', 'b', 'c', 'b']) kept.set(key, 1)
  kept.delete('b')
  kept.delete('a')
  for (const key of ['a', 'b']) assert.equal(kept.get(key), undefined)
  assert.equal(kept.get('c'), 1)
})

test('a flood of made-up keys costs no more for each than a few do', () => {
  const flood = (most: number): number => {
    const kept = keepNewest<number>(most)
    for (let i = 0; i < 30_000; i++) kept.set(`before ${i}`, i)
    const begun = performance.now()
    for (let i = 0; i < 30_000; i++) kept.set(`key ${i}`, i)
    return performance.now() - begun
  }
  // Key by key it was 200 times as much; a bound of 20 leaves room for a machine that is busy.
  assert.ok(flood(10_000) < 20 * flood(100))
})
