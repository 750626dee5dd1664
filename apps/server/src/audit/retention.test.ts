import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import type { AuditEventName } from '@oncekey/protocol/audit-events'
import { eventsOf, leastDays, neverErased, retentionKinds, type RetentionKind } from '@oncekey/protocol/retention'
import type { RetentionState } from '@oncekey/protocol/schemas'
import { testOfFiles } from '../testing/database.ts'
import { openWorld, type TestPerson, type World } from '../testing/world.ts'
import { checkChain } from './chain.ts'
import { eraseNext, eraseWhatIsDue } from './erase.ts'
import { noteSlots } from './slots.ts'

const DAY = 86_400_000
const isFull = process.env['ONCEKEY_TEST_SIZE'] === 'full'
const MANY = isFull ? 200_000 : 3_000
const KILLS = isFull ? 20 : 2

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const change = (kind: RetentionKind, before: number | null, days: number | null, who: TestPerson = world.people.olga) => world.call(who, 'PATCH', 'audit/retention', { kind, days, before })
async function state (): Promise<RetentionState> {
  await world.signIn(world.people.otto)
  return (await world.call(world.people.otto, 'GET', 'audit/retention')).body
}
const of = async (kind: RetentionKind) => (await state()).kinds.find((one) => one.kind === kind)
const rowsOf = (event: AuditEventName) => world.house.rows('SELECT seq, time, payload, salt, actor_id, subject_id, access_point_id, controller_id, reason FROM audit WHERE event = ? ORDER BY seq', event)

/** One event of each given moment, by Maya at A01, with a reason. */
async function write (event: AuditEventName, ...moments: number[]): Promise<void> {
  const { people: { maya }, points, house } = world
  await house.db.write(async (trx) => {
    for (const at of moments) house.audit.append(trx, at, { event, actor: { id: maya.id, name: maya.name }, subject: { id: maya.id, name: maya.name }, accessPoint: { id: points.a01, name: 'A01' }, reason: 'wrong', details: { note: 'a word that nobody else says' } })
  })
}

/** Days go by as they do: the server looks at the clock now and then. */
async function days (count: number): Promise<void> {
  for (let day = 0; day < count; day++) {
    world.house.wait(DAY)
    await eraseWhatIsDue(world.house)
  }
  for (const one of [world.people.olga, world.people.otto, world.people.maya]) await world.signIn(one)
}

test('contents of a kind go when they are older than was decided, to the millisecond, and the chain holds before and after', async () => {
  const then = world.house.clock() + DAY - 30 * DAY
  await write('access.granted', then - 1, then, then + 1)
  await write('session.started', then - 1)
  assert.equal((await change('openings', null, 30)).status, 200)
  await days(1)
  assert.deepEqual((await rowsOf('access.granted')).map(({ payload }) => payload === null), [true, false, false])
  assert.deepEqual((await rowsOf('access.granted')).map(({ salt, actor_id: actor, subject_id: subject, access_point_id: point, reason }) => [salt === '', actor, subject, point, reason])[0], [true, null, null, null, null])
  assert.equal((await rowsOf('session.started')).some(({ payload }) => payload === null), false, 'of another kind')
  const { intact, erased } = await checkChain(world.house)
  assert.deepEqual([intact, erased], [true, 1])
  assert.deepEqual((await world.record('audit.erased')).map(({ actor, details }) => [actor, details['kind'], details['rows'], details['days']]), [[null, 'openings', 1, 30]])
  assert.deepEqual((await of('openings'))?.last?.rows, 1)
  await days(1)
  assert.deepEqual((await rowsOf('access.granted')).map(({ payload }) => payload === null), [true, true, true], 'a day later the others have their time, too')
  assert.equal((await world.record('audit.erased')).length, 2)
  await days(1)
  assert.equal((await world.record('audit.erased')).length, 2, 'where nothing is erased nothing is noted')
})

test('nothing is erased within a day of the decision, every owner is told, and who takes it back keeps everything', async () => {
  await write('access.granted', world.house.clock() - 400 * DAY)
  await change('openings', null, 365)
  assert.deepEqual(((await of('openings')) ?? {}), { kind: 'openings', days: 365, before: null, from: world.house.clock() + DAY, last: null })
  const told = await world.house.rows("SELECT subject, text FROM inbox WHERE person_id = ? AND dedupe_key LIKE 'retention:%'", world.people.olga.id)
  assert.match(String(told[0]?.['text']), /Olga decided .*\(openings\) .* after 365 days; they were kept for ever[^]*Erasing begins on 6 Jan 2026, \d\d:00 and/)
  world.house.wait(DAY - 1)
  await eraseWhatIsDue(world.house)
  assert.equal((await rowsOf('access.granted'))[0]?.['payload'] === null, false)
  await world.signIn(world.people.olga)
  assert.equal((await change('openings', 365, null)).status, 200)
  await days(3)
  assert.equal((await rowsOf('access.granted'))[0]?.['payload'] === null, false)
  assert.deepEqual((await world.record('audit.retentionChanged')).map(({ actor, details }) => [actor?.name, details['before'], details['days']]), [['Olga', null, 365], ['Olga', 365, null]])
})

test('a thief who shortens step by step gains nothing: what holds until then is what held before', async () => {
  await write('access.granted', world.house.clock() - 100 * DAY, world.house.clock() - 400 * DAY)
  await change('openings', null, 365)
  await days(2)
  assert.deepEqual((await rowsOf('access.granted')).map(({ payload }) => payload === null), [false, true])
  await change('openings', 365, 60)
  world.house.wait(DAY / 2)
  await world.signIn(world.people.olga)
  await change('openings', 60, 30)
  assert.deepEqual([(await of('openings'))?.before, (await of('openings'))?.from], [365, world.house.clock() + DAY])
  world.house.wait(DAY - 1)
  await eraseWhatIsDue(world.house)
  assert.equal((await rowsOf('access.granted'))[0]?.['payload'] === null, false)
  world.house.wait(1)
  await eraseWhatIsDue(world.house)
  assert.equal((await rowsOf('access.granted'))[0]?.['payload'] === null, true)
})

test('only owners decide; of two the second is told; days have a range; a preview says what would go', async () => {
  const { adam, olga } = world.people
  assert.equal((await change('openings', null, 90, adam)).refusal, 'notAllowed')
  assert.equal((await change('openings', null, leastDays - 1)).refusal, 'badRequest')
  await write('access.granted', ...[100, 95, 91, 90, 30].map((ago) => world.house.clock() - ago * DAY))
  const preview = async () => (await world.call(olga, 'GET', 'audit/retention/preview?kind=openings&days=90')).body
  assert.deepEqual(await preview(), { rows: 4, hasMore: false, from: world.house.clock() + DAY }, 'what is old enough when it begins')
  const answers = await Promise.all([change('openings', null, 90), change('openings', null, 120)])
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409])
  assert.equal(answers.find(({ status }) => status === 409)?.refusal, 'changedMeanwhile')
})

test('rights, and what tells of the record itself, are never erased', async () => {
  const old = world.house.clock() - 1000 * DAY
  for (const event of neverErased) await write(event, old)
  for (const kind of retentionKinds) await change(kind, null, leastDays)
  for (const [event] of retentionKinds.map((kind) => eventsOf[kind])) if (event !== undefined) await write(event, old)
  await days(2)
  const gone = await world.house.rows('SELECT DISTINCT event FROM audit WHERE payload IS NULL')
  assert.deepEqual(gone.map(({ event }) => String(event)).toSorted(), retentionKinds.map((kind) => String(eventsOf[kind][0])).toSorted())
  assert.equal((await checkChain(world.house)).intact, true)
})

test('where a clock was set back older rows come after younger ones, and go none the less', async () => {
  const now = world.house.clock()
  await write('access.granted', now - 100 * DAY, now + 300 * DAY, now - 99 * DAY, now - 5 * DAY, now - 98 * DAY)
  await change('openings', null, 90)
  await days(1)
  const shown = async () => (await rowsOf('access.granted')).map(({ payload }) => payload === null)
  assert.deepEqual(await shown(), [true, false, true, false, true])
  await days(90)
  assert.deepEqual(await shown(), [true, false, true, true, true])
})

test('a clock that jumps ahead erases nothing for a day, and nothing when it is put right', async () => {
  await write('access.granted', world.house.clock())
  await change('openings', null, 30)
  await days(2)
  world.house.wait(3650 * DAY)
  await eraseWhatIsDue(world.house)
  assert.equal((await state()).waitsUntil, world.house.clock() + DAY)
  world.house.wait(-3650 * DAY)
  await days(3)
  assert.equal((await rowsOf('access.granted'))[0]?.['payload'] === null, false)
  await days(30)
  assert.equal((await rowsOf('access.granted'))[0]?.['payload'] === null, true, 'and then it goes on')
})

test('pages, searches, files and reasons live with bare events', async () => {
  const { otto, maya } = world.people
  await write('access.denied', world.house.clock() - 50 * DAY)
  const seq = Number((await rowsOf('access.denied'))[0]?.['seq'])
  await change('openings', null, 30)
  await days(1)
  const [row] = (await world.call(otto, 'GET', `audit?before=${seq + 1}&limit=1`)).body.rows
  assert.deepEqual([row?.event, row?.actor, row?.subject, row?.accessPoint, row?.reason, row?.details], ['access.denied', null, null, null, null, {}])
  assert.equal((await world.call(otto, 'GET', `audit/why?seq=${seq}`)).refusal, 'notFound')
  for (const query of [`personId=${maya.id}`, `accessPointId=${world.points.a01}`, 'reason=wrong']) assert.ok(!(await world.call(otto, 'GET', `audit?${query}`)).body.rows.some((one) => one.seq === seq), query)
  assert.ok((await world.call(otto, 'GET', 'audit?event=access.denied')).body.rows.some((one) => one.seq === seq))
  assert.equal((await world.call(maya, 'GET', 'me/history')).status, 200)
  for (const format of ['csv', 'json']) {
    const { said } = await world.call(otto, 'GET', `audit/export/rows?format=${format}&event=access.denied`)
    assert.match(said, /access\.denied/)
    assert.ok(!said.includes('nobody else says'))
  }
  const whole = (await world.call(otto, 'GET', 'audit/export')).said
  assert.match(whole, new RegExp(`"seq":${seq},"time":\\d+,"event":"access.denied","payload":null,"salt":""`))
})

test('many rows go by small writes: what is stopped goes on, two servers erase each row once, and it is noted once', async () => {
  const old = world.house.clock() - 100 * DAY
  for (let made = 0; made < MANY; made += 1_000) await write('lock.actuated', ...Array.from({ length: 1_000 }, (_, i) => old + made + i))
  await noteSlots(world.house)
  await change('openings', null, 90)
  world.house.wait(DAY)
  assert.equal(await eraseNext(world.house, 'openings'), true)
  const before = (await rowsOf('lock.actuated')).filter(({ payload }) => payload === null).length
  assert.ok(before > 0 && before < MANY)
  assert.deepEqual([(await of('openings'))?.last?.rows, (await of('openings'))?.last?.endedAt], [before, null], 'the page sees how far it is')
  assert.deepEqual(await checkChain(world.house).then(({ intact, erased }) => [intact, erased]), [true, before])
  await world.restart()
  const other = await world.house.beside()
  const startedAt = performance.now()
  let longest = 0
  const erase = async (house: World['house']): Promise<void> => {
    for (let fruitless = 0; fruitless < 3;) {
      const at = performance.now()
      fruitless = await eraseNext(house, 'openings') ? 0 : fruitless + 1
      longest = Math.max(longest, performance.now() - at)
    }
  }
  await Promise.all([erase(world.house), erase(other)])
  const seconds = (performance.now() - startedAt) / 1_000
  await other.close()
  assert.equal((await rowsOf('lock.actuated')).filter(({ payload }) => payload === null).length, MANY)
  const noted = await world.record('audit.erased')
  assert.deepEqual(noted.map(({ details }) => details['rows']), [MANY])
  assert.equal((await checkChain(world.house)).intact, true)
  console.log(`${world.house.db.kind}: ${Math.round((MANY - before) / seconds)} rows a second by two servers, the longest turn ${longest.toFixed(1)} ms`)
})

testOfFiles('kill -9 while it erases: what is noted is what is erased, and the next process goes on', async () => {
  const rows = (KILLS + 2) * 1_000
  for (let made = 0; made < rows; made += 1_000) await write('lock.actuated', ...Array.from({ length: 1_000 }, (_, i) => world.house.clock() - 100 * DAY + made + i))
  await change('openings', null, 90)
  world.house.wait(DAY)
  const program = `
    const { testHouse } = await import(${JSON.stringify(new URL('../testing/house.ts', import.meta.url).href)})
    const { eraseNext } = await import(${JSON.stringify(new URL('./erase.ts', import.meta.url).href)})
    const house = await testHouse({ folder: ${JSON.stringify(world.house.config.dataDir)}, now: ${world.house.clock()}, keepsFolder: true })
    while (await eraseNext(house, 'openings')) process.stdout.write('.')
    process.exit(0)`
  const erased = async (): Promise<number> => (await rowsOf('lock.actuated')).filter(({ payload }) => payload === null).length
  let kills = 0
  for (let isDone = false; !isDone;) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<number | null>((resolve) => { child.once('exit', resolve) })
    let heard = 0
    child.stdout.on('data', (dots: Buffer) => {
      heard += dots.length
      // Three batches on, while the next one is under way.
      if (heard >= 3 && kills < KILLS) child.kill('SIGKILL')
    })
    isDone = await ended === 0
    if (!isDone) kills++
    assert.equal((await of('openings'))?.last?.rows, await erased())
    assert.equal((await checkChain(world.house)).intact, true)
  }
  assert.equal(kills, KILLS)
  assert.equal(await erased(), rows)
  assert.deepEqual((await world.record('audit.erased')).map(({ details }) => details['rows']), [rows])
})

testOfFiles('nothing of an erased content is left in the file of the database', async () => {
  await write('access.granted', world.house.clock() - 100 * DAY)
  const file = join(world.house.config.dataDir, 'oncekey.db')
  const holds = async (): Promise<boolean> => {
    const beside = new DatabaseSync(file)
    beside.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    beside.close()
    return readFileSync(file).includes('a word that nobody else says')
  }
  assert.equal(await holds(), true)
  await change('openings', null, 90)
  await days(1)
  assert.equal(await holds(), false)
})
