import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { CAPTCHA_HEADER, solveCaptcha } from '@oncekey/protocol/captcha'
import type { Captcha } from '@oncekey/protocol/schemas'
import { countUnproven } from '../challenges/unproven.ts'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'

const address = '203.0.113.5'
const login = 'maya@gym.example'
let a: Accounts
beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

const captcha = async (): Promise<Captcha> => (await a.world.call(null, 'GET', 'captcha')).body
const refuse = (from: string, name = login): ReturnType<Accounts['post']> => a.post('sessions', { login: name, password: 'not the password' }, { address: from })

test('after ten codes that one network had mailed each further one takes work; others are asked for none', async () => {
  const ask = (i: number, more = {}) => a.start('sign-in-codes', { login: `u${i}@else.example` }, { address, ...more })
  for (let i = 0; i < 10; i++) assert.equal((await ask(i)).status, 202)
  const refused = await ask(10)
  assert.deepEqual([refused.status, refused.code], [403, 'captchaNeeded'])
  assert.equal((await a.start('recoveries', { login }, { address })).code, 'captchaNeeded')
  assert.equal((await a.start('challenges/resend', { challenge: 'A'.repeat(31) }, { address })).code, 'captchaNeeded')
  assert.equal((await a.start('sign-in-codes', { login })).status, 202, 'from elsewhere')
  for (let i = 10; i < 20; i++) assert.equal((await ask(i, a.solved())).status, 202)
  assert.equal((await ask(20, a.solved())).code, 'tooManyTries', 'work opens no more than there is')
  a.world.house.wait(1_200_000)
  assert.equal((await ask(21)).status, 202)
})

test('after five refused passwords of one network the right one, too, takes work', async () => {
  for (let i = 0; i < 5; i++) assert.equal((await refuse(address, `u${i}`)).code, 'signInRefused')
  const right = (more = {}) => a.post('sessions', { login, password: PASSWORD }, { address, ...more })
  assert.equal((await right()).code, 'captchaNeeded')
  assert.equal((await right(a.solved())).status, 200)
  assert.equal((await a.post('sessions', { login, password: PASSWORD })).status, 200, 'from elsewhere')
  a.world.house.wait(600_000)
  assert.equal((await right()).status, 200)
})

test('after two hundred refused passwords from everywhere everybody does a little work', async () => {
  for (let i = 0; i < 200; i++) await refuse(`198.51.${i}.1`, `u${i >> 3}`)
  const right = (more = {}) => a.post('sessions', { login, password: PASSWORD }, more)
  assert.equal((await right()).code, 'captchaNeeded')
  assert.equal((await right(a.solved())).status, 200)
  a.world.house.wait(600_000)
  assert.equal((await right()).status, 200)
})

test('when many codes go to addresses that nobody proves, registering takes work', async () => {
  await a.world.call(a.world.people.adam, 'PATCH', 'registration-policy', { who: 'everybody', domains: [] })
  await a.world.house.db.write(async (trx) => { for (let i = 0; i < 20; i++) await countUnproven(trx, a.world.house) })
  const form = { username: 'nia', email: 'nia@else.example', password: 'seven brown herons' }
  assert.equal((await a.start('registrations', form)).code, 'captchaNeeded')
  assert.equal((await a.start('registrations', form, a.solved())).status, 202)
  assert.equal((await a.start('sign-in-codes', { login })).status, 202, 'signing in takes none')
})

test('a browser in which somebody has signed in before is asked for nothing', async () => {
  const { device } = await a.post('sessions', { login, password: PASSWORD })
  for (let i = 0; i < 5; i++) await refuse(address, `u${i}`)
  for (const mark of [device ?? '', 'made up']) {
    const { status } = await a.post('sessions', { login, password: PASSWORD }, { address, cookies: { 'oncekey-browser': mark } })
    assert.equal(status, mark === device ? 200 : 403)
  }
})

test('the mark of one person is no leave to guess at everybody without work', async () => {
  const { device } = await a.post('sessions', { login, password: PASSWORD })
  const guess = (i: number) => a.post('sessions', { login: `u${i}`, password: 'not the password' }, { cookies: { 'oncekey-browser': device ?? '' } })
  for (let i = 0; i < 5; i++) assert.equal((await guess(i)).code, 'signInRefused')
  assert.equal((await guess(5)).code, 'captchaNeeded', 'from another address each time')
})

test('a solution counts once, however it is written, for five minutes, and only the right one', async () => {
  for (let i = 0; i < 5; i++) await refuse(address, `u${i}`)
  const right = async (solution: string): Promise<number> => (await a.post('sessions', { login, password: PASSWORD }, { address, headers: { [CAPTCHA_HEADER]: solution } })).status
  const one = await captcha()
  const solution = `${solveCaptcha(one)}.${one.token}`
  const [number] = solution.split('.')
  for (const wrong of ['', 'x', '.', `${Number(number) + 1}.${one.token}`, `${number}.${one.token.slice(0, -4)}`, `${number}.${one.token.slice(0, 8)}AAAA${one.token.slice(12)}`, `${number}.${'A'.repeat(600)}`, `-1.${one.token}`, `${number}.${a.world.house.seal.close('{}', 'other')}`]) assert.equal(await right(wrong), 403, wrong)
  assert.equal(await right(solution), 200)
  for (const again of [solution, `${solution}=`, `${solution}!`, `0${solution}`]) assert.equal(await right(again), 403, again)
  const late = (a.solved()).headers[CAPTCHA_HEADER] ?? ''
  a.world.house.wait(300_000)
  assert.equal(await right(late), 403)
})

test('a captcha gives its number away to nobody who does not try, and takes a page no longer than it may', async () => {
  const one = await captcha()
  const begun = performance.now()
  const number = solveCaptcha(one)
  assert.ok(number !== null && number < one.most)
  assert.ok(performance.now() - begun < 10_000)
  assert.ok(!Buffer.from(one.token.split('.')[1] ?? '', 'base64url').toString('latin1').includes(String(number)) || number < 1000)
})
