import assert from 'node:assert/strict'
import { afterEach, before, beforeEach, test } from 'node:test'
import { solvedCaptcha } from '../testing/captcha.ts'
import { openWorld, type World } from '../testing/world.ts'
import { hashPassword } from '../people/passwords.ts'

const right = 'quiet river stones'
let kept: string
let world: World

before(async () => { kept = await hashPassword(right) })

beforeEach(async () => {
  world = await openWorld()
  // One hash for all of them: hashing anew for each test would only take time.
  await world.house.db.write((trx) => trx.sql.updateTable('people').set({ password_hash: kept }).execute())
})

afterEach(async () => { await world.close() })

type More = { address?: string, cookie?: string }
const signIn = (login: string, password: string, more: More = {}) => world.house.app.inject({
  method: 'POST', url: '/api/v1/sessions', payload: { login, password }, remoteAddress: more.address ?? '192.0.2.1', headers: solvedCaptcha(world.house), ...(more.cookie === undefined ? {} : { cookies: { oncekey: more.cookie } })
})
const me = (cookie: string) => world.house.app.inject({ url: '/api/v1/me', cookies: { oncekey: cookie } })

test('the right password opens a session; upper and lower case of the address do not matter', async () => {
  const answer = await signIn(' Maya@GYM.example ', right)
  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(answer.json().me.name, 'Maya')
  const cookie = answer.cookies[0]?.value ?? ''
  assert.match(cookie, /^[a-z0-9]{7}[A-Za-z0-9_-]{43}$/, '256 bits')
  assert.equal((await me(cookie)).json().id, world.people.maya.id)
  const sessions = await world.house.db.read.selectFrom('sessions').selectAll().execute()
  assert.ok(sessions.every((one) => one.token_hash !== cookie && /^[a-z0-9]{7}[0-9a-f]{64}$/.test(one.token_hash)), 'only hashes are kept')
})

test('unknown, wrong, suspended and invited: the same bytes', async () => {
  await world.house.db.write(async (trx) => {
    await trx.sql.updateTable('people').set({ suspended_at: 1 }).where('name', '=', 'Adam').execute()
    await trx.sql.updateTable('people').set({ password_hash: null }).where('name', '=', 'Otto').execute()
  })
  const answers = [await signIn('nobody@gym.example', right), await signIn('maya@gym.example', 'wrong'), await signIn('adam@gym.example', right), await signIn('otto@gym.example', right), await signIn('otto@gym.example', '')]
  const [first, ...others] = answers.slice(0, 4).map((one) => ({ status: one.statusCode, body: one.body, cookies: one.cookies.length, length: one.headers['content-length'] }))
  assert.equal(first?.status, 401)
  for (const other of others) assert.deepEqual(other, first)
  assert.equal(answers[4]?.json().code, 'badRequest')
  const refused = await world.record('session.refused')
  assert.deepEqual(refused.map((row) => row.subject?.name ?? null), [null, 'Maya', 'Adam', 'Otto'])
  assert.ok(!JSON.stringify(refused).includes('nobody@'), 'what was typed as a name is not kept')
})

test('ten wrong passwords shut the account for ten minutes, twenty for the rest of the day, at whatever address and over a restart', async () => {
  let address = 0
  const guess = (password = 'wrong') => signIn('maya@gym.example', password, { address: `192.0.2.${++address}` })
  for (let i = 0; i < 10; i++) assert.equal((await guess()).statusCode, 401)
  const answer = await guess(right)
  assert.equal(answer.json().code, 'tooManyTries', 'also the right one')
  assert.equal(answer.headers['retry-after'], '600')
  assert.equal((await signIn('olga@gym.example', right)).statusCode, 200, 'others are not meant')
  world.house.wait(600_000)
  for (let i = 0; i < 9; i++) assert.equal((await guess()).statusCode, 401)
  assert.equal((await guess(right)).statusCode, 200, 'the right one ends the run, and gives none of the day back')
  assert.equal((await guess()).statusCode, 401)
  assert.equal((await guess(right)).headers['retry-after'], '85800')
  await world.restart()
  assert.equal((await guess(right)).headers['retry-after'], '85800')
  world.house.wait(85_800_000)
  assert.equal((await guess(right)).statusCode, 200)
})

test('a hundred wrong passwords in a row shut the password for good, until a code by mail proves who it is', async () => {
  for (let day = 0; day < 5; day++) {
    for (let i = 0; i < 20; i++) {
      if (i === 10) world.house.wait(600_000)
      assert.equal((await signIn('maya@gym.example', 'wrong', { address: `192.0.${day}.${i}` })).statusCode, 401)
    }
    world.house.wait(86_400_000)
  }
  // Told to her by mail, and to whoever guesses by nothing at all.
  assert.equal((await signIn('maya@gym.example', right)).json().code, 'signInRefused')
  world.house.wait(30 * 86_400_000)
  assert.equal((await signIn('maya@gym.example', right)).json().code, 'signInRefused')
})

test('a name that nobody has is shut the same way', async () => {
  for (let i = 0; i < 10; i++) await signIn('nobody@gym.example', 'wrong', { address: `192.0.2.${i}` })
  assert.equal((await signIn('NOBODY@gym.example', 'wrong')).json().code, 'tooManyTries')
})

test('two hundred guesses at the same moment are ten', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => signIn('maya@gym.example', `guess ${i}`, { address: `192.0.2.${i}` })))
  assert.equal(answers.filter((one) => one.statusCode === 401).length, 10)
  assert.equal(answers.filter((one) => one.statusCode === 429).length, 190)
})

test('one address that tries many names is slowed down; signing in rightly costs it nothing', async () => {
  for (let i = 0; i < 51; i++) await signIn('maya@gym.example', right, { address: '198.51.100.9' })
  assert.equal((await signIn('maya@gym.example', right, { address: '198.51.100.9' })).statusCode, 200)
  const codes: number[] = []
  for (let i = 0; i < 51; i++) codes.push((await signIn(`nobody${i}@gym.example`, 'wrong', { address: '203.0.113.5' })).statusCode)
  assert.deepEqual([...new Set(codes.slice(0, 50))], [401])
  assert.equal(codes[50], 429)
  assert.equal((await signIn('maya@gym.example', right, { address: '203.0.113.6' })).statusCode, 200)
})

type Device = { name: string, value: string }
const fromDevice = (device: Device | undefined, login: string, password: string, address = '192.0.2.1') => world.house.app.inject({
  method: 'POST', url: '/api/v1/sessions', payload: { login, password }, remoteAddress: address, headers: solvedCaptcha(world.house), cookies: device === undefined ? {} : { [device.name]: device.value }
})
const deviceOf = async (login: string): Promise<Device | undefined> => (await signIn(login, right)).cookies.find((one) => one.name === 'oncekey-browser')

test('strangers who fail on purpose, at the same address even, never keep somebody from a device that they used before', async () => {
  const device = await deviceOf('olga@gym.example')
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 60; i++) await signIn('olga@gym.example', `stranger ${i}`)
    assert.equal((await signIn('olga@gym.example', right)).json().code, 'tooManyTries', 'a new device waits')
    const answer = await fromDevice(device, 'Olga@gym.example', right)
    assert.equal(answer.statusCode, 200, `round ${round}: ${answer.body}`)
    world.house.wait(3_600_000)
  }
})

test('a device that is known has ten tries of its own, for its own person, and its failures shut nobody else out', async () => {
  const device = await deviceOf('olga@gym.example')
  for (let i = 0; i < 10; i++) assert.equal((await fromDevice(device, 'olga@gym.example', 'wrong')).statusCode, 401)
  assert.equal((await fromDevice(device, 'olga@gym.example', right)).statusCode, 429)
  assert.equal((await signIn('olga@gym.example', right)).statusCode, 200, 'from elsewhere')
  for (let i = 0; i < 10; i++) assert.equal((await signIn('maya@gym.example', 'wrong')).statusCode, 401)
  assert.equal((await fromDevice(device, 'maya@gym.example', right)).statusCode, 429, 'the mark of one person is none for another')
})

test('two hundred guesses with one mark at the same moment are ten; a mark that was made up, altered or of a removed person is none', async () => {
  const device = await deviceOf('maya@gym.example')
  assert.ok(device)
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => fromDevice(device, 'maya@gym.example', `guess ${i}`, `192.0.2.${i}`)))
  assert.equal(answers.filter((one) => one.statusCode === 401).length, 10)
  for (let i = 0; i < 11; i++) await signIn('maya@gym.example', 'wrong')
  const middle = Math.floor(device.value.length / 2)
  const other = device.value[middle] === 'A' ? 'B' : 'A'
  for (const value of ['', 'x', 's1.', 's1.AAAA', 's9.' + device.value.slice(3), device.value.slice(0, middle) + other + device.value.slice(middle + 1)]) {
    assert.equal((await fromDevice({ ...device, value }, 'maya@gym.example', right)).statusCode, 429, value)
  }
  world.house.wait(4 * 3_600_000)
  await world.house.db.write((trx) => trx.sql.updateTable('people').set({ removed_at: 1 }).where('name', '=', 'Maya').execute())
  assert.equal((await fromDevice(device, 'maya@gym.example', right)).statusCode, 401)
})

test('the mark of a device says nothing, opens nothing, and no script reads it', async () => {
  const answer = await signIn('maya@gym.example', right)
  const mark = answer.cookies.find((one) => one.name === 'oncekey-browser')
  assert.deepEqual([mark?.httpOnly, mark?.sameSite, mark?.path], [true, 'Strict', '/'])
  assert.ok(!mark?.value.includes(world.people.maya.id))
  assert.equal((await world.house.app.inject({ url: '/api/v1/me', cookies: { 'oncekey-browser': mark?.value ?? '' } })).statusCode, 401)
  assert.equal((await me(mark?.value ?? '')).statusCode, 401)
})

test('a session ends after an hour without use, and after twelve hours of use', async () => {
  const { maya } = world.people
  for (let i = 0; i < 12; i++) {
    world.house.wait(3_599_000)
    assert.equal((await me(maya.cookie)).statusCode, 200, `hour ${i + 1}`)
  }
  world.house.wait(12_001)
  assert.equal((await me(maya.cookie)).statusCode, 401, 'twelve hours')
  const fresh = (await signIn('maya@gym.example', right)).cookies[0]?.value ?? ''
  world.house.wait(3_600_000)
  assert.equal((await me(fresh)).statusCode, 401, 'an hour idle')
})

test('the last use is written at most once a minute', async () => {
  const { maya } = world.people
  const seen = async () => (await world.house.db.read.selectFrom('sessions').select('last_seen_at').where('person_id', '=', maya.id).executeTakeFirstOrThrow()).last_seen_at
  const began = await seen()
  world.house.wait(59_999)
  await me(maya.cookie)
  assert.equal(await seen(), began)
  world.house.wait(1)
  await me(maya.cookie)
  assert.equal(await seen(), began + 60_000)
})

test('signing out ends this session and no other; doing it twice is harmless', async () => {
  const [one, two] = [(await signIn('maya@gym.example', right)).cookies[0]?.value ?? '', (await signIn('maya@gym.example', right)).cookies[0]?.value ?? '']
  const out = await world.house.app.inject({ method: 'DELETE', url: '/api/v1/sessions/current', cookies: { oncekey: one } })
  assert.equal(out.statusCode, 204)
  assert.equal(out.cookies[0]?.value, '')
  assert.equal((await me(one)).statusCode, 401)
  assert.equal((await me(two)).statusCode, 200)
  assert.equal((await world.house.app.inject({ method: 'DELETE', url: '/api/v1/sessions/current', cookies: { oncekey: one } })).statusCode, 204)
  assert.equal((await world.record('session.ended')).length, 1)
})

test('a session that somebody planted in this browser is worth nothing after the sign-in', async () => {
  const planted = (await signIn('otto@gym.example', right)).cookies[0]?.value ?? ''
  const own = (await signIn('maya@gym.example', right, { cookie: planted })).cookies[0]?.value ?? ''
  assert.notEqual(own, planted)
  assert.equal((await me(planted)).statusCode, 401)
  assert.equal((await me(own)).json().name, 'Maya')
})

test('made-up cookies are nobody', async () => {
  for (const cookie of ['x', 'a'.repeat(43), 'a'.repeat(5000), '%00', "' OR 1=1 --"]) assert.equal((await me(cookie)).statusCode, 401)
})

test('behind https the cookies are for https and this host only, and one that was planted without TLS is none', async () => {
  const secure = await openWorld({ env: { ONCEKEY_PUBLIC_URL: 'https://keys.example.org' } })
  try {
    await secure.house.db.write((trx) => trx.sql.updateTable('people').set({ password_hash: kept }).execute())
    const answer = await secure.house.app.inject({ method: 'POST', url: '/api/v1/sessions', payload: { login: 'maya@gym.example', password: right } })
    for (const [cookie, name, sameSite] of [[answer.cookies[0], '__Host-oncekey', 'Lax'], [answer.cookies[1], '__Host-oncekey-browser', 'Strict']] as const) {
      assert.deepEqual([cookie?.name, cookie?.secure, cookie?.httpOnly, cookie?.path, cookie?.domain, cookie?.sameSite], [name, true, true, '/', undefined, sameSite])
    }
    const token = answer.cookies[0]?.value ?? ''
    assert.equal((await secure.house.app.inject({ url: '/api/v1/me', cookies: { '__Host-oncekey': token } })).statusCode, 200)
    assert.equal((await secure.house.app.inject({ url: '/api/v1/me', cookies: { oncekey: token } })).statusCode, 401)
  } finally {
    await secure.close()
  }
})
