import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { reasons } from '@oncekey/protocol/audit-events'
import type { AuditRow, Insights } from '@oncekey/protocol/schemas'
import type { AuditFact } from '../audit/append.ts'
import { openWorld, quiet, type World } from '../testing/world.ts'
import { countNext, forgetInsights, progressOf } from './progress.ts'

let world: World
const HOUR = 3_600_000
/** The Friday before clocks in Berlin go back, on Sunday the 25th of October 2026 at three. */
const AUTUMN = Date.UTC(2026, 9, 23, 10)

beforeEach(async () => { world = await openWorld({ now: AUTUMN }) })
afterEach(() => world.close())

async function countAll (house = world.house): Promise<number> {
  let turns = 1
  while (await countNext(house)) turns++
  return turns
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
function random (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A record of whatever may happen at doors, in the order of a clock that now and then goes back a little. */
async function fill (seed: number, rows: number, from: number, to: number): Promise<void> {
  const next = random(seed)
  const pick = <One>(list: readonly One[]): One => list[Math.floor(next() * list.length)] as One
  const points = Object.entries(world.points).map(([name, id]) => ({ id, name }))
  const people = Object.values(world.people).map(({ id, name }) => ({ id, name }))
  const controller = { id: world.controllers.bank, name: 'Bank A' }
  const facts: [number, AuditFact][] = []
  let now = from
  while (facts.length < rows) {
    now += next() * 2 * (to - from) / rows
    const at = Math.floor(now - (next() < 0.05 ? 900 : 0))
    const accessPoint = pick(points)
    const actor = pick(people)
    const kind = next()
    const mode = next() < 0.8 ? 'unlock' : 'lock'
    const details = { codeId: `c${facts.length}`, lock: 1, mode }
    if (kind < 0.2) facts.push([at, { event: 'code.issued', actor, subject: pick(people), accessPoint, details: { codeId: details.codeId } }])
    else if (kind < 0.25) facts.push([at, { event: pick(['code.delivered', 'door.codeSent', 'door.codeSentInPart'] as const), accessPoint, details: { codeId: details.codeId } }])
    else if (kind < 0.3) facts.push([at, { event: 'door.codeRequested', accessPoint, controller, details: next() < 0.3 ? { mode, refused: 'nobody' } : { codeId: details.codeId, mode } }])
    else if (kind < 0.45) facts.push([at, { event: 'access.denied', controller, accessPoint: next() < 0.5 ? accessPoint : null, reason: pick(reasons), details: { triesLeft: 3 } }])
    else if (kind < 0.75) {
      const isPin = next() < 0.1
      facts.push([at, { event: 'access.granted', actor, accessPoint, controller, details: isPin ? { pin: 'Fire', pinId: 'p', lock: 1, mode } : details }])
      const source = pick(['keypad', 'keypad', 'keypad', 'remote', 'auto'])
      const took = Math.floor(10 ** (1 + next() * 4))
      if (next() < 0.9) facts.push([at + took, { event: 'lock.actuated', actor, controller, accessPoint, details: { lock: 1, mode, source, ...isPin && { pinId: 'p' }, lockState: next() < 0.95 ? (mode === 'lock' ? 'locked' : 'unlocked') : 'unknown', at: at + took - 40, trust: 'synced' } }])
    } else if (kind < 0.85) {
      const ago = Math.floor(next() * 40 * 24 * HOUR)
      facts.push([at, { event: 'lock.actuated', actor, controller, accessPoint, details: { lock: 1, mode, source: 'offlineCode', ...next() < 0.8 && { codeId: details.codeId, grantId: null }, lockState: mode === 'lock' ? 'locked' : 'unlocked', at: at - ago, trust: pick(['synced', 'rtc', 'none']) } }])
    } else facts.push([at, { event: pick(['session.started', 'controller.connected', 'lock.jammed', 'door.changed'] as const), actor, controller, details: {} }])
  }
  facts.sort(([a], [b]) => a - b)
  for (let i = 0; i < facts.length; i += 200) await world.house.db.write(async (trx) => { for (const [at, fact] of facts.slice(i, i + 200)) world.house.audit.append(trx, at, fact) })
  await quiet()
}

/** The same by nothing but the rows of the record and the platform's calendar: each is looked at by itself, as slowly as it takes. */
function naive (rows: readonly AuditRow[], timeZone: string, from: string, to: string) {
  const calendar = new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', weekday: 'short', hourCycle: 'h23' })
  const wall = (moment: number) => {
    const part = Object.fromEntries(calendar.formatToParts(moment).map(({ type, value }) => [type, value]))
    return { day: `${part['year']}-${part['month']}-${part['day']}`, hour: Number(part['hour']), weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part['weekday'] ?? '') }
  }
  const isIn = (moment: number): boolean => wall(moment).day >= from && wall(moment).day <= to
  const when = ({ time, details }: AuditRow): number => (details['trust'] === 'synced' || details['trust'] === 'rtc') && Number(details['at']) < time && Number(details['at']) > time - 31 * 24 * HOUR ? Number(details['at']) : time
  const actuated = rows.filter((row) => row.event === 'lock.actuated')
  const opened = actuated.filter((row) => row.details['mode'] === 'unlock' && row.details['lockState'] === 'unlocked')
  const asAsked = actuated.filter((row) => `${row.details['mode']}ed` === row.details['lockState'])
  const offline = asAsked.filter((row) => row.details['source'] === 'offlineCode' && row.details['codeId'] !== undefined)
  const week = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0))
  const points = new Map<string, number>()
  for (const row of opened.filter((one) => isIn(when(one)))) {
    const { weekday, hour } = wall(when(row))
    const line = week[weekday] ?? []
    line[hour] = (line[hour] ?? 0) + 1
    points.set(row.accessPoint?.id ?? '', (points.get(row.accessPoint?.id ?? '') ?? 0) + 1)
  }
  const refusals = new Map<string, number>()
  for (const row of rows) if (row.event === 'access.denied' && isIn(row.time)) refusals.set(row.reason ?? '', (refusals.get(row.reason ?? '') ?? 0) + 1)
  const count = (fits: (row: AuditRow) => boolean): number => rows.filter((row) => isIn(row.time) && fits(row)).length
  const spans = opened.filter((row) => row.details['source'] === 'keypad').flatMap((row) => {
    const before = rows.filter((one) => one.seq < row.seq && one.accessPoint?.id === row.accessPoint?.id)
    const granted = before.findLast((one) => one.event === 'access.granted' && one.details['mode'] === 'unlock')
    const isTaken = before.some((one) => granted !== undefined && one.seq > granted.seq && opened.includes(one) && one.details['source'] === 'keypad')
    return granted === undefined || isTaken || row.time < granted.time || row.time - granted.time > 60_000 || !isIn(row.time) ? [] : [row.time - granted.time]
  }).sort((a, b) => a - b)
  return {
    openings: week.flat().reduce((sum, one) => sum + one, 0), week, points: Object.fromEntries(points), refusals: Object.fromEntries(refusals), spans,
    codes: {
      asked: count((row) => row.event === 'code.issued' || (row.event === 'door.codeRequested' && row.details['refused'] === undefined)),
      shown: count((row) => row.event === 'code.issued' && row.actor?.id === row.subject?.id),
      sent: count((row) => ['code.delivered', 'door.codeSent', 'door.codeSentInPart'].includes(row.event)),
      typed: count((row) => row.event === 'access.granted' && row.details['codeId'] !== undefined) + offline.filter((row) => isIn(when(row))).length,
      moved: offline.filter((row) => isIn(when(row))).length + asAsked.filter((row) => row.details['source'] === 'keypad' && row.details['pinId'] === undefined && isIn(when(row))).length
    }
  }
}

async function compare (from: string, to: string, timeZone: string): Promise<Insights> {
  const answer = await world.call(world.people.otto, 'GET', `insights?from=${from}&to=${to}`)
  assert.equal(answer.status, 200)
  const found = answer.body
  const expected = naive(await world.record(), timeZone, from, to)
  assert.deepEqual([found.from, found.to, found.timeZone], [from, to, timeZone])
  assert.deepEqual(found.week, expected.week)
  assert.equal(found.openings, expected.openings)
  assert.deepEqual(Object.fromEntries(found.points.map(({ id, openings }) => [id, openings])), expected.points)
  assert.deepEqual(Object.fromEntries(found.refusals.map(({ reason, count }) => [reason, count])), expected.refusals)
  assert.deepEqual(found.codes, expected.codes)
  assert.equal(found.latency.openings, expected.spans.length)
  for (const [part, ms] of [[0.5, found.latency.p50Ms], [0.95, found.latency.p95Ms]] as const) {
    const exact = expected.spans[Math.ceil(expected.spans.length * part) - 1]
    if (exact === undefined) assert.equal(ms, null)
    else assert.ok(ms !== null && Math.abs(ms - exact) <= exact * 0.1 + 1, `${part}: ${ms} ms, exactly ${exact} ms`)
  }
  return found
}

test('figures are a count of the record, whatever happened, across the end of summer time and in zones of odd hours', async () => {
  const seed = Date.now() % 1e6
  console.log(`  seed ${seed}`)
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE sites SET time_zone = ?').run('Asia/Kathmandu') })
  await fill(seed, 2_500, AUTUMN, AUTUMN + 9 * 24 * HOUR)
  world.house.wait(10 * 24 * HOUR)
  await world.signIn(world.people.otto)
  await countAll()
  const nepal = await compare('2026-10-20', '2026-11-03', 'Asia/Kathmandu')
  assert.ok(nepal.openings > 300 && nepal.latency.openings > 100 && Object.values(nepal.codes).every(Boolean), 'there is something to compare')
  // Another zone has other days: all is counted anew.
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE sites SET time_zone = ?').run('Europe/Berlin') })
  await countAll()
  await compare('2026-10-20', '2026-11-03', 'Europe/Berlin')
  await compare('2026-10-25', '2026-10-25', 'Europe/Berlin')
  await compare('2026-10-24', '2026-10-26', 'Europe/Berlin')
  await compare('2026-12-01', '2026-12-02', 'Europe/Berlin')
})

test('the hour that comes twice when clocks go back is one hour of the week, and the one that is left out in spring has nothing', async () => {
  const opening = (at: number) => world.house.db.write(async (trx) => {
    world.house.audit.append(trx, at, { event: 'lock.actuated', accessPoint: { id: world.points.front, name: 'Front door' }, details: { mode: 'unlock', lockState: 'unlocked', source: 'remote' } })
  })
  // 02:30 in summer time, and 02:30 an hour later.
  for (const at of [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30), Date.UTC(2026, 9, 25, 2, 30)]) await opening(at)
  await countAll()
  const autumn = (await world.call(world.people.otto, 'GET', 'insights?from=2026-10-25&to=2026-10-25')).body
  assert.deepEqual(autumn.week[6]?.slice(0, 5), [0, 0, 2, 1, 0])
  for (const at of [Date.UTC(2027, 2, 28, 0, 59), Date.UTC(2027, 2, 28, 1, 0)]) await opening(at)
  await countAll()
  const spring = (await world.call(world.people.otto, 'GET', 'insights?from=2027-03-28&to=2027-03-28')).body
  assert.deepEqual(spring.week[6]?.slice(0, 5), [0, 1, 0, 1, 0])
})

test('two servers that count the same record at once, and are stopped in the middle of it, count each row once', async () => {
  await fill(7, 3_000, AUTUMN, AUTUMN + 5 * 24 * HOUR)
  const beside = await world.house.beside()
  try {
    await Promise.all([countNext(world.house), countNext(beside), countNext(beside)])
    for (let i = 0; i < 3; i++) await Promise.all([countNext(world.house), countNext(beside)])
    // One is gone after two batches; what it had read and not written is nowhere.
    assert.ok(Number((await progressOf(world.house))?.seq) < 3_000)
    await Promise.all([countAll(beside), countAll(world.house)])
  } finally {
    await beside.transport.close()
    await beside.close()
  }
  await compare('2026-10-20', '2026-11-03', 'Europe/Berlin')
})

test('a write that fails half way counts nothing; after a restart it goes on where it was', async () => {
  await fill(8, 1_200, AUTUMN, AUTUMN + 2 * 24 * HOUR)
  await countNext(world.house)
  await countNext(world.house)
  const before = await progressOf(world.house)
  assert.equal(before?.seq, 500)
  const { write } = world.house.db
  const broken = Object.assign(Object.create(world.house), { db: { ...world.house.db, ask: world.house.db.ask, read: world.house.db.read, write: (change: Parameters<typeof write>[0]) => write(async (trx) => { await change(trx); throw new Error('killed') }) } })
  await assert.rejects(countNext(broken), /killed/)
  assert.deepEqual(await progressOf(world.house), before)
  await world.restart()
  await countAll()
  await compare('2026-10-20', '2026-11-03', 'Europe/Berlin')
})

test('a record that was taken back, and another way to count, throw away what was counted; a batch at a time', async () => {
  await fill(9, 900, AUTUMN, AUTUMN + 2 * 24 * HOUR)
  await countAll()
  for (const damage of ['UPDATE insight_progress SET seq = 1000000', 'UPDATE insight_progress SET way = 0', "UPDATE insight_progress SET clearing = 1"]) {
    await world.house.db.write(async (trx) => {
      await trx.prepare('UPDATE insight_hours SET openings = openings + 5').run()
      await trx.prepare(damage).run()
    })
    await countAll()
    await compare('2026-10-20', '2026-11-03', 'Europe/Berlin')
  }
})

test('erased rows stay counted; what is older than 400 days is forgotten', async () => {
  await fill(10, 600, AUTUMN, AUTUMN + 2 * 24 * HOUR)
  await countAll()
  const before = await compare('2026-10-20', '2026-11-03', 'Europe/Berlin')
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE audit SET payload = NULL, actor_id = NULL, subject_id = NULL, access_point_id = NULL, controller_id = NULL, reason = NULL').run() })
  await countAll()
  const after = (await world.call(world.people.otto, 'GET', 'insights?from=2026-10-20&to=2026-11-03')).body
  assert.deepEqual({ ...after, counted: null }, { ...before, counted: null })
  world.house.wait(403 * 24 * HOUR)
  await forgetInsights(world.house)
  for (const table of ['insight_days', 'insight_hours']) assert.deepEqual(await world.house.rows(`SELECT * FROM ${table}`), [])
})

test('the last days end with the site\'s today', async () => {
  world.house.wait(Date.UTC(2026, 9, 24, 22, 30) - AUTUMN)
  await world.signIn(world.people.otto)
  for (const [query, from] of [['to=2026-10-25', '2026-09-28'], ['days=1', '2026-10-25'], ['days=400', '2025-09-21']] as const) {
    const { body } = await world.call(world.people.otto, 'GET', `insights?${query}`)
    assert.deepEqual([body.from, body.to], [from, '2026-10-25'])
  }
})

test('files have no formula in them, and odd periods are named', async () => {
  const { otto } = world.people
  await world.house.db.write(async (trx) => {
    await trx.prepare('UPDATE access_points SET name = ? WHERE id = ?').run('=HYPERLINK("http://example.org")', world.points.a01)
    world.house.audit.append(trx, AUTUMN, { event: 'lock.actuated', accessPoint: { id: world.points.a01, name: 'A01' }, details: { mode: 'unlock', lockState: 'unlocked', source: 'remote' } })
    world.house.audit.append(trx, AUTUMN, { event: 'access.denied', reason: 'wrong', details: {} })
  })
  await countAll()
  const file = async (chart: string): Promise<string> => (await world.call(otto, 'GET', `insights/csv?chart=${chart}`)).said.replace(/^200 /, '')
  assert.match(await file('points'), /^\ufeffaccess point,place,openings,id\r\n"'=HYPERLINK\(""http:\/\/example\.org""\)",Bank A,1,/)
  assert.equal(await file('use'), '\ufeffday,weekday,hour,openings\r\n2026-10-23,Friday,12,1\r\n')
  assert.equal(await file('refusals'), '\ufeffday,reason,refusals\r\n2026-10-23,wrong,1\r\n')
  for (const [query, field] of [['from=2026-02-30', 'from'], ['from=2026-10-24&to=2026-10-23', 'from'], ['from=2020-01-01', 'from'], ['to=0000-13-01', 'to'], ['to=yesterday', 'to']] as const) {
    const answer = await world.call(otto, 'GET', `insights?${query}`)
    assert.equal(answer.status, 400, query)
    assert.match(JSON.stringify(answer.problem), new RegExp(field))
  }
})
