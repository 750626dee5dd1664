import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { Statement } from './db.ts'
import { inTurns, marks, rowsWriter } from './many.ts'

test('rows of any number are written once each, in their order, by statements of the few lengths there are', async () => {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE rows (at INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, value INTEGER)')
  const texts: string[] = []
  const trx = {
    prepare (text: string) {
      texts.push(text)
      return database.prepare(text) as unknown as Statement
    }
  }
  const write = rowsWriter([16, 4, 1], (rows) => `INSERT INTO rows (name, value) VALUES ${marks(rows, '(?, ?)')}`)
  for (const count of [0, 1, 3, 4, 16, 39]) {
    database.exec('DELETE FROM rows')
    texts.length = 0
    await write(trx, Array.from({ length: count }, (_, i) => [`row ${i}`, i]))
    assert.deepEqual(database.prepare('SELECT name FROM rows ORDER BY at').all().map((row) => row['name']), Array.from({ length: count }, (_, i) => `row ${i}`))
    if (count === 39) assert.deepEqual(texts.map((text) => text.split('(?, ?)').length - 1), [16, 16, 4, 1, 1, 1])
  }
})

test('things are named in turns, and a turn that is not full names the first of them again', async () => {
  const asked: number[][] = []
  const answers = await inTurns([8, 4, 1], Array.from({ length: 11 }, (_, i) => i), (some) => {
    asked.push([...some])
    return Math.max(...some)
  })
  assert.deepEqual(asked, [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 8]])
  assert.deepEqual(answers, [7, 10])
  assert.deepEqual(await inTurns([8, 1], [], () => 1), [])
})
