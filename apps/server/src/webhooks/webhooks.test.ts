import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { startOutbox } from '../notify/loop.ts'
import { expireVerifications } from '../verifications/end.ts'
import { openReceiver, type Heard, type Receiver } from '../testing/receiver.ts'
import { openVerifier, wrong, type Verifier } from '../testing/verifier.ts'
import { startWebhooks, type WebhookLoop } from './deliver.ts'
import { MOST_TRIES } from './outcome.ts'
import { httpPoster } from './post.ts'
import { forgetDeliveries } from './work.ts'

const MINUTE = 60_000
const DAY = 86_400_000
let v: Verifier
let shop: Receiver
let loop: WebhookLoop
let ends: (() => Promise<void>)[]

beforeEach(async () => {
  v = await openVerifier({ env: { ONCEKEY_WEBHOOK_NETWORKS: 'loopback' } })
  shop = await openReceiver()
  loop = startWebhooks(v.world.house, httpPoster({ networks: v.world.house.config.webhookNetworks, timeoutMs: 1_000 }), { jitter: () => 0.5 })
  ends = [() => loop.stop(), () => shop.close(), () => v.world.close()]
})
afterEach(async () => { for (const end of ends) await end() })

/** Another loop in the place of the first, with so much time for each message. */
async function againWith (timeoutMs: number): Promise<WebhookLoop> {
  await loop.stop()
  return startWebhooks(v.world.house, httpPoster({ networks: ['127.0.0.0/8'], timeoutMs }))
}
const admin = () => v.world.people.adam
async function make (more: object = {}): Promise<{ id: string, secret: string }> {
  const { status, body, said } = await v.world.call(admin(), 'POST', 'webhooks', { url: `${shop.url}/hooks`, ...more })
  assert.equal(status, 201, said)
  return { id: body.webhook.id, secret: body.secret }
}
const theWebhook = async (id: string) => (await v.world.call(admin(), 'GET', 'webhooks')).body.webhooks.find((one) => one.id === id)
const deliveries = async (id: string) => (await v.world.call(admin(), 'GET', `webhooks/${id}/deliveries`)).body
const sendTest = (id: string) => v.world.call(admin(), 'POST', `webhooks/${id}/test`)
const pause = (id: string, isPaused: boolean) => v.world.call(admin(), 'PATCH', `webhooks/${id}`, { isPaused })
const remove = (id: string) => v.world.call(admin(), 'DELETE', `webhooks/${id}`)
const replay = (id: string | undefined) => v.world.call(admin(), 'POST', `webhook-deliveries/${String(id)}/replay`)
const typeOf = ({ body }: Heard): string => JSON.parse(body).type

test('what becomes of verifications is told, signed, in order, without an address and without digits', async () => {
  const { id: webhookId, secret } = await make()
  assert.match(secret, /^whsec_/)
  // Mail that is taken, then one that is given up.
  let isTaken = true
  const mailed = new Map<string, string>()
  const mail = startOutbox(v.world.house, {
    name: 'email', longestMs: 1000, isIdempotent: true, hasReceipts: false,
    async send ({ to, text }) {
      mailed.set(to.address, /#(\d{6})$/.exec(text)?.[1] ?? '')
      if (!isTaken) throw Object.assign(new Error('x'), { code: 'EENVELOPE', responseCode: 550 })
      return { providerId: null }
    },
    close () {}
  })
  ends.unshift(() => mail.stop())
  const begin = async (to: string, more: object = {}): Promise<{ id: string, digits: string }> => {
    const { body } = await v.call('POST', 'verifications', { to, ...more })
    await mail.flush()
    return { id: body.id, digits: mailed.get(to) ?? '' }
  }
  const one = await begin('ana@example.org', { purpose: 'sign-in' })
  await v.check(one.id, one.digits)
  const two = await begin('ben@example.org')
  for (let i = 1; i <= 5; i++) await v.check(two.id, wrong(two.digits, i))
  const three = await begin('cleo@example.org')
  await v.call('POST', `verifications/${three.id}/cancel`)
  isTaken = false
  const four = await begin('dora@example.org')
  for (let i = 0; i < 12; i++) {
    await mail.flush()
    v.world.house.wait(5 * MINUTE)
  }
  await expireVerifications(v.world.house)
  await loop.flush()
  const about = (id: string): string[] => shop.heard.filter(({ body }) => JSON.parse(body).data.id === id).map(typeOf)
  assert.deepEqual([about(one.id), about(two.id), about(three.id), about(four.id)].map((types) => types.join(' ')),
    ['verification.sent verification.verified', 'verification.sent verification.blocked', 'verification.sent verification.cancelled', 'verification.failed verification.expired'])
  const [first] = shop.heard
  assert.ok(first)
  const told: unknown = JSON.parse(first.body)
  assert.deepEqual(told, { type: 'verification.sent', timestamp: '2026-01-05T09:00:00.000Z', data: { id: one.id, to: 'a•••@example.org', channel: 'email', purpose: 'sign-in', isTest: false, reason: null } })
  assert.deepEqual([first.headers['content-type'], first.headers['user-agent'], first.path], ['application/json', 'Oncekey/0.0.0-test', '/hooks'])
  const all = JSON.stringify([shop.heard.map(({ body }) => body), await v.world.house.rows('SELECT * FROM webhook_deliveries'), v.world.house.logged])
  for (const { digits } of [one, two, three]) assert.ok(!all.includes(`"${digits}"`) && !all.includes(` ${digits}`))
  assert.ok(!all.includes('ana@example.org'))
  // The library looks at the real time; what was signed is what travelled.
  const timestamp = Number(first.headers['webhook-timestamp'])
  assert.ok(timestamp >= Date.UTC(2026, 0, 5, 9) / 1000 && timestamp <= v.world.house.clock() / 1000)
  assert.equal(first.headers['webhook-signature'], new Webhook(secret).sign(first.headers['webhook-id'] ?? '', new Date(timestamp * 1000), first.body))
  await v.world.signIn(admin())
  assert.ok((await deliveries(webhookId)).deliveries.every((row) => row.state === 'delivered' && row.status === 200 && row.attempts === 1))
})

test('a test recipient\'s messages are told as sent at once, each of them, and as a test', async () => {
  await make()
  for (const to of ['t1@example.org', 't2@example.org']) await v.world.call(admin(), 'POST', 'test-recipients', { to, code: '424242', expiresAt: v.world.house.clock() + DAY })
  const ids = await Promise.all(['t1@example.org', 't2@example.org'].map(async (to) => (await v.call('POST', 'verifications', { to })).body.id))
  v.world.house.wait(30_000)
  await v.call('POST', `verifications/${ids[0]}/resend`)
  await loop.flush()
  const told = shop.heard.map(({ body }) => JSON.parse(body)).map(({ type, data }) => [type, data.id, data.isTest])
  assert.deepEqual(told.toSorted(), [ids[0], ids[0], ids[1]].map((id) => ['verification.sent', id, true]).toSorted())
})

test('only what is wanted is told, and only of one\'s own site; without webhooks nothing is written', async () => {
  const one = await v.start()
  await v.check(one.id, one.digits)
  assert.equal((await v.world.house.rows('SELECT id FROM webhook_deliveries')).length, 0)
  await make({ events: ['verification.verified'] })
  await v.world.house.db.write(async (trx) => {
    await trx.prepare("INSERT INTO sites (id, name, time_zone, created_at) VALUES ('other', 'Other', 'UTC', 0)").run()
    await trx.prepare("INSERT INTO webhooks (id, site_id, url, events, secret_sealed, made_by, created_at) SELECT 'x', 'other', url, events, secret_sealed, made_by, created_at FROM webhooks").run()
  })
  const two = await v.start()
  await v.check(two.id, wrong(two.digits))
  await v.check(two.id, two.digits)
  await loop.flush()
  assert.deepEqual(shop.heard.map(typeOf), ['verification.verified'])
  assert.equal((await v.world.house.rows("SELECT id FROM webhook_deliveries WHERE webhook_id = 'x'")).length, 0)
})

test('of two who choose events the second is told, whatever the order; a pause is nobody else\'s choice', async () => {
  const { id } = await make({ events: ['verification.sent', 'verification.verified'] })
  const choose = (events: string[], eventsBefore?: string[]) => v.world.call(admin(), 'PATCH', `webhooks/${id}`, { events, ...eventsBefore && { eventsBefore } })
  assert.equal((await choose(['verification.verified'], ['verification.verified', 'verification.sent'])).status, 200)
  assert.equal((await choose(['verification.failed'], ['verification.sent', 'verification.verified'])).refusal, 'changedMeanwhile')
  assert.deepEqual((await theWebhook(id))?.events, ['verification.verified'])
  assert.equal((await pause(id, true)).status, 200)
  assert.equal((await choose(['verification.failed'])).status, 200, 'who does not say what was seen wins')
})

test('what is refused is tried again under the same id, later each time, and given up after nine tries', async () => {
  const { id } = await make({ events: ['verification.verified'] })
  shop.manner = (response) => { response.statusCode = 500; response.end() }
  const { id: verification, digits } = await v.start()
  await v.check(verification, digits)
  const waits: number[] = []
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    await loop.flush()
    assert.equal(shop.heard.length, tries)
    const [row] = (await deliveries(id)).deliveries
    assert.ok(row)
    assert.deepEqual([row.attempts, row.status, row.fault], [tries, 500, 'refused'])
    if (row.nextAt === null) break
    waits.push((row.nextAt - v.world.house.clock()) / 1000)
    // A moment too early nothing leaves.
    v.world.house.wait(row.nextAt - v.world.house.clock() - 1)
    await loop.flush()
    assert.equal(shop.heard.length, tries)
    v.world.house.wait(1)
    await v.world.signIn(admin())
  }
  assert.deepEqual(waits, [5, 30, 120, 600, 1800, 7200, 21_600, 43_200])
  assert.deepEqual([(await deliveries(id)).deliveries[0]?.state, new Set(shop.heard.map(({ headers }) => headers['webhook-id'])).size, new Set(shop.heard.map(({ body }) => body)).size], ['failed', 1, 1])
  assert.equal(new Set(shop.heard.map(({ headers }) => headers['webhook-timestamp'])).size, MOST_TRIES, 'each try says when it is')
  // Sent again by hand, and taken.
  shop.manner = (response) => { response.end() }
  assert.deepEqual((await theWebhook(id))?.last, { at: v.world.house.clock(), state: 'failed', status: 500, fault: 'refused' })
  const replayed = await replay((await deliveries(id)).deliveries[0]?.id)
  assert.equal(replayed.status, 202)
  await loop.flush()
  assert.deepEqual([shop.heard.length, shop.heard.at(-1)?.headers['webhook-id'], (await deliveries(id)).deliveries[0]?.state, (await theWebhook(id))?.failingSince], [MOST_TRIES + 1, shop.heard[0]?.headers['webhook-id'], 'delivered', null])
  assert.equal((await replay('msg_none')).refusal, 'notFound')
})

test('a receiver that says when to come again is left alone until then: not shorter than we would, not longer than twelve hours, and only where it says "later"', async () => {
  const { id } = await make({ events: ['verification.verified'] })
  let reply: { status: number, retryAfter: string } = { status: 429, retryAfter: '' }
  shop.manner = (response) => { response.writeHead(reply.status, { 'retry-after': reply.retryAfter }).end() }
  const inTwoHours = (): string => new Date(v.world.house.clock() + 7_200_000).toUTCString()
  const waits: (readonly [string, number, number, string])[] = []
  for (const [status, retryAfter, seconds] of [
    [429, '600', 600], [503, inTwoHours(), 7200], [429, '0', 5], [503, '-1', 5], [429, '99999999999999999999', 43_200], [429, 'Fri, 31 Dec 9999 23:59:59 GMT', 43_200], [429, 'Thu, 01 Jan 1970 00:00:00 GMT', 5], [503, 'soon', 5], [503, '600, 1', 5],
    [500, '600', 5], [302, '600', 5]
  ] as const) {
    reply = { status, retryAfter }
    const { id: verification, digits } = await v.start()
    await v.check(verification, digits)
    await loop.flush()
    const [row] = (await deliveries(id)).deliveries
    assert.equal(row?.attempts, 1)
    waits.push([`${status} ${retryAfter}`, seconds, ((row?.nextAt ?? 0) - v.world.house.clock()) / 1000, row?.state ?? ''])
  }
  for (const [said, wanted, waited] of waits) assert.equal(waited, wanted, said)
  shop.manner = (response) => { response.end() }
  v.world.house.wait(43_200_000)
  await v.world.signIn(admin())
  await loop.flush()
  assert.deepEqual(new Set((await deliveries(id)).deliveries.map(({ state }) => state)), new Set(['delivered']))
})

test('a webhook that fails for a day is paused and administrators are told once; what happens meanwhile is kept and leaves when it is on again', async () => {
  const { id } = await make({ events: ['verification.verified'] })
  shop.manner = (response) => { response.statusCode = 500; response.end() }
  const approve = async (): Promise<void> => {
    const { id: verification, digits } = await v.start()
    await v.check(verification, digits)
    await loop.flush()
  }
  await approve()
  v.world.house.wait(DAY)
  await approve()
  await v.world.signIn(admin())
  const paused = await theWebhook(id)
  assert.deepEqual([paused?.pausedBecause, paused?.pausedAt], ['failing', v.world.house.clock()])
  const subjects = (await v.world.call(admin(), 'GET', 'me/inbox')).body.messages.map(({ subject }) => subject)
  assert.deepEqual(subjects, [`Webhook paused: 127.0.0.1:${shop.port}`])
  assert.deepEqual((await v.world.record('webhook.stopped')).map(({ severity, details }) => [severity, details['because'], details['fault']]), [['alarm', 'failing', 'refused']])
  const heard = shop.heard.length
  await approve()
  v.world.house.wait(DAY)
  await loop.flush()
  assert.equal(shop.heard.length, heard)
  shop.manner = (response) => { response.end() }
  await v.world.signIn(admin())
  await pause(id, false)
  await loop.flush()
  assert.equal(shop.heard.length, heard + 3)
  assert.deepEqual([(await theWebhook(id))?.pausedAt, (await theWebhook(id))?.failingSince], [null, null])
})

test('410 pauses at once', async () => {
  const { id } = await make()
  shop.manner = (response) => { response.statusCode = 410; response.end() }
  await sendTest(id)
  await loop.flush()
  assert.deepEqual([(await theWebhook(id))?.pausedBecause, shop.heard.length], ['gone', 1])
})

test('what has waited for three days is given up, what is a month old is forgotten, and so is all of a removed webhook', async () => {
  const { id } = await make()
  await pause(id, true)
  await sendTest(id)
  await loop.flush()
  v.world.house.wait(3 * DAY + 1)
  await forgetDeliveries(v.world.house)
  const kept = async () => (await v.world.house.rows('SELECT state, fault FROM webhook_deliveries')).map(({ state, fault }) => [state, fault])
  assert.deepEqual(await kept(), [['failed', 'tooOld']])
  v.world.house.wait(28 * DAY)
  await forgetDeliveries(v.world.house)
  assert.deepEqual(await kept(), [])
  await v.world.signIn(admin())
  await sendTest(id)
  assert.equal((await remove(id)).status, 204)
  assert.equal((await remove(id)).status, 204)
  await forgetDeliveries(v.world.house)
  assert.deepEqual([await kept(), shop.heard.length, (await sendTest(id)).refusal], [[], 0, 'notFound'])
  assert.deepEqual((await v.world.house.rows('SELECT secret_sealed, previous_sealed FROM webhooks')).map(Object.values), [['', null]])
})

test('a rotated secret: both sign during the grace, then the new one alone; without grace the old one ends at once', async () => {
  const { id, secret } = await make()
  const signed = async (): Promise<number[]> => {
    await sendTest(id)
    await loop.flush()
    const last = shop.heard.at(-1)
    const signatures = last?.headers['webhook-signature']?.split(' ') ?? []
    return secrets.map((one) => signatures.indexOf(new Webhook(one).sign(last?.headers['webhook-id'] ?? '', new Date(Number(last?.headers['webhook-timestamp']) * 1000), last?.body ?? '')))
  }
  const secrets = [secret]
  const rotate = async (graceHours: number): Promise<void> => { secrets.push((await v.world.call(admin(), 'POST', `webhooks/${id}/rotate`, { graceHours })).body.secret) }
  assert.deepEqual(await signed(), [0])
  await rotate(24)
  assert.deepEqual([await signed(), (await theWebhook(id))?.previousUntil], [[1, 0], v.world.house.clock() + DAY])
  await rotate(24)
  assert.deepEqual(await signed(), [-1, 1, 0], 'never more than two')
  v.world.house.wait(DAY)
  await v.world.signIn(admin())
  assert.deepEqual(await signed(), [-1, -1, 0])
  await rotate(0)
  assert.deepEqual(await signed(), [-1, -1, -1, 0])
  assert.equal((await v.world.call(admin(), 'POST', `webhooks/${id}/rotate`, { graceHours: 169 })).refusal, 'badRequest')
  const dump = JSON.stringify([await v.world.house.rows('SELECT * FROM webhooks'), await v.world.record(), v.world.house.logged, (await v.world.call(admin(), 'GET', 'webhooks')).body])
  for (const one of secrets) assert.ok(!dump.includes(one.slice(6)), 'a secret is nowhere but in its answer')
})

test('a receiver that hangs holds up no other', async () => {
  const slow = await openReceiver()
  ends.unshift(() => slow.close())
  slow.manner = () => {}
  for (let i = 0; i < 3; i++) await make({ url: slow.url, events: ['verification.verified'] })
  await make({ events: ['verification.verified'] })
  const begun = performance.now()
  for (let i = 0; i < 10; i++) {
    const { id, digits } = await v.start()
    await v.check(id, digits)
  }
  await shop.until(10)
  assert.ok(performance.now() - begun < 20_000)
  await loop.flush()
})

test('a server that stops waits for nobody: what was on its way goes back, and leaves after the start', async () => {
  loop = await againWith(15_000)
  await make({ events: ['verification.verified'] })
  shop.manner = () => {}
  const { id, digits } = await v.start()
  await v.check(id, digits)
  await shop.until(1)
  const begun = performance.now()
  await loop.stop()
  assert.ok(performance.now() - begun < 5_000)
  assert.deepEqual((await v.world.house.rows('SELECT state, attempts, next_at FROM webhook_deliveries')).map(Object.values), [['waiting', 0, v.world.house.clock()]])
  shop.manner = (response) => { response.end() }
  loop = startWebhooks(v.world.house, httpPoster({ networks: ['127.0.0.0/8'] }))
  await loop.flush()
  assert.deepEqual(shop.heard.map(({ headers }) => headers['webhook-id']), Array.from({ length: 2 }, () => shop.heard[0]?.headers['webhook-id']))
})

test('two loops on one database, and one that died with a message in its hands: each message arrives, twice at most', async () => {
  const other = startWebhooks(v.world.house, httpPoster({ networks: ['127.0.0.0/8'] }))
  ends.unshift(() => other.stop())
  await make({ events: ['verification.verified'] })
  for (let i = 0; i < 40; i++) {
    const { id, digits } = await v.start()
    await v.check(id, digits)
  }
  await Promise.all([loop.flush(), other.flush()])
  assert.deepEqual([shop.heard.length, new Set(shop.heard.map(({ headers }) => headers['webhook-id'])).size], [40, 40])
  // Claimed, and never heard of again.
  const { id, digits } = await v.start()
  await loop.stop()
  await other.stop()
  await v.check(id, digits)
  await v.world.house.db.write(async (trx) => { await trx.prepare("UPDATE webhook_deliveries SET attempts = 1, next_at = next_at + 60000 WHERE state = 'waiting'").run() })
  loop = startWebhooks(v.world.house, httpPoster({ networks: ['127.0.0.0/8'] }))
  await loop.flush()
  assert.equal(shop.heard.length, 40)
  v.world.house.wait(MINUTE)
  await loop.flush()
  assert.equal(shop.heard.length, 41)
})

test('where no message may go no webhook is made, and one whose name turned out to be inside says why', async () => {
  const refuse = async (url: string): Promise<unknown> => {
    const answer = await v.world.call(admin(), 'POST', 'webhooks', { url })
    return answer.status === 201 ? 'made' : [answer.status, answer.problem.errors?.[0]?.field]
  }
  for (const url of ['http://shop.example.org', 'https://169.254.169.254/latest', 'https://10.0.0.1', 'https://user:word@shop.example.org', 'https://shop.example.org:25', 'ftp://shop.example.org', 'nowhere', 'https://0x7f.1:22']) {
    // By a name http may be right: what the name means is looked at when a message leaves.
    assert.deepEqual(await refuse(url), url === 'http://shop.example.org' ? 'made' : [400, 'url'], url)
  }
  const { id } = await make({ url: 'http://inside.example:8080' })
  await loop.stop()
  loop = startWebhooks(v.world.house, httpPoster({ networks: ['127.0.0.0/8'], lookup: (_host, done) => { done(null, [{ address: '10.0.0.1', family: 4 }]) } }))
  await sendTest(id)
  await loop.flush()
  assert.deepEqual((await deliveries(id)).deliveries.map(({ event, state, fault }) => [event, state, fault]), [['webhook.test', 'waiting', 'addressRefused']])
  for (let i = 0; i < 18; i++) await make()
  assert.equal((await v.world.call(admin(), 'POST', 'webhooks', { url: shop.url })).refusal, 'inUse')
})
