import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { firstLoads, isOver } from './budget.ts'

const dist = path.join(import.meta.dirname, '../dist')

test('every page of the built app keeps to its budget', () => {
  assert.ok(existsSync(path.join(dist, '.vite/manifest.json')), 'The web app is not built. Run `npm run prepare` first.')
  const loads = firstLoads(dist)
  assert.deepEqual(loads.filter(isOver).map(({ path, bytes, later, budget }) => `${path}: ${bytes} of ${budget}, then ${later}`), [])
  // The frame alone weighs more than this: smaller sums would mean that files were not counted.
  for (const load of loads) assert.ok(load.bytes > 25_000, load.path)
})

test('a page above its budget is over it, at first or with what follows', () => {
  assert.equal(isOver({ bytes: 45_001, later: 0, budget: 45_000 }), true)
  assert.equal(isOver({ bytes: 45_000, later: 75_001, budget: 45_000 }), true)
  assert.equal(isOver({ bytes: 45_000, later: 75_000, budget: 45_000 }), false)
})
