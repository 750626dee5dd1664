import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAccounts, PASSWORD } from '../testing/accounts.ts'

const login = 'maya@gym.example'

test('with one name used up the right password at the other one reads as a wrong one, in the same time; known browsers and mailed codes stay open', async (t) => {
  const a = await openAccounts()
  t.after(() => a.world.close())
  await a.world.house.db.write((trx) => trx.sql.updateTable('people').set({ username: 'maya' }).where('name', '=', 'Maya').execute())
  const { device } = await a.post('sessions', { login, password: PASSWORD })
  const hers = { cookies: { 'oncekey-browser': device ?? '' } }
  for (let i = 0; i < 10; i++) assert.equal((await a.post('sessions', { login: 'maya', password: 'wrong one' })).code, 'signInRefused')
  assert.equal((await a.post('sessions', { login: 'maya', password: PASSWORD }, a.solved())).code, 'tooManyTries')
  const time = async (password: string): Promise<[number, string]> => {
    const from = performance.now()
    const { text } = await a.post('sessions', { login, password }, a.solved())
    return [performance.now() - from, text]
  }
  const [right, wrongOne] = [await time(PASSWORD), await time('wrong one')]
  assert.equal(right[1], wrongOne[1])
  assert.ok(right[0] > wrongOne[0] / 3 && right[0] < wrongOne[0] * 3, `${right[0]} and ${wrongOne[0]} ms`)
  assert.equal((await a.post('sessions', { login, password: PASSWORD }, hers)).status, 200)
  const { body: { challenge } } = await a.start('sign-in-codes', { login })
  assert.equal((await a.confirm('sessions/by-code', { challenge, code: await a.digits(challenge) })).body.granted, true)
})
