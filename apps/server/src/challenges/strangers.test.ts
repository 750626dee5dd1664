import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { forgetAnswers } from '../codes/sweep.ts'
import { quiet } from '../testing/database.ts'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'
import { wrong } from '../testing/verifier.ts'

const login = 'maya@gym.example'
let a: Accounts

beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

/** Signs Maya in where she is known from then on. */
async function knownBrowser (): Promise<{ cookies: Record<string, string> }> {
  const { device } = await a.post('sessions', { login, password: PASSWORD })
  assert.ok(device !== null)
  return { cookies: { 'oncekey-browser': device } }
}

async function isSent (challenge: string): Promise<boolean> {
  return (await a.letters(challenge))[0]?.state === 'waiting'
}

test('strangers who ask for codes all day leave some for the browsers that the person signed in with', async () => {
  const hers = await knownBrowser()
  for (let sent = 0; sent < 20; sent++) {
    assert.equal((await a.start('sign-in-codes', { login })).status, 202)
    a.world.house.wait(121_000)
  }
  a.world.house.wait(601_000)
  assert.equal((await a.start('sign-in-codes', { login })).code, 'coolingDown', 'a browser that nobody knows')
  for (const way of ['sign-in-codes', 'recoveries'] as const) {
    const { body: { challenge } } = await a.start(way, { login }, hers)
    assert.ok(await isSent(challenge), way)
    a.world.house.wait(31_000)
  }
  let more = 0
  for (let i = 0; i < 20; i++) {
    const { status, body } = await a.start('sign-in-codes', { login }, hers)
    if (status === 202 && await isSent(body.challenge)) more++
    a.world.house.wait(301_000)
  }
  assert.equal(more, 8, 'ten a day in all')
  const otto = await a.start('sign-in-codes', { login: 'otto@gym.example' }, hers)
  assert.ok(await isSent(otto.body.challenge), 'her browser is nobody special for others')
})

test('wrong codes of strangers cost a known browser none of its tries', async () => {
  const hers = await knownBrowser()
  for (let round = 0; round < 4; round++) {
    const { body: { challenge } } = await a.start('sign-in-codes', { login })
    const code = await a.digits(challenge)
    for (let i = 1; i <= 5; i++) await a.confirm('sessions/by-code', { challenge, code: wrong(code, i) })
    a.world.house.wait(1_201_000)
  }
  assert.equal((await a.start('sign-in-codes', { login })).code, 'tooManyTries')
  const { body: { challenge } } = await a.start('sign-in-codes', { login }, hers)
  assert.equal((await a.confirm('sessions/by-code', { challenge, code: await a.digits(challenge) })).body.granted, true)
})

test('wrong codes at a user name make nobody wait at the address that it belongs to', async () => {
  await a.world.house.db.write((trx) => trx.sql.updateTable('people').set({ username: 'maya' }).where('name', '=', 'Maya').execute())
  for (const name of ['maya', 'nobody']) {
    for (let round = 0; round < 2; round++) {
      const { body: { challenge } } = await a.start('sign-in-codes', { login: name })
      for (let i = 0; i < 5; i++) await a.confirm('sessions/by-code', { challenge, code: wrong(await a.digits(challenge)) })
      a.world.house.wait(31_000)
    }
    assert.equal((await a.start('sign-in-codes', { login: name })).code, 'tooManyTries')
    const { status, body } = await a.start('sign-in-codes', { login: `${name}@gym.example` })
    const answer = await a.confirm('sessions/by-code', { challenge: body.challenge, code: wrong(await a.digits(body.challenge)) })
    assert.deepEqual([status, answer.status, answer.text], [202, 200, '{"granted":false,"triesLeft":4}'], name)
  }
})

test('a send that was noted by a clock that ran ahead blocks nobody', async () => {
  const from = a.world.house.clock()
  a.world.house.wait(30 * 86_400_000)
  await a.start('sign-in-codes', { login })
  a.world.house.wait(from + 1000 - a.world.house.clock())
  assert.equal((await a.start('sign-in-codes', { login })).status, 202)
  assert.equal((await a.start('sign-in-codes', { login })).code, 'coolingDown')
})

test('wrong mailed codes are in the record, without their digits, and with whom they were for', async () => {
  for (const [name, subject] of [[login, 'Maya'], ['nobody@else.example', undefined]] as const) {
    const { body: { challenge } } = await a.start('sign-in-codes', { login: name })
    const code = wrong(await a.digits(challenge))
    for (let i = 0; i < 7; i++) await a.confirm('sessions/by-code', { challenge, code }, { address: '203.0.113.9' })
    const rows = (await a.world.record('session.refused')).slice(-5)
    assert.deepEqual(rows.map(({ details, subject: whose }) => [details['by'], details['triesLeft'], details['address'], whose?.name]), [4, 3, 2, 1, 0].map((left) => ['mailed code', left, '203.0.113.9', subject]))
    assert.ok(!JSON.stringify(rows).includes(code))
  }
  assert.equal((await a.world.record('session.refused')).length, 10, 'what was not compared is not there')
})

test('codes for challenges that nobody has never reach the queue of writes, and a flood of them has an end', async () => {
  const { house } = a.world
  let writes = 0
  const { write } = house.db
  house.db.write = (change, options) => {
    writes++
    return write(change, options)
  }
  const challenge = 'A'.repeat(31)
  const ways = [['sessions/by-code', {}], ['registrations/confirm', {}], ['recoveries/confirm', { password: 'seven brown herons' }]] as const
  for (let i = 0; i < 100; i++) {
    for (const [way, more] of ways) assert.deepEqual((await a.confirm(way, { challenge, code: '123456', ...more }, { address: '203.0.113.7' })).body, { granted: false, triesLeft: 0 })
  }
  assert.equal(writes, 0)
  let status = 200
  for (let i = 300; i < 2001; i++) status = (await a.confirm('sessions/by-code', { challenge, code: '123456' }, { address: '203.0.113.7' })).status
  assert.equal(status, 429)
  assert.equal((await a.confirm('sessions/by-code', { challenge, code: '123456' }, { address: '203.0.113.8' })).status, 200)
})

test('budgets of made-up names are forgotten as fast as they come', async () => {
  const { house } = a.world
  await house.db.write(async () => {
    for (let i = 0; i < 1200; i++) await house.otp.count({ scope: `identity/nobody/${i}/password`, policy: { kind: 'reader', triesInARow: 10, lockoutMs: 1, longestLockoutMs: 1, ceiling: 20, windowMs: 1 }, granted: false })
  })
  const count = async (): Promise<number> => Number((await house.rows('SELECT count(*) AS n FROM otp_budgets'))[0]?.['n'])
  assert.ok(await count() >= 1200)
  house.wait(3 * 86_400_000)
  await forgetAnswers(house)
  assert.equal(await count(), 0)
})

test('twenty wrong passwords a day for one person over both names; none of the two tells of the other', async () => {
  await a.world.house.db.write((trx) => trx.sql.updateTable('people').set({ username: 'maya' }).where('name', '=', 'Maya').execute())
  const hers = await knownBrowser()
  const guess = async (name: string, password = 'wrong one') => a.post('sessions', { login: name, password }, a.solved())
  const names = ['maya', login, 'nobody', 'nobody@gym.example']
  const seen: Record<string, string[]> = { maya: [], [login]: [], nobody: [], 'nobody@gym.example': [] }
  // All day long: the first name of each pair until it has had enough, then the other one.
  for (let round = 0; round < 24; round++) {
    for (const name of names) {
      for (let i = 0; i < 3; i++) seen[name]?.push((await guess(name)).text)
    }
    a.world.house.wait(1_800_000)
  }
  assert.deepEqual(seen['maya'], seen['nobody'], 'a name that is somebody\'s reads like one that is nobody\'s')
  assert.deepEqual(seen[login], seen['nobody@gym.example'])
  assert.equal(seen['maya']?.filter((text) => text.includes('signInRefused')).length, 20)
  const failures = String((await a.world.house.rows('SELECT failures FROM otp_budgets WHERE scope = ?', `identity/person/${a.world.people.maya.id}/password`))[0]?.['failures'])
  assert.equal(failures.split(' ').length, 20, 'evaluated for her, and not forty')
  await quiet()
  const told = (await a.world.house.rows("SELECT subject FROM inbox WHERE person_id = ? AND subject = 'Many failed sign-ins'", a.world.people.maya.id)).length
  assert.equal(told, 1, 'she is told, once a day')
  assert.equal((await a.post('sessions', { login, password: PASSWORD }, hers)).status, 200)
})
