import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { reasons, type AuditEventName, type Reason } from '@oncekey/protocol/audit-events'
import type { AuditPage, AuditQuery, AuditRow } from '@oncekey/protocol/schemas'
import { testOfFiles } from '../testing/database.ts'
import { openWorld, type World } from '../testing/world.ts'
import { findAudit } from './queries.ts'
import { noteSlots } from './slots.ts'

const isFull = process.env['ONCEKEY_TEST_SIZE'] === 'full'
const MANY = isFull ? 1_000_000 : 25_000
const DAY_MS = 86_400_000
const kinds: readonly AuditEventName[] = ['code.issued', 'access.granted', 'door.changed', 'access.denied', 'keypad.lockedOut']

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

/** The same numbers each time for one seed. */
function numbers (seed: number): (below: number) => number {
  let state = seed
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below
}

/** Rows as a house has them: one person who does nearly everything, others now and then; the clock goes on by some seconds, and is set back at times. */
async function fill (count: number, next: (below: number) => number): Promise<void> {
  const { house, people, points } = world
  const crowd = [people.olga, people.olga, people.olga, people.olga, people.adam, people.otto, people.maya]
  const places = Object.entries(points).map(([name, id]) => ({ id, name }))
  let now = house.clock()
  for (let made = 0; made < count;) {
    await house.db.write(async (trx) => {
      for (const end = Math.min(count, made + 2_000); made < end; made++) {
        now += next(20_000)
        if (next(700) === 0) now -= next(3 * 3_600_000)
        const event = kinds[next(1_000) === 0 ? 4 : next(4)] ?? 'door.changed'
        const [actor, subject, accessPoint] = [crowd[next(crowd.length)], crowd[next(crowd.length)], places[next(places.length)]]
        house.audit.append(trx, now, {
          event, reason: event === 'access.denied' ? reasons[next(100) === 0 ? 3 : next(2)] ?? null : null,
          ...actor && next(3) > 0 ? { actor: { id: actor.id, name: actor.name } } : {}, ...subject && next(3) > 0 ? { subject: { id: subject.id, name: subject.name } } : {},
          ...accessPoint && event !== 'code.issued' ? { accessPoint } : {}
        })
      }
    })
  }
  house.wait(now - house.clock())
  await world.signIn(people.otto)
}

const ask = async (query: AuditQuery): Promise<AuditPage> => {
  const answer = await world.call(world.people.otto, 'GET', `audit?${new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]))}`)
  assert.equal(answer.status, 200, `${JSON.stringify(query)}: ${answer.said}`)
  return answer.body
}

/** All pages there are, one after the other, and how many. */
async function all (query: AuditQuery): Promise<{ rows: AuditRow[], pages: AuditPage[] }> {
  const pages: AuditPage[] = []
  for (let before: number | null | undefined; before !== null;) {
    const page: AuditPage = await ask({ ...query, ...before === undefined ? {} : { before } })
    pages.push(page)
    before = page.next
  }
  return { rows: pages.flatMap(({ rows }) => rows), pages }
}

test('any choice of filters finds exactly the rows that fit, page by page, down and up again', async () => {
  const seed = Number(process.env['ONCEKEY_TEST_SEED'] ?? Date.now() % 1_000_000)
  console.log(`  seed ${seed}`)
  const next = numbers(seed + 1)
  const { house, people, points } = world
  await fill(4_000, next)
  // Some of the moments are noted, and the newest ones are not yet.
  await noteSlots(house)
  await fill(300, next)
  const record: AuditRow[] = (await world.record()).reverse()
  const [first, last] = [Math.min(...record.map(({ time }) => time)), Math.max(...record.map(({ time }) => time))]
  const oneOf = <One>(some: readonly One[]): One => {
    const one = some[next(some.length)]
    assert.ok(one !== undefined)
    return one
  }
  for (let i = 0; i < (isFull ? 400 : 36); i++) {
    const query: AuditQuery = {}
    if (next(3) === 0) query.personId = oneOf(Object.values(people)).id
    if (next(3) === 0) query.accessPointId = oneOf(Object.values(points))
    if (next(3) === 0) query.event = [...new Set([oneOf(kinds), oneOf(kinds)])].join(',')
    if (next(4) === 0) query.reason = oneOf<Reason>(['wrong', 'expired', 'revoked'])
    if (next(4) === 0) query.severity = oneOf(['info', 'notice', 'alarm'] as const)
    if (next(2) === 0) query.from = first + next(last - first)
    if (next(2) === 0) query.to = first + next(last - first)
    const expected = record.filter((row) => (query.personId === undefined || row.actor?.id === query.personId || row.subject?.id === query.personId) &&
      (query.accessPointId === undefined || row.accessPoint?.id === query.accessPointId) && (query.event === undefined || query.event.split(',').includes(row.event)) &&
      (query.reason === undefined || row.reason === query.reason) && (query.severity === undefined || row.severity === query.severity) &&
      (query.from === undefined || row.time >= query.from) && (query.to === undefined || row.time < query.to)).map(({ seq }) => seq)
    const limit = 20 + next(180)
    const { rows, pages } = await all({ ...query, limit })
    // The session that asks adds no row; whoever is still counting would see that here.
    assert.deepEqual(rows.map(({ seq }) => seq), expected, `seed ${seed}: ${JSON.stringify(query)}`)
    const up: number[] = []
    for (let after: number | null = 0; after !== null;) {
      const page: AuditPage = await ask({ ...query, limit, after })
      up.unshift(...page.rows.map(({ seq }) => seq))
      after = page.previous
    }
    assert.deepEqual(up, expected, `seed ${seed}, upwards: ${JSON.stringify(query)}`)
    const [top, below] = pages
    if (top === undefined || below === undefined || below.rows.length === 0 || top.rows.length < limit || below.previous === null) continue
    assert.deepEqual((await ask({ ...query, limit, after: below.previous })).rows, top.rows, 'back to the page before')
  }
})

test('a text is what people and access points are called now, or a reason; the answer says what it was taken for', async () => {
  const { house, people, points } = world
  await fill(600, numbers(7))
  const record = await world.record()
  const maya = await all({ text: 'may' })
  assert.deepEqual(maya.pages[0]?.means, { people: [{ id: people.maya.id, name: 'Maya' }], accessPoints: [], reasons: [], hasMore: false })
  assert.deepEqual(maya.rows, (await all({ personId: people.maya.id })).rows)
  const a02 = await all({ text: 'bank a02' })
  assert.deepEqual(a02.pages[0]?.means?.accessPoints, [{ id: points.a02, name: 'Bank A · A02' }])
  assert.deepEqual(a02.rows, (await all({ accessPointId: points.a02 })).rows)
  assert.equal((await all({ text: 'Wrong' })).rows.length, record.filter(({ reason }) => reason === 'wrong').length)
  for (const text of ['nobody of that name', ' ', '-', '%', "'", '\u0301']) assert.deepEqual((await ask({ text })).rows, [], text)
  await world.signIn(people.olga)
  assert.equal((await world.call(people.olga, 'DELETE', `people/${people.maya.id}`)).status, 200)
  assert.deepEqual((await ask({ text: 'maya' })).rows, [], 'who was removed is called nothing any more')
  assert.ok((await ask({ personId: people.maya.id })).rows.length > 0, 'and is found by the id')
  assert.equal((await world.call(people.otto, 'GET', 'audit?event=a%2C%2Cb')).status, 400)
  assert.equal((await world.call(people.otto, 'GET', 'audit?reason=because')).status, 400)
  assert.ok(house.logged.every((line) => !line.includes('defect')))
})

test('what is seldom is found behind very much else, and no request looks at all of it', async () => {
  await fill(MANY, numbers(11))
  await noteSlots(world.house)
  const { house, people, points } = world
  const rows = MANY
  const begun = (await ask({ limit: 1, after: 10 })).rows[0]?.time ?? 0
  const queries: AuditQuery[] = [
    {}, { personId: people.olga.id }, { personId: people.olga.id, from: begun + DAY_MS, to: begun + 2 * DAY_MS }, { accessPointId: points.a03, from: begun, to: begun + DAY_MS / 2 }, { from: begun + DAY_MS, to: begun + 1.1 * DAY_MS },
    { event: 'keypad.lockedOut' }, { event: 'keypad.lockedOut,access.denied', severity: 'alarm' }, { personId: people.olga.id, event: 'keypad.lockedOut' }, { severity: 'info', event: 'keypad.lockedOut' }, { reason: 'revoked' }, { reason: 'revoked', from: begun, to: begun + DAY_MS },
    { text: 'front' }, { text: 'olga', reason: 'wrong' }, { personId: people.olga.id, accessPointId: points.a02, reason: 'revoked', severity: 'notice' }
  ]
  await ask({})
  for (const query of queries) {
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      const began = performance.now()
      await findAudit(house, query)
      times.push(performance.now() - began)
    }
    const ms = Math.min(...times)
    console.log(`  ${rows} rows, ${JSON.stringify(query)}: ${ms.toFixed(1)} ms`)
    assert.ok(ms < 100, `${JSON.stringify(query)} took ${ms} ms`)
  }
  const both = await all({ personId: people.olga.id, accessPointId: points.a02, severity: 'info', limit: 200 })
  assert.ok(both.rows.length > 100)
  const rare = await all({ severity: 'info', event: 'keypad.lockedOut' })
  assert.deepEqual([rare.rows.length, rare.pages.length], [0, 1], 'there is none, and one look is enough')
})

testOfFiles('every question is answered along an index', async () => {
  await fill(3_000, numbers(3))
  await noteSlots(world.house)
  const { house, people, points } = world
  const asked: string[] = []
  const executor = house.db.read.getExecutor()
  const execute = executor.executeQuery.bind(executor)
  executor.executeQuery = (async (query, ...more) => {
    asked.push(query.sql)
    return execute(query, ...more)
  }) as typeof execute
  const now = house.clock()
  const ways: AuditQuery[] = [{}, { before: 900 }, { after: 900 }, { from: now - DAY_MS, to: now }]
  const filters: AuditQuery[] = [{}, { personId: people.olga.id }, { accessPointId: points.a01 }, { event: 'door.changed,code.issued' }, { severity: 'alarm' }, { severity: 'info' }, { reason: 'wrong' }, { text: 'o' }, { personId: people.olga.id, accessPointId: points.a01, reason: 'wrong', severity: 'info' }]
  for (const way of ways) for (const filter of filters) await findAudit(house, { ...way, ...filter })
  executor.executeQuery = execute
  const texts = [...new Set(asked)].filter((text) => /\baudit\b|\baudit_slots\b/.test(text.replaceAll('"', '')))
  assert.ok(texts.length > 20, `${texts.length} questions`)
  const database = new DatabaseSync(join(house.config.dataDir, 'oncekey.db'), { readOnly: true })
  const plans = texts.map((text) => [text, database.prepare(`EXPLAIN QUERY PLAN ${text}`).all().map((row) => String(row['detail']))] as const)
  database.close()
  for (const [text, plan] of plans) assert.deepEqual(plan.filter((step) => /^SCAN audit\b/.test(step)), [], `${text}\n${plan.join('\n')}`)
  const used = plans.flatMap(([, plan]) => plan).join('\n')
  for (const index of ['audit_actor', 'audit_subject', 'audit_access_point', 'audit_event', 'audit_severity', 'audit_reason']) assert.match(used, new RegExp(`USING (COVERING )?INDEX ${index} `), index)
})

test('moments are noted once by several servers, and rows that wait are found meanwhile', async () => {
  const beside = await world.house.beside()
  try {
    await fill(5_000, numbers(5))
    const range = { from: world.house.clock() - DAY_MS / 4, limit: 200 }
    const before = await all(range)
    await Promise.all([noteSlots(world.house), noteSlots(beside), noteSlots(world.house)])
    assert.deepEqual((await all(range)).rows, before.rows)
    const [sum] = await world.house.rows('SELECT min(first_seq) AS low, max(last_seq) AS high FROM audit_slots')
    const noted = Number((await world.house.rows("SELECT value FROM settings WHERE key = 'audit.slots'"))[0]?.['value'])
    assert.equal(Number(sum?.['low']), 1)
    assert.equal(Number(sum?.['high']), noted)
    assert.ok(noted >= 4_000)
  } finally {
    await beside.close()
  }
})
