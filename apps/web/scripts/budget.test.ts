import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { isOver, loads } from './budget.ts'

const dist = path.join(import.meta.dirname, '../dist')

test('every page of the built app keeps to its budget, with all that it fetches by itself', () => {
  assert.ok(existsSync(path.join(dist, '.vite/manifest.json')), 'The web app is not built. Run `npm run prepare` first.')
  const table = loads(dist)
  assert.deepEqual(table.filter(isOver).map(({ who, path, drawn, all, budget }) => ({ who, path, drawn, all, budget })), [])
  // The frame alone weighs more than this: smaller sums would mean that files were not counted.
  for (const load of table) assert.ok(load.drawn > 25_000 && load.all >= load.drawn, load.path)
})

test('what a page fetches by itself right after is counted', () => {
  const table = loads(dist)
  const more = (who: string): number => table.filter(load => load.who === who).map(({ drawn, all }) => all - drawn)[0] ?? 0
  assert.ok(more('holder') > 2000, 'the view of a code')
  assert.ok(more('door') > 15_000, 'the controller program')
  assert.ok(more('owner of a demonstration') > more('holder') + more('door'), 'the door beside the cards')
})

test('a load above its budget is over it, when drawn or with what follows', () => {
  const budget = { drawn: 45_000, all: 60_000 }
  assert.equal(isOver({ drawn: 45_001, all: 45_001, budget }), true)
  assert.equal(isOver({ drawn: 45_000, all: 60_001, budget }), true)
  assert.equal(isOver({ drawn: 45_000, all: 60_000, budget }), false)
})
