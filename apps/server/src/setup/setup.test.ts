import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { everything } from '../testing/database.ts'
import { testHouse, type TestHouse } from '../testing/house.ts'
import { setupToken } from './token.ts'

let house: TestHouse
let token: string

beforeEach(async () => {
  house = await testHouse()
  token = await setupToken(house) ?? ''
})

afterEach(async () => { await house.close() })

const form = { name: 'Rosa Vale', email: 'rosa@example.org', password: 'seven quiet lanterns', siteName: 'Harbour Hall', timeZone: 'Europe/Lisbon', demonstration: true }

const setUp = (more: object = {}, headers: Record<string, string> = {}) => house.app.inject({ method: 'POST', url: '/api/v1/setup', payload: { token, ...form, ...more }, headers })
const needed = async (): Promise<boolean> => (await house.app.inject('/api/v1/setup')).json().needed

test('one form makes site, owner, doors to try and grants, and signs the owner in', async () => {
  assert.equal(await needed(), true)
  const answer = await setUp()
  assert.equal(answer.statusCode, 201, answer.body)
  assert.equal(answer.json().role, 'owner')
  assert.equal(answer.json().site.demonstration, true)
  const cookie = answer.cookies[0]
  assert.deepEqual({ name: cookie?.name, httpOnly: cookie?.httpOnly, sameSite: cookie?.sameSite, path: cookie?.path, secure: cookie?.secure }, { name: 'oncekey', httpOnly: true, sameSite: 'Lax', path: '/', secure: undefined })
  const places = (await house.app.inject({ url: '/api/v1/places', cookies: { oncekey: cookie?.value ?? '' } })).json()
  assert.deepEqual(places.banks.map((bank: { name: string }) => bank.name), ['Bank A'])
  assert.deepEqual(places.banks[0].accessPoints.map((point: { name: string, lock: number }) => `${point.name} ${point.lock}`), Array.from({ length: 12 }, (_, i) => `A${String(i + 1).padStart(2, '0')} ${i + 1}`))
  assert.deepEqual(places.doors.map((door: { name: string }) => door.name), ['Front door'])
  assert.deepEqual(places.controllers.map((one: { hardware: string }) => one.hardware), ['simulator', 'simulator'])
  assert.equal(new Set([...places.banks[0].accessPoints, ...places.doors].map((point: { controllerId: string }) => point.controllerId)).size, 2)
  const access = (await house.app.inject({ url: '/api/v1/me/access', cookies: { oncekey: cookie?.value ?? '' } })).json()
  assert.equal(access.access.length, 13)
  assert.equal(await needed(), false)
  const record = await house.db.read.selectFrom('audit').select('event').execute()
  const counts: Record<string, number> = {}
  for (const { event } of record) counts[event] = (counts[event] ?? 0) + 1
  assert.deepEqual(counts, {
    'person.added': 1, 'site.created': 1, 'bank.added': 1, 'controller.claimed': 2, 'accessPoint.added': 13, 'grant.given': 13, 'session.started': 1
  })
})

test('without doors to try there is a bare site', async () => {
  await setUp({ demonstration: false })
  assert.deepEqual(await house.db.read.selectFrom('access_points').select('id').execute(), [])
  assert.deepEqual(await house.db.read.selectFrom('controllers').select('id').execute(), [])
})

test('a wrong link sets nothing up; after a restart only the newest link counts', async () => {
  for (const wrong of ['', 'x', token.slice(1), token + 'A', token.toLowerCase()]) {
    const answer = await setUp({ token: wrong })
    assert.equal(answer.json().code, 'setupLinkWrong')
  }
  house = await house.restart()
  const newer = await setupToken(house)
  assert.notEqual(newer, token)
  assert.equal((await setUp()).json().code, 'setupLinkWrong', 'the link of the start before')
  token = newer ?? ''
  assert.equal((await setUp()).statusCode, 201)
  house = await house.restart()
  assert.equal(await setupToken(house), null)
})

test('the token is nowhere in the database', async () => {
  const bytes = await everything(house)
  assert.ok(bytes.includes('setup.token'), 'the search finds what is there')
  assert.ok(!bytes.includes(token))
})

test('two forms at the same moment make one owner; the second is told to sign in', async () => {
  const answers = await Promise.all([setUp(), setUp({ email: 'other@example.org', name: 'Somebody else' })])
  assert.deepEqual(answers.map((one) => one.statusCode).sort(), [201, 409])
  assert.equal(answers.find((one) => one.statusCode === 409)?.json().code, 'alreadySetUp')
  assert.equal((await house.db.read.selectFrom('people').select('id').execute()).length, 1)
  assert.equal((await house.db.read.selectFrom('sites').select('id').execute()).length, 1)
  assert.equal((await setUp()).json().code, 'alreadySetUp')
})

test('a page that is loaded again, or a form with a mistake, spoils nothing', async () => {
  assert.equal((await setUp({ password: '12345678' })).json().errors[0].field, 'password')
  assert.equal((await setUp({ timeZone: 'Europe/Nowhere' })).json().errors[0].field, 'timeZone')
  assert.equal((await setUp({ timeZone: '+01:00' })).json().errors[0].field, 'timeZone')
  assert.equal((await setUp({ email: 'rosa' })).json().errors[0].field, 'email')
  assert.equal((await setUp({ name: '   ' })).json().errors[0].field, 'name')
  assert.equal(await needed(), true)
  assert.equal((await setUp()).statusCode, 201)
})

test('guessing at the link is slowed down, for the address that guesses', async () => {
  for (let i = 0; i < 30; i++) await setUp({ token: 'guess' })
  const answer = await setUp()
  assert.equal(answer.json().code, 'tooManyTries')
  assert.equal(answer.headers['retry-after'], '600')
  house.wait(600_000)
  assert.equal((await setUp()).statusCode, 201)
})

test('another site\'s page can not set it up', async () => {
  assert.equal((await setUp({}, { origin: 'https://evil.example' })).json().code, 'originRefused')
  assert.equal(await needed(), true)
})
