import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { isOver, loads } from './budget.ts'

const dist = path.join(import.meta.dirname, '../dist')

test('every page of the built app keeps to its budget, with all that it fetches by itself', () => {
  assert.ok(existsSync(path.join(dist, '.vite/manifest.json')), 'The web app is not built. Run `npm run prepare` first.')
  const table = loads(dist)
  assert.deepEqual(table.filter(isOver).map(({ who, path, all, budget }) => ({ who, path, all, budget })), [])
  // The frame alone weighs more than this: smaller sums would mean that files were not counted.
  for (const load of table) assert.ok(load.drawn > 25_000 && load.all >= load.drawn, load.path)
})

test('what a page fetches by itself right after is counted', () => {
  const table = loads(dist)
  const more = (who: string): number => table.filter(load => load.who === who).map(({ drawn, all }) => all - drawn)[0] ?? 0
  assert.ok(more('holder') > 2000, 'the view of a code')
  assert.ok(more('owner of a demonstration') > more('holder') + 15_000, 'the door beside the cards, with the controller\'s program')
})

test('the document of a door has the controller\'s program in it, and nothing of the app', () => {
  const files = (who: string): string[] => table.filter(load => load.who === who).flatMap(load => load.files.map(each => each.file))
  const table = loads(dist)
  const [program = ''] = files('door')
  assert.match(readFileSync(path.join(dist, program), 'utf8'), /Close it after/, 'a line of the display')
  assert.deepEqual(files('door').filter(file => file.endsWith('.js') && files('owner of a demonstration').includes(file)), [])
})

test('a load above its budget is over it', () => {
  assert.equal(isOver({ all: 45_001, budget: 45_000 }), true)
  assert.equal(isOver({ all: 45_000, budget: 45_000 }), false)
})
