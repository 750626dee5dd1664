import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { GrantForm, Refusal, Schedule } from '@oncekey/protocol/schemas'
import { openWorld, type World } from '../testing/world.ts'
import { verifyEntry, type EntryAnswer } from './verify.ts'

let world: World
/** A Friday at noon in Berlin, winter time. */
const FRIDAY = Date.UTC(2026, 10, 20, 11)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const office: Schedule = { hours: [{ days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1080 }], alsoOnHolidays: false }

beforeEach(async () => { world = await openWorld({ now: FRIDAY }) })
afterEach(async () => { await world.close() })

const give = async (more: Partial<GrantForm> = {}): Promise<string> => {
  const answer = await world.call(world.people.otto, 'POST', 'grants', { personId: world.people.maya.id, accessPointIds: [world.points.a03], ...more })
  assert.equal(answer.status, 201)
  return answer.body.grants[0]?.id ?? ''
}
const getCode = () => world.call(world.people.maya, 'POST', 'codes', { accessPointId: world.points.a03 })
const why = async (query = '') => (await world.call(world.people.otto, 'GET', `access/why?personId=${world.people.maya.id}&accessPointId=${world.points.a03}${query}`)).body
/** Time passes, longer than sessions last. */
async function later (ms: number): Promise<void> {
  world.house.wait(ms)
  for (const who of Object.values(world.people)) await world.signIn(who)
}
let requests = 0
/** As the keypad would ask. */
function type (digits: string, lock = 0): Promise<EntryAnswer> {
  const { house, controllers } = world
  return house.db.write((trx) => verifyEntry(trx, house, { controller: { id: controllers.bank, name: 'Bank A' }, requestId: `q${++requests}`, lock, digits }))
}
/** The last refusal of the record, explained. */
async function explained (): Promise<Refusal & { failed: string | undefined, passed: number }> {
  const row = (await world.record('access.denied')).at(-1)
  const { body } = await world.call(world.people.otto, 'GET', `audit/why?seq=${row?.seq}`)
  return { ...body, failed: body.checks.find((one) => one.outcome === 'failed')?.check, passed: body.checks.filter((one) => one.outcome === 'passed').length }
}

test('office hours: a code is had within them and not outside; who asks is not told why, who works here is', async () => {
  await give({ schedule: office })
  assert.equal((await why()).granted, true)
  assert.equal((await why()).until, FRIDAY + 6 * HOUR, 'six in the evening in Berlin')
  assert.equal((await getCode()).status, 201)
  await later(6 * HOUR)
  const refused = await getCode()
  assert.deepEqual([refused.refusal, JSON.stringify(refused.problem).includes('schedule')], ['noGrant', false])
  const said = await why()
  assert.deepEqual([said.granted, said.because, said.grant?.schedule?.hours[0]?.toMinute], [false, 'schedule', 1080])
  assert.deepEqual(said.checks.filter((one) => one.outcome === 'notReached').map((one) => one.check), ['holiday', 'uses'])
  // Maya's page tells her when: on Monday at eight.
  const mine = (await world.call(world.people.maya, 'GET', 'me/access')).body.access.find((one) => one.accessPoint.id === world.points.a03)
  assert.equal(mine?.mayGetCodeAt, FRIDAY + 2 * DAY + 20 * HOUR)
  assert.equal((await why(`&at=${mine?.mayGetCodeAt}`)).granted, true)
})

test('a code ends with the hours of its grant, and the refusal names them', async () => {
  const grantId = await give({ schedule: office })
  await later(6 * HOUR - 60_000)
  const { body } = await getCode()
  assert.equal(body.code.expiresAt, FRIDAY + 6 * HOUR, 'a minute instead of five')
  world.house.wait(60_000)
  assert.deepEqual(await type(body.digits), { granted: false, triesLeft: 2, lockoutMs: 0 }, 'the keypad hears what it always hears')
  const [row] = await world.record('access.denied')
  assert.deepEqual([row?.reason, row?.details['because'], row?.subject?.name], ['expired', 'schedule', 'Maya'])
  const said = await explained()
  assert.deepEqual([said.failed, said.because, said.grantId, said.passed], ['schedule', 'schedule', grantId, 13])
  assert.ok(!JSON.stringify(said).includes(body.digits) && !JSON.stringify(row).includes(body.digits))
})

test('a holiday that is added meanwhile keeps a live code from opening; what was written then stays, whatever changes later', async () => {
  await give({ schedule: office })
  const { digits } = (await getCode()).body
  assert.equal((await world.call(world.people.otto, 'POST', 'holidays', { date: '2026-11-20', name: 'Fair' })).refusal, 'notAllowed')
  const added = await world.call(world.people.adam, 'POST', 'holidays', { date: '2026-11-20', name: 'Fair' })
  assert.equal(added.status, 201)
  assert.equal((await type(digits)).granted, false)
  assert.deepEqual([(await explained()).failed, (await world.record('access.denied'))[0]?.reason], ['holiday', 'outsideWindow'])
  assert.deepEqual([(await why()).because, (await why()).holiday], ['holiday', '2026-11-20'])
  assert.equal((await world.call(world.people.adam, 'DELETE', `holidays/${added.body.id}`)).status, 204)
  assert.equal((await type(digits)).granted, true, 'it was not used up by the refusal')
  assert.equal((await explained()).failed, 'holiday')
  assert.deepEqual((await world.record()).map((row) => row.event).filter((event) => event.startsWith('holiday.')), ['holiday.added', 'holiday.removed'])
  // A grant that says so holds on holidays.
  await world.call(world.people.adam, 'POST', 'holidays', { date: '2026-11-20', name: 'Fair' })
  await give({ schedule: { ...office, alsoOnHolidays: true } })
  assert.equal((await why()).granted, true)
})

test('dates that no calendar has, and the same one twice', async () => {
  const add = async (date: string) => (await world.call(world.people.adam, 'POST', 'holidays', { date, name: 'X' })).refusal
  assert.equal(await add('2026-02-30'), 'badRequest')
  assert.equal(await add('26-02-01'), 'badRequest')
  assert.equal(await add('2028-02-29'), null)
  assert.equal(await add('2028-02-29'), 'alreadyExists')
  assert.equal((await world.call(world.people.adam, 'DELETE', `holidays/${world.house.newId()}`)).refusal, 'notFound')
  assert.deepEqual((await world.call(world.people.otto, 'GET', 'holidays')).body.holidays.map((one) => [one.date, one.name]), [['2028-02-29', 'X']])
})

test('two openings and no third; twenty right entries at once count one', async () => {
  await give({ maxUses: 2 })
  for (const left of [1, 2]) {
    const { digits } = (await getCode()).body
    const answers = await Promise.all(Array.from({ length: 20 }, () => type(digits)))
    assert.equal(answers.filter((one) => one.granted).length, 1)
    const [grant] = (await world.call(world.people.otto, 'GET', `grants?accessPointId=${world.points.a03}`)).body.grants
    assert.deepEqual([grant?.uses, grant?.maxUses], [left, 2])
    await later(600_000)
  }
  assert.equal((await getCode()).refusal, 'noGrant')
  assert.equal((await why()).because, 'uses')
  assert.equal((await world.call(world.people.maya, 'GET', 'me/access')).body.access.some((one) => one.accessPoint.id === world.points.a03), false)
  // An operator's code for somebody asks for no grant, and counts against none.
  assert.equal((await world.call(world.people.otto, 'POST', 'codes', { accessPointId: world.points.a03, personId: world.people.maya.id })).status, 201)
})

test('each refusal names its check: of a lock, a person, a code that was used, replaced, taken back, unknown, or a keypad that rests', async () => {
  const { otto, maya, adam } = world.people
  const clear = () => world.call(otto, 'POST', `controllers/${world.controllers.bank}/clear-lockout`, { reason: 'test' })
  await give()
  const first = (await getCode()).body
  await type(first.digits, 1)
  assert.deepEqual([(await explained()).failed, (await explained()).passed], ['lock', 3])
  await type(first.digits)
  await type(first.digits)
  assert.equal((await explained()).failed, 'unspent')
  await clear()
  world.house.wait(31_000)
  const second = (await getCode()).body
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE people SET suspended_at = 1 WHERE id = ?').run(maya.id) })
  await type(second.digits)
  assert.equal((await explained()).failed, 'suspended')
  assert.equal((await why()).because, 'suspended')
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE people SET suspended_at = NULL WHERE id = ?').run(maya.id) })
  await world.call(otto, 'DELETE', `codes/${second.code.id}`)
  await type(second.digits)
  assert.deepEqual([(await explained()).failed, (await world.record('access.denied')).at(-1)?.reason], ['unspent', 'revoked'])
  await clear()
  await type('0000000')
  assert.deepEqual([(await explained()).failed, (await explained()).checks.slice(0, 3).map((one) => one.outcome)], ['code', ['passed', 'failed', 'notReached']])
  await type('0000000')
  await type('0000000')
  await type('0000000')
  assert.equal((await explained()).failed, 'keypad')
  assert.equal((await world.call(adam, 'GET', 'audit/why?seq=1')).refusal, 'notFound', 'not a refusal')
})

test('why not: no grant at all, one that ended, one to come, one that is over; and from afar', async () => {
  const { otto, maya } = world.people
  assert.equal((await why()).because, 'grant')
  const grantId = await give()
  await world.call(otto, 'DELETE', `grants/${grantId}`)
  assert.deepEqual([(await why()).because, (await why()).grant?.id], ['ended', grantId])
  await give({ startsAt: FRIDAY + DAY, endsAt: FRIDAY + 2 * DAY })
  assert.deepEqual([(await why()).because, (await why(`&at=${FRIDAY + DAY}`)).granted, (await why(`&at=${FRIDAY + 2 * DAY}`)).because], ['begun', true, 'over'])
  assert.equal((await why('&by=remote')).because, 'connected')
  await world.door()
  assert.equal((await why('&by=remote')).because, 'role')
  const forOtto = async () => (await world.call(otto, 'GET', `access/why?personId=${otto.id}&accessPointId=${world.points.a03}&by=remote`)).body.granted
  assert.equal(await forOtto(), true)
  assert.equal((await world.call(maya, 'GET', `access/why?personId=${maya.id}&accessPointId=${world.points.a03}`)).refusal, 'notAllowed')
  assert.equal((await world.call(otto, 'GET', `access/why?personId=${world.house.newId()}&accessPointId=${world.points.a03}`)).refusal, 'notFound')
})

test('who can open this, and what can they open: page by page, each with its verdict', async () => {
  const { otto, maya, olga } = world.people
  await give({ schedule: office })
  for (const one of [olga, otto]) await world.call(otto, 'POST', 'grants', { personId: one.id, accessPointIds: [world.points.a03], ...one === otto && { startsAt: FRIDAY + DAY } })
  const holders: string[] = []
  let after = ''
  for (let pages = 0; pages < 5; pages++) {
    const { body } = await world.call(otto, 'GET', `access/holders?accessPointId=${world.points.a03}&limit=1&at=${FRIDAY + 8 * HOUR}${after}`)
    holders.push(...body.holders.map((one) => `${one.person.name} ${one.because ?? 'opens'}`))
    if (body.next === null) break
    after = `&after=${body.next}`
  }
  assert.deepEqual(holders, ['Maya schedule', 'Olga opens', 'Otto begun'])
  const points = (await world.call(otto, 'GET', `access/points?personId=${maya.id}`)).body
  assert.deepEqual([points.accessPoints.map((one) => `${one.place} ${one.accessPoint.name} ${one.granted}`), points.next], [['Bank A A01 true', 'Bank A A02 true', 'Bank A A03 true'], null])
  assert.equal((await world.call(otto, 'GET', `access/points?personId=${maya.id}&after=nonsense`)).refusal, 'badRequest')
  // As far as there are dates, and no further.
  assert.equal((await why('&at=253402300799999')).because, 'schedule')
  assert.equal((await world.call(otto, 'GET', `access/points?personId=${maya.id}&at=253402214400000`)).status, 200)
  assert.equal((await world.call(otto, 'GET', `access/points?personId=${maya.id}&at=253402300800000`)).refusal, 'badRequest')
})

test('a grant with another schedule or count is another grant; a schedule that can not be is refused', async () => {
  const first = await give({ schedule: office })
  assert.equal(await give({ schedule: { hours: [{ ...office.hours[0]!, days: [5, 4, 3, 2, 1] }], alsoOnHolidays: false } }), first)
  assert.notEqual(await give({ schedule: office, maxUses: 3 }), first)
  const refusal = async (schedule: object) => (await world.call(world.people.otto, 'POST', 'grants', { personId: world.people.maya.id, accessPointIds: [world.points.a03], schedule })).refusal
  for (const hours of [[], [{ days: [], fromMinute: 0, toMinute: 1 }], [{ days: [8], fromMinute: 0, toMinute: 1 }], [{ days: [1], fromMinute: 1440, toMinute: 1 }], [{ days: [1], fromMinute: 0, toMinute: 0 }], [{ days: [1], fromMinute: 0.5, toMinute: 1 }]]) {
    assert.equal(await refusal({ hours, alsoOnHolidays: false }), 'badRequest', JSON.stringify(hours))
  }
  const [given] = (await world.record('grant.given')).filter((row) => row.details['grantId'] === first)
  assert.deepEqual(JSON.parse(String(given?.details['schedule'])), office)
})

test('a code that its door checks by itself does not outlive the hours, is counted when it is made, and goes with a holiday', async () => {
  const { adam, maya, otto } = world.people
  await world.call(adam, 'PATCH', `controllers/${world.controllers.front}/offline-codes`, { clock: 'trusted' })
  const atFront = (more: Partial<GrantForm>) => world.call(otto, 'POST', 'grants', { personId: maya.id, accessPointIds: [world.points.front], ...more })
  const mint = () => world.call(maya, 'POST', 'codes', { accessPointId: world.points.front, offline: 'once' })
  await atFront({ schedule: office, maxUses: 2 })
  const first = (await mint()).body
  await later(60_000)
  const second = (await mint()).body
  await later(60_000)
  assert.deepEqual([(await mint()).refusal, (await world.call(maya, 'POST', 'codes', { accessPointId: world.points.front })).refusal], ['noGrant', 'noGrant'], 'two are out, whether their door has seen them or not')
  const ask = (digits: string) => world.house.db.write((trx) => verifyEntry(trx, world.house, { controller: { id: world.controllers.front, name: 'Front door' }, requestId: `q${++requests}`, lock: 0, digits }))
  assert.equal((await ask(first.digits)).granted, true, 'it was counted when it was made')
  const [grant] = (await world.call(otto, 'GET', `grants?accessPointId=${world.points.front}`)).body.grants
  assert.equal(grant?.uses, 2)
  // Suspended behind the engine's back: the record knows whose it was, and why.
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE people SET suspended_at = 1 WHERE id = ?').run(maya.id) })
  assert.deepEqual(await ask(second.digits), { granted: false, triesLeft: 2, lockoutMs: 0 })
  assert.deepEqual([(await explained()).failed, (await world.record('access.denied')).at(-1)?.subject?.name], ['suspended', 'Maya'])
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE people SET suspended_at = NULL WHERE id = ?').run(maya.id) })
  // A holiday takes back what would open on it; its door hears so with its settings.
  await world.call(adam, 'POST', 'holidays', { date: '2026-12-25', name: 'Christmas' })
  const stateOf = async (id: string) => (await world.call(otto, 'GET', `codes?personId=${maya.id}`)).body.codes.find((one) => one.id === id)?.state
  assert.equal(await stateOf(second.code.id), 'issued', 'another day')
  await world.call(adam, 'POST', 'holidays', { date: '2026-11-20', name: 'Fair' })
  assert.deepEqual([await stateOf(second.code.id), await stateOf(first.code.id)], ['revoked', 'used'])
  assert.equal((await world.record('holiday.added')).at(-1)?.details['codes'], 1)
  // At a quarter to six such a code would last beyond the hours.
  await later(3 * DAY + 5.75 * HOUR)
  await atFront({ schedule: office })
  assert.equal((await mint()).refusal, 'noGrant')
  assert.equal((await world.call(maya, 'POST', 'codes', { accessPointId: world.points.front })).status, 201, 'one that the server checks ends with them')
})
