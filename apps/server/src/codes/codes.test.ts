import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openWorld, quiet, type TestPerson, type World } from '../testing/world.ts'
import { expireCodes, forgetAnswers, noteUnopened } from './sweep.ts'
import { revokeCodes } from './revoke.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const ask = (who: TestPerson, body: object, headers: Record<string, string> = {}) => world.call(who, 'POST', 'codes', body, headers)
const MINUTE = 60_000

async function clearWaits (): Promise<void> {
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE codes SET created_at = created_at - 90000000').run() })
}

async function liveInEngine (): Promise<number> {
  return Number((await world.house.rows('SELECT count(*) AS n FROM otp_codes WHERE spent IS NULL'))[0]?.['n'])
}

test('Maya sees what she may open, asks for a code, and sees it until it ends', async () => {
  const home = (await world.call(world.people.maya, 'GET', 'me/access')).body
  assert.deepEqual(home.access.map((one) => [one.accessPoint.name, one.accessPoint.place, one.code, one.mayGetCodeAt, one.state.online]), [['A01', 'Bank A', null, 0, false], ['A02', 'Bank A', null, 0, false]])
  assert.equal(home.contact, 'olga@gym.example')
  const now = world.house.clock()
  const { status, body, headers } = await ask(world.people.maya, { accessPointId: world.points.a01 })
  assert.deepEqual([status, headers['cache-control']], [201, 'no-store'])
  assert.match(body.digits, /^\d{7}$/)
  assert.deepEqual([body.code.state, body.code.expiresAt, body.code.holderName, body.code.issuedBy, body.mayGetCodeAt], ['issued', now + 5 * MINUTE, 'Maya', 'Maya', now + 30_000])
  const [a01] = (await world.call(world.people.maya, 'GET', 'me/access')).body.access
  assert.deepEqual([a01?.code?.id, a01?.mayGetCodeAt], [body.code.id, now + 30_000])
  world.house.wait(5 * MINUTE)
  assert.equal((await world.call(world.people.maya, 'GET', 'me/access')).body.access[0]?.code, null)
})

test('no grant, a grant that has not begun or is over, a place that is not there: no code', async () => {
  const refusals = async (id: string) => (await ask(world.people.maya, { accessPointId: id })).refusal
  assert.equal(await refusals(world.points.front), 'noGrant')
  assert.equal(await refusals(world.house.newId()), 'notFound')
  const setGrant = (column: string, value: number) => world.house.db.write(async (trx) => { await trx.prepare(`UPDATE grants SET ${column} = ?, ${column === 'ends_at' ? 'starts_at' : 'ends_at'} = NULL`).run(value) })
  await setGrant('starts_at', world.house.clock() + 1)
  assert.equal(await refusals(world.points.a01), 'noGrant')
  await setGrant('ends_at', world.house.clock())
  assert.equal(await refusals(world.points.a01), 'noGrant')
  // An operator has no way around a grant for himself.
  assert.equal((await ask(world.people.otto, { accessPointId: world.points.a01 })).refusal, 'noGrant')
  await setGrant('ends_at', world.house.clock() + MINUTE)
  assert.equal((await ask(world.people.maya, { accessPointId: world.points.a01 })).body.code.expiresAt, world.house.clock() + MINUTE)
})

test('a new code ends the earlier one for the same lock, and only that', async () => {
  const first = await world.code()
  const other = await world.code(world.people.maya, world.points.a02)
  world.house.wait(30_000)
  await world.code()
  const states = new Map((await world.call(world.people.maya, 'GET', 'codes')).body.codes.map((code) => [code.id, code.state]))
  assert.deepEqual([states.get(first.id), states.get(other.id), await liveInEngine()], ['superseded', 'issued', 2])
  assert.equal((await world.record('code.superseded'))[0]?.details['codeId'], first.id)
})

test('waits: thirty seconds after each, five in ten minutes, twenty a day', async () => {
  const wait = async (): Promise<number | null> => {
    const answer = await ask(world.people.maya, { accessPointId: world.points.a01 })
    if (answer.status === 201) return null
    const { code, retryAfterSeconds = null } = answer.problem
    assert.deepEqual([code, String(retryAfterSeconds)], ['coolingDown', answer.headers['retry-after']])
    return retryAfterSeconds
  }
  assert.equal(await wait(), null)
  assert.equal(await wait(), 30)
  world.house.wait(29_001)
  assert.equal(await wait(), 1)
  world.house.wait(999)
  for (let i = 0; i < 4; i++) {
    assert.equal(await wait(), null)
    world.house.wait(30_000)
  }
  assert.equal(await wait(), 600 - 150)
  for (let i = 5; i < 20; i++) {
    world.house.wait(10 * MINUTE)
    assert.equal(await wait(), null)
  }
  world.house.wait(10 * MINUTE)
  assert.ok((await wait() ?? 0) > 20 * 3600)
  // Another lock has its own.
  await world.code(world.people.maya, world.points.a02)
})

test('a cancelled code is gone and still counts; one that opened nothing may be replaced at once', async () => {
  const first = await world.code()
  assert.equal((await world.call(world.people.maya, 'DELETE', `codes/${first.id}`)).status, 204)
  assert.equal((await world.call(world.people.maya, 'DELETE', `codes/${first.id}`)).status, 204)
  assert.equal((await world.record('code.revoked')).length, 1)
  assert.equal(await liveInEngine(), 0)
  assert.equal((await ask(world.people.maya, { accessPointId: world.points.a01 })).refusal, 'coolingDown')

  const door = await world.door()
  door.boltMs = null
  await world.wait(30_000, door)
  const { digits } = await world.code()
  await door.enter(digits)
  await noteUnopened(world.house)
  assert.deepEqual(await world.record('access.notOpened'), [])
  world.house.wait(10_000)
  await noteUnopened(world.house)
  await noteUnopened(world.house)
  const [told, ...more] = await world.record('access.notOpened')
  assert.deepEqual([told?.actor?.name, told?.accessPoint?.name, more.length], ['Maya', 'A01', 0])
  assert.equal((await ask(world.people.maya, { accessPointId: world.points.a01 })).status, 201)
})

test('Otto makes a code for Maya: she gets it by message, it holds for a day, and she may reveal it', async () => {
  const now = world.house.clock()
  const { status, body } = await ask(world.people.otto, { accessPointId: world.points.front, personId: world.people.maya.id })
  assert.deepEqual([status, body.code.holderName, body.code.issuedBy, body.code.expiresAt], [201, 'Maya', 'Otto', now + 24 * 60 * MINUTE])
  assert.deepEqual(body.code.deliveries, [{ channel: 'inbox', to: 'Maya', state: 'sent' }])
  const sealed = await world.house.db.read.selectFrom('inbox').selectAll().executeTakeFirstOrThrow()
  assert.deepEqual([sealed.text, sealed.code_id, sealed.sealed?.includes(body.digits)], [null, body.code.id, false])
  const revealed = await world.call(world.people.maya, 'POST', `me/inbox/${sealed.id}/reveal`)
  assert.equal(revealed.body.code, body.digits)
  const front = await world.door(world.controllers.front)
  await front.enter(body.digits)
  assert.equal(front.isLocked(1), false)
  assert.equal((await world.call(world.people.maya, 'POST', `me/inbox/${sealed.id}/reveal`)).status >= 400, true)
})

test('windows of an operator: at most seven days, within the next thirty, not in the past, never for oneself', async () => {
  const now = world.house.clock()
  const day = 24 * 60 * MINUTE
  const made = async (window: object, who = world.people.otto, personId = world.people.maya.id) => {
    await clearWaits()
    const answer = await ask(who, { accessPointId: world.points.a01, personId, ...window })
    return answer.status === 201 ? 'made' : answer.problem.errors?.[0]?.field ?? answer.refusal
  }
  assert.equal(await made({ expiresAt: now + 7 * day }), 'made')
  assert.equal(await made({ expiresAt: now + 7 * day + 1 }), 'expiresAt')
  assert.equal(await made({ validFrom: now + 30 * day, expiresAt: now + 31 * day }), 'made')
  assert.equal(await made({ validFrom: now + 30 * day + 1, expiresAt: now + 31 * day }), 'validFrom')
  assert.equal(await made({ expiresAt: now }), 'expiresAt')
  assert.equal(await made({ validFrom: now + day, expiresAt: now + day }), 'expiresAt')
  assert.equal(await made({ validFrom: 0 }), 'made')
  assert.equal(await made({ validFrom: -1 }), 'validFrom')
  assert.equal(await made({ validFrom: 1e300 }), 'validFrom')
  assert.equal(await made({ expiresAt: now + day }, world.people.maya), 'expiresAt')
  assert.equal(await made({}, world.people.maya, world.people.otto.id), 'notAllowed')
  assert.equal(await made({}, world.people.otto, world.house.newId()), 'notFound')
})

test('a code that is not valid yet is refused until it is', async () => {
  const validFrom = world.house.clock() + 10 * MINUTE
  const { body } = await ask(world.people.otto, { accessPointId: world.points.front, personId: world.people.maya.id, validFrom })
  const front = await world.door(world.controllers.front)
  await front.enter(body.digits)
  assert.equal(front.isLocked(1), true)
  assert.equal((await world.record('access.denied'))[0]?.reason, 'outsideWindow')
  await world.wait(11 * MINUTE, front)
  await front.enter(body.digits)
  assert.equal(front.isLocked(1), false)
})

test('a hundred equal requests with one key are one code; another request with that key is refused', async () => {
  const headers = { 'idempotency-key': 'phone-1' }
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(world.people.maya, { accessPointId: world.points.a01 }, headers)))
  assert.deepEqual(new Set(answers.map((one) => JSON.stringify([one.status, one.body]))).size, 1)
  assert.equal((await world.record('code.issued')).length, 1)
  assert.equal((await ask(world.people.maya, { accessPointId: world.points.a02 }, headers)).refusal, 'keyReused')
  // The key is one person's.
  assert.equal((await ask(world.people.otto, { accessPointId: world.points.a02, personId: world.people.maya.id }, headers)).status, 201)
  // Digits are gone with their code, the answer is not.
  await world.call(world.people.maya, 'DELETE', `codes/${answers[0]?.body.code.id}`)
  const again = await ask(world.people.maya, { accessPointId: world.points.a01 }, headers)
  assert.deepEqual([again.status, again.body.code.state, again.body.digits], [201, 'revoked', ''])
  world.house.wait(86_400_001)
  await forgetAnswers(world.house)
  await world.signIn(world.people.maya)
  assert.equal((await ask(world.people.maya, { accessPointId: world.points.a02 }, headers)).body.code.state, 'issued')
})

test('a keypad holds as many live codes as its digits are good for', async () => {
  const { house } = world
  const guests = Array.from({ length: 12 }, () => house.newId())
  await house.db.write(async (trx) => {
    for (const id of guests) await trx.prepare("INSERT INTO people (id, site_id, name, email, role, created_at) VALUES (?, ?, 'Guest', ?, 'member', 0)").run(id, world.siteId, `${id}@x.example`)
  })
  const answers = []
  for (const personId of guests) answers.push(await ask(world.people.otto, { accessPointId: world.points.front, personId, deliver: false }))
  assert.deepEqual(answers.map((one) => one.refusal ?? one.body.code.state), [...Array.from({ length: 11 }, () => 'issued'), 'readerFull'])
  const controllers = (await world.call(world.people.otto, 'GET', 'places')).body.controllers
  const front = controllers.find((one) => one.id === world.controllers.front)
  assert.equal(front?.digits, 7)
  assert.ok(front && front.dailyChance > 9e-5 && front.dailyChance <= 1e-4)
})

test('codes end by themselves when their time is over, with everything that held their digits', async () => {
  const { body } = await ask(world.people.maya, { accessPointId: world.points.a01, deliver: true }, { 'idempotency-key': 'k' })
  await expireCodes(world.house)
  assert.deepEqual(await world.record('code.expired'), [])
  world.house.wait(5 * MINUTE)
  await expireCodes(world.house)
  await expireCodes(world.house)
  assert.deepEqual((await world.record('code.expired')).map((row) => [row.details['codeId'], row.subject?.name]), [[body.code.id, 'Maya']])
  const { sealed } = await world.house.db.read.selectFrom('inbox').select('sealed').executeTakeFirstOrThrow()
  const { answer_sealed } = await world.house.db.read.selectFrom('idempotency_keys').select('answer_sealed').executeTakeFirstOrThrow()
  assert.deepEqual([sealed, answer_sealed, await liveInEngine()], [null, null, 0])
  assert.ok(world.told.some(({ event }) => event.kind === 'code' && event.change === 'expired'))
})

test('all live codes of a person, a place, a grant end with it', async () => {
  const revoke = (which: Parameters<typeof revokeCodes>[2]) => world.house.db.write((trx) => revokeCodes(trx, world.house, which, null))
  await world.code()
  await world.code(world.people.maya, world.points.a02)
  assert.equal(await revoke({ holderId: world.people.otto.id }), 0)
  assert.equal(await revoke({ accessPointId: world.points.a02 }), 1)
  const grant = await world.house.db.read.selectFrom('grants').select('id').where('access_point_id', '=', world.points.a01).executeTakeFirstOrThrow()
  assert.equal(await revoke({ grantId: grant.id }), 1)
  await clearWaits()
  await world.code()
  assert.equal(await revoke({ holderId: world.people.maya.id }), 1)
  assert.equal(await liveInEngine(), 0)
})

test('members see and cancel their own codes; operators everybody\'s; nobody sees digits', async () => {
  const { id, digits } = await world.code()
  const { body } = await ask(world.people.otto, { accessPointId: world.points.a01, personId: world.people.adam.id, deliver: false })
  const mine = await world.call(world.people.maya, 'GET', 'codes')
  assert.deepEqual(mine.body.codes.map((code) => code.id), [id])
  assert.equal((await world.call(world.people.maya, 'GET', `codes?personId=${world.people.adam.id}`)).refusal, 'notAllowed')
  assert.equal((await world.call(world.people.maya, 'DELETE', `codes/${body.code.id}`)).refusal, 'notFound')
  const all = await world.call(world.people.otto, 'GET', `codes?accessPointId=${world.points.a01}`)
  assert.equal(all.body.codes.length, 2)
  assert.doesNotMatch(JSON.stringify(all.body), new RegExp(digits))
  assert.equal((await world.call(world.people.otto, 'DELETE', `codes/${id}`)).status, 204)
  assert.equal((await world.record('code.revoked'))[0]?.actor?.name, 'Otto')
  await quiet()
})

test('a code says by which ways it went out, with addresses masked', async () => {
  const { body } = await ask(world.people.otto, { accessPointId: world.points.a01, personId: world.people.maya.id })
  const id = body.code.id
  await world.house.db.write(async (trx) => {
    const add = trx.prepare(`INSERT INTO outbox (id, dedupe_key, channel, recipient, code_id, subject, text, state, attempts, next_at, created_at) VALUES (?, ?, ?, ?, ?, 'Code', '', ?, 1, 0, 0)`)
    await add.run('m1', '1', 'email', 'maya@gym.example', id, 'waiting')
    await add.run('m2', '2', 'sms', '+351210000042', id, 'sent')
  })
  const { codes } = (await world.call(world.people.otto, 'GET', `codes?accessPointId=${world.points.a01}`)).body
  assert.deepEqual(codes[0]?.deliveries, [
    { channel: 'email', to: 'm•••@gym.example', state: 'waiting' }, { channel: 'sms', to: '•••42', state: 'sent' }, { channel: 'inbox', to: 'Maya', state: 'sent' }
  ])
})
