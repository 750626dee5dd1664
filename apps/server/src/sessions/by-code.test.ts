import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'
import { wrong } from '../testing/verifier.ts'

let a: Accounts
beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

const maya = 'maya@gym.example'
const askAndDigits = async (login = maya): Promise<{ challenge: string, code: string }> => {
  const { body: { challenge } } = await a.start('sign-in-codes', { login })
  return { challenge, code: await a.digits(challenge) }
}

test('a mailed code signs in, once, and a session that somebody planted in the browser is worth nothing afterwards', async () => {
  const planted = (await a.post('sessions', { login: 'olga@gym.example', password: PASSWORD })).cookie ?? ''
  const form = await askAndDigits()
  const answer = await a.confirm('sessions/by-code', form, { cookies: { oncekey: planted } })
  assert.ok(answer.body.granted && answer.body.signIn.state === 'signedIn' && answer.body.signIn.me.name === 'Maya')
  assert.notEqual(answer.cookie, planted)
  assert.equal((await a.world.house.app.inject({ url: '/api/v1/me', cookies: { oncekey: planted } })).statusCode, 401)
  assert.equal((await a.confirm('sessions/by-code', form)).body.granted, false)
  assert.equal((await a.world.record('session.started')).at(-1)?.details['by'], 'mailed code')
})

test('500 right answers at the same moment: one session', async () => {
  const form = await askAndDigits()
  const before = (await a.world.house.rows('SELECT token_hash FROM sessions')).length
  const answers = await Promise.all(Array.from({ length: 500 }, () => a.confirm('sessions/by-code', form)))
  assert.equal(answers.filter((one) => one.body.granted).length, 1)
  assert.equal((await a.world.house.rows('SELECT token_hash FROM sessions')).length, before + 1)
})

test('300 guesses at one challenge: five compared; a stranger without it can not touch it', async () => {
  const { challenge, code } = await askAndDigits()
  const stranger = await a.start('sign-in-codes', { login: 'MAYA@gym.example ' })
  assert.equal(stranger.code, 'coolingDown', 'the same name, however it is spelled')
  const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => a.confirm('sessions/by-code', { challenge, code: wrong(code, i + 1) })))
  assert.deepEqual(answers.map((one) => one.body.granted ? -1 : one.body.triesLeft).filter((left) => left > 0).sort(), [1, 2, 3, 4])
  assert.equal((await a.confirm('sessions/by-code', { challenge, code })).body.granted, false)
})

test('20 wrong codes a day for one person, across challenges, names and a restart; the password stays open', async () => {
  await a.world.house.db.write((trx) => trx.sql.updateTable('people').set({ username: 'maya' }).where('name', '=', 'Maya').execute())
  const evaluated = async (): Promise<number> => String((await a.world.house.rows('SELECT failures FROM otp_budgets WHERE scope = ?', `identity/person/${a.world.people.maya.id}/mailedCode`))[0]?.['failures'] ?? '').split(' ').filter(Boolean).length
  for (let round = 0; await evaluated() < 20; round++) {
    const { challenge, code } = await askAndDigits(round % 2 === 0 ? maya : 'maya')
    for (let i = 1; i <= 5; i++) {
      const { status } = await a.confirm('sessions/by-code', { challenge, code: wrong(code, i) })
      // After ten in a row growing waits begin.
      if (status === 429) a.world.house.wait(601_000)
    }
    a.world.house.wait(601_000)
    assert.ok(round < 20)
  }
  a.world.house.wait(3_600_000)
  // Whoever asks sees the same as before, but not even the right code is one: it was never sent.
  const tryRight = async (): Promise<void> => {
    for (const login of [maya, 'maya']) {
      const { status, body: { challenge } } = await a.start('sign-in-codes', { login })
      assert.equal(status, 202)
      const [letter] = await a.letters(challenge)
      assert.equal(letter?.error, 'withheld')
      assert.deepEqual((await a.confirm('sessions/by-code', { challenge, code: letter?.digits ?? '' })).body, { granted: false, triesLeft: 4 })
    }
  }
  await tryRight()
  a.world.house.wait(31_000)
  await a.world.restart()
  await tryRight()
  assert.equal(await evaluated(), 20)
  assert.equal((await a.post('sessions', { login: maya, password: PASSWORD })).status, 200)
  a.world.house.wait(86_400_000)
  const { challenge, code } = await askAndDigits()
  assert.equal((await a.confirm('sessions/by-code', { challenge, code })).body.granted, true)
})

test('a name that nobody has wears the same budgets', async () => {
  const { challenge } = await askAndDigits('nobody@gym.example')
  const answers: string[] = []
  for (let i = 0; i < 6; i++) answers.push((await a.confirm('sessions/by-code', { challenge, code: '000000' })).text)
  assert.deepEqual(answers, [4, 3, 2, 1, 0, 0].map((left) => `{"granted":false,"triesLeft":${left}}`))
  assert.equal((await a.start('sign-in-codes', { login: 'nobody@gym.example' })).code, 'coolingDown')
})

test('one mailbox gets 5 codes in ten minutes, whichever way they are asked for; who asks is not told whose it is', async () => {
  await a.world.house.db.write((trx) => trx.sql.updateTable('people').set({ username: 'maya' }).where('name', '=', 'Maya').execute())
  let sent = 0
  for (let i = 0; i < 12; i++) {
    const { status, body } = await a.start(i % 2 === 0 ? 'sign-in-codes' : 'recoveries', { login: i % 2 === 0 ? maya : 'maya' })
    if (status === 202 && (await a.letters(body.challenge))[0]?.state === 'waiting') sent++
    a.world.house.wait(30_000)
  }
  assert.equal(sent, 5)
})

test('a network that asks for many has to wait', async () => {
  const ask = (i: number) => a.post('sign-in-codes', { login: `u${i}@example.org` }, { address: '203.0.113.5', ...a.solved() })
  for (let i = 0; i < 20; i++) assert.equal((await ask(i)).status, 202)
  assert.equal((await ask(20)).code, 'tooManyTries')
})

test('the mail with a code is in the language of the page that asked, whoever has the address', async () => {
  const ask = (login: string, language: string) => a.world.house.app.inject({ method: 'POST', url: '/api/v1/sign-in-codes', payload: { login }, headers: { 'accept-language': language } })
  assert.equal((await ask(maya, 'es')).statusCode, 202)
  assert.equal((await ask('nobody@gym.example', 'ar')).statusCode, 202)
  const subjects = (await a.world.house.rows('SELECT subject FROM outbox ORDER BY id')).map((row) => String(row['subject']))
  assert.match(subjects[0] ?? '', /^Su código para /)
  assert.match(subjects[1] ?? '', /^رمزكم لدى /)
})
