import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { checkMetrics } from '../../../../scripts/promtool.mjs'
import { openWorld, type World } from '../testing/world.ts'
import { counter, gauge, histogram } from './text.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const keyFor = async (...scopes: ('metrics' | 'verifications')[]): Promise<string> => (await world.call(world.people.adam, 'POST', 'api-keys', { name: 'Prometheus', scopes })).body.secret
const scrape = (secret?: string) => world.house.app.inject({ url: '/metrics', headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` } })
/** A second later: within one all get the same answer. */
async function linesOf (secret: string): Promise<string[]> {
  world.house.wait(1_001)
  const { statusCode, payload } = await scrape(secret)
  assert.equal(statusCode, 200)
  return payload.split('\n')
}

test('nobody reads the metrics without a key for it: a 401 with the cure, a 403 for a key of another kind, and no session does', async () => {
  const none = await scrape()
  assert.deepEqual([none.statusCode, none.headers['www-authenticate'], none.json().code], [401, 'Bearer', 'apiKeyNeeded'])
  assert.match(none.json().cure, /Owners and administrators make keys/)
  assert.equal((await scrape(await keyFor('verifications'))).statusCode, 403)
  assert.equal((await world.house.app.inject({ url: '/metrics', headers: { cookie: `oncekey=${world.people.olga.cookie}` } })).statusCode, 401)
  const secret = await keyFor('metrics')
  const { statusCode, headers } = await scrape(secret)
  assert.deepEqual([statusCode, headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8'])
  const verification = await world.house.app.inject({ method: 'POST', url: '/api/v1/verifications', headers: { authorization: `Bearer ${secret}` }, payload: { to: 'ana@example.org' } })
  assert.equal(verification.statusCode, 403, 'and it opens nothing else')
})

test('what doors did is counted; promtool has nothing to say; nothing of a person is in it', async () => {
  const secret = await keyFor('metrics')
  const door = await world.door()
  const { digits } = await world.code()
  await door.enter(digits)
  for (const _ of [1, 2, 3]) await door.enter('000000')
  await world.house.app.inject({ url: '/nobody@gym.example/A01' })
  await linesOf(secret)
  const lines = await linesOf(secret)
  for (const line of [
    'oncekey_openings_total{source="keypad"} 1', 'oncekey_refusals_total{reason="wrong"} 3', 'oncekey_codes_total{state="issued"} 1', 'oncekey_codes_total{state="used"} 1', 'oncekey_keypad_lockouts_total 1',
    'oncekey_alarms_total{kind="keypad.lockedOut"} 1', 'oncekey_controllers{state="online"} 1', 'oncekey_controllers{state="offline"} 1', 'oncekey_access_points{kind="compartment"} 3', 'oncekey_access_points{kind="door"} 1',
    'oncekey_part_healthy{part="database"} 1', 'oncekey_http_request_duration_seconds_count{method="POST",route="/api/v1/codes"} 1'
  ]) assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`)
  const text = lines.join('\n')
  assert.deepEqual(checkMetrics(text), { code: 0, said: '' })
  assert.notEqual(checkMetrics(text.replaceAll('oncekey_openings_total', 'oncekey_openings')).said, '', 'it would say so')
  for (const personal of ['Maya', 'Adam', 'gym.example', 'A01', digits, secret, world.siteId, world.people.maya.id, 'Bank A', 'Prometheus']) assert.ok(!text.includes(personal), personal)
})

test('messages that wait are seen, and who asks twice in a second asks the database once', async () => {
  const secret = await keyFor('metrics')
  await world.house.db.write(async (trx) => {
    await trx.prepare("INSERT INTO outbox (id, dedupe_key, channel, recipient, subject, state, attempts, next_at, created_at) VALUES ('o1', 'o1', 'email', 'ana@example.org', 'Hello', 'waiting', 0, 0, ?)").run(world.house.clock())
  })
  world.house.wait(60_000)
  const lines = await linesOf(secret)
  assert.ok(lines.includes('oncekey_outbox_waiting{channel="email"} 1'))
  assert.match(lines.find((line) => line.startsWith('oncekey_outbox_oldest_seconds')) ?? '', /email"} 61\.\d+$/)
  const [one, other] = await Promise.all([scrape(secret), scrape(secret)])
  assert.equal(one.payload, other.payload)
})

test('labels that somebody makes up are counted together beyond five hundred, and signs that mean something are escaped', () => {
  const odd = counter('odd_total', 'Odd.')
  for (let n = 0; n < 2_000; n++) odd.add({ kind: String(n) })
  const lines = odd.text().trim().split('\n')
  assert.deepEqual([lines.length, lines.at(-1)], [2 + 501, 'odd_total{kind="other"} 1500'])
  assert.equal(gauge('g', 'G.', [{ labels: { a: 'x"\\\ny' }, value: 1 }]), '# HELP g G.\n# TYPE g gauge\ng{a="x\\"\\\\\\ny"} 1\n')
  const times = histogram('h_seconds', 'H.', [0.1, 1])
  for (const seconds of [0.05, 0.1, 0.5, 7]) times.of({})(seconds)
  assert.equal(times.text(), '# HELP h_seconds H.\n# TYPE h_seconds histogram\nh_seconds_bucket{le="0.1"} 2\nh_seconds_bucket{le="1"} 3\nh_seconds_bucket{le="+Inf"} 4\nh_seconds_sum 7.65\nh_seconds_count 4\n')
  assert.deepEqual(checkMetrics(odd.text() + times.text()), { code: 0, said: '' })
})
