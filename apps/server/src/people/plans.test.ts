import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { test } from 'node:test'
import { testOfFiles } from '../testing/database.ts'
import { openWorld } from '../testing/world.ts'
import { insertRows, insertWords } from './listing.ts'
import { nameKey } from './words.ts'

const PEOPLE = 4_000

testOfFiles('every question for people is answered along an index, in order, and none by a look at all of them', async () => {
  const world = await openWorld()
  try {
    const { house, siteId } = world
    const people = Array.from({ length: PEOPLE }, (_, i) => ({ id: randomUUIDv7(), name: `Mara ${i}`, email: `m${i}@x.example`, username: null }))
    await house.db.write(async (trx) => {
      await insertRows(trx, 'people', ['id', 'site_id', 'name', 'email', 'role', 'created_at', 'name_key'], people.map((one) => [one.id, siteId, one.name, one.email, 'member', 1, nameKey(one.name)]))
      await insertWords(trx, people)
    })
    const asked: string[] = []
    const { read } = house.db
    const executor = read.getExecutor()
    const execute = executor.executeQuery.bind(executor)
    executor.executeQuery = (async (query, ...more) => {
      asked.push(query.sql)
      return execute(query, ...more)
    }) as typeof execute
    for (const query of ['', 'role=owner', 'state=suspended&limit=200', 'role=member&state=invited', 'q=mar', 'q=mar%20399', 'q=mar&role=owner', 'q=x%20mara&state=invited']) {
      const answer = await world.call(world.people.otto, 'GET', `people?${query}`)
      assert.equal(answer.status, 200, answer.said)
      if (answer.body.next !== null) await world.call(world.people.otto, 'GET', `people?${query}&after=${answer.body.next}`)
    }
    await world.call(world.people.otto, 'GET', `people/${world.people.maya.id}/code-log`)
    executor.executeQuery = execute
    const texts = [...new Set(asked)].filter((text) => /\bpeople|\bcodes|\bchallenges/.test(text))
    assert.ok(texts.length > 10, `${texts.length} questions`)
    const database = new DatabaseSync(join(house.config.dataDir, 'oncekey.db'), { readOnly: true })
    for (const text of texts) {
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all().map((row) => String(row['detail']))
      // What is scanned are the few rows of a subquery; a table or one of its indexes is searched.
      const scans = plan.filter((step) => /^SCAN (?!walk\b|people_walked\b|words\b|people_counted\b|w\b|\(subquery|CONSTANT)/.test(step))
      assert.deepEqual(scans, [], `${text}\n${plan.join('\n')}`)
    }
    database.close()
  } finally {
    await world.close()
  }
})

test('planted: the plan of a question without an index is seen as what it is', () => {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT) STRICT')
  const plan = database.prepare("EXPLAIN QUERY PLAN SELECT id FROM people WHERE name LIKE '%x%' ORDER BY name").all().map((row) => String(row['detail']))
  assert.match(plan.join('\n'), /^SCAN people/)
  database.close()
})
