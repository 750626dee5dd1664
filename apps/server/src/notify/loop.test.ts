import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openWorld, quiet, type World } from '../testing/world.ts'
import type { Channel, Outgoing, Taken } from './channel.ts'
import { MOST_ATTEMPTS, startOutbox, type OutboxLoop } from './loop.ts'
import { sendMessage } from './send.ts'
import { tellAdministrators } from './write.ts'

let world: World
let loop: OutboxLoop
let postman: Postman

/** A channel that does what a test wants and keeps what it took. */
class Postman implements Channel {
  readonly took: Outgoing[] = []
  readonly tried: Outgoing[] = []
  fault: unknown = null
  hold: Promise<void> | null = null
  closed = false

  name = 'email'
  longestMs = 30_000
  isIdempotent = true
  hasReceipts = false

  async send (message: Outgoing): Promise<Taken> {
    this.tried.push(message)
    await this.hold
    if (this.fault !== null) throw this.fault
    this.took.push(message)
    return { providerId: null }
  }

  close (): void { this.closed = true }
}

beforeEach(async () => {
  world = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9' } })
  postman = new Postman()
  loop = startOutbox(world.house, postman, { jitter: () => 0.5 })
})

afterEach(async () => {
  await loop.stop()
  await world.close()
})

const refusal = Object.assign(new Error('550 no such mailbox: "Your code is 4711"'), { code: 'EENVELOPE', responseCode: 550 })
const outbox = () => world.house.db.read.selectFrom('outbox').selectAll().orderBy('id').execute()
const tell = (dedupeKey: string) => world.house.db.write((trx) => sendMessage(trx, world.house, { person: { ...world.people.maya, email: 'maya@gym.example' }, subject: 'Hello', text: 'A text', dedupeKey }))

async function codeForMaya (): Promise<{ id: string, digits: string }> {
  const { body } = await world.call(world.people.otto, 'POST', 'codes', { accessPointId: world.points.a01, personId: world.people.maya.id })
  return { id: body.code.id, digits: body.digits }
}

test('a code leaves at once; its seal is wiped, and record and pages hear of it', async () => {
  const { id, digits } = await codeForMaya()
  await loop.flush()
  assert.equal(postman.took.length, 1)
  assert.ok(postman.took[0]?.text.includes(digits))
  assert.deepEqual(postman.took[0]?.to, { name: 'Maya', address: 'maya@gym.example' })
  const [mail] = await outbox()
  assert.deepEqual([mail?.state, mail?.sealed, mail?.text, mail?.attempts], ['sent', null, null, 1])
  const [delivered] = await world.record('code.delivered')
  assert.deepEqual([delivered?.subject?.name, delivered?.accessPoint?.name, delivered?.details], ['Maya', 'A01', { codeId: id, channel: 'email', to: 'm•••@gym.example', attempts: 1 }])
  assert.ok(world.told.some((one) => one.event.kind === 'code' && one.event.change === 'delivered' && one.event.codeId === id && one.people[0] === world.people.maya.id))
})

test('the bell alone is enough: nobody has to look', async () => {
  await tell('x')
  await quiet()
  await loop.flush()
  assert.equal(postman.took.length, 1)
})

test('a refused mail is tried again after 5, 10, 20 … seconds with the same id, and given up after eight tries', async () => {
  postman.fault = refusal
  await tell('x')
  await loop.flush()
  const waits = [5, 10, 20, 40, 80, 160, 320]
  for (const [i, seconds] of waits.entries()) {
    assert.equal(postman.tried.length, i + 1)
    world.house.wait(seconds * 1000 - 1)
    await loop.flush()
    assert.equal(postman.tried.length, i + 1, `not before ${seconds} s`)
    world.house.wait(1)
    await loop.flush()
  }
  assert.equal(postman.tried.length, MOST_ATTEMPTS)
  assert.equal(new Set(postman.tried.map((one) => one.id)).size, 1)
  const [mail] = await outbox()
  assert.deepEqual([mail?.state, mail?.text, mail?.error], ['failed', null, 'EENVELOPE 550'])
  assert.deepEqual((await world.record('message.failed')).map((row) => [row.subject?.name, row.details]), [['Maya', { channel: 'email', to: 'm•••@gym.example', attempts: 8, fault: 'EENVELOPE 550' }]])
  world.house.wait(86_400_000)
  await loop.flush()
  assert.equal(postman.tried.length, MOST_ATTEMPTS)
  const traces = world.house.logged.join() + JSON.stringify(await world.record()) + JSON.stringify(await outbox())
  assert.ok(!traces.includes('4711') && !traces.includes('A text'), 'what the mail server answered, and what we wrote, is in no log')
})

test('a mail server that comes back gets what waited, nothing lost and nothing twice', async () => {
  postman.fault = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ESOCKET' })
  for (let i = 0; i < 20; i++) await tell(`m${i}`)
  await loop.flush()
  postman.fault = null
  world.house.wait(5_000)
  await loop.flush()
  assert.equal(postman.took.length, 20)
  assert.equal(new Set(postman.took.map((one) => one.id)).size, 20)
  assert.ok((await outbox()).every((one) => one.state === 'sent'))
})

test('a code that has expired while its mail waited is not sent', async () => {
  postman.fault = refusal
  const { id } = await codeForMaya()
  await loop.flush()
  const tried = postman.tried.length
  postman.fault = null
  world.house.wait(86_400_001)
  await loop.flush()
  assert.equal(postman.tried.length, tried)
  const [mail] = await outbox()
  assert.deepEqual([mail?.state, mail?.sealed, mail?.error], ['failed', null, 'EXPIRED'])
  assert.equal((await world.record('code.deliveryFailed'))[0]?.details['codeId'], id)
})

test('a slow mail server holds nothing else up, and not more than four messages at a time', async () => {
  let letGo = (): void => {}
  postman.hold = new Promise((resolve) => { letGo = resolve })
  for (let i = 0; i < 10; i++) await tell(`m${i}`)
  await quiet()
  assert.equal(postman.tried.length, 4)
  assert.equal((await world.call(world.people.maya, 'GET', 'me/inbox')).body.messages.length, 10, 'pages and writes go on')
  letGo()
  await loop.flush()
  assert.equal(postman.took.length, 10)
})

test('after a crash in the middle of sending, the message is sent again under the same id', async () => {
  let letGo = (): void => {}
  postman.hold = new Promise((resolve) => { letGo = resolve })
  await tell('x')
  await quiet()
  const [first] = postman.tried
  // The server is gone: what was being sent never came back.
  const another = new Postman()
  const second = startOutbox(world.house, another, { jitter: () => 0.5 })
  await second.flush()
  assert.equal(another.took.length, 0, 'it might still be on its way')
  world.house.wait(50_000)
  await second.flush()
  assert.deepEqual(another.took.map((one) => one.id), [first?.id])
  await second.stop()
  letGo()
})

test('a channel takes only the messages that bear its name, and the record says which it was', async () => {
  const gateway = new Postman()
  gateway.name = 'sms'
  const second = startOutbox(world.house, gateway, { jitter: () => 0.5 })
  await world.house.db.write(async (trx) => {
    await trx.prepare(`INSERT INTO outbox (id, dedupe_key, channel, recipient, subject, text, state, attempts, next_at, created_at) VALUES ('m1', 'sms:1', 'sms', '+351210000000', 'Hello', 'A text', 'waiting', ?, ?, ?)`)
      .run(MOST_ATTEMPTS - 1, world.house.clock(), world.house.clock())
  })
  gateway.fault = refusal
  await loop.flush()
  await second.flush()
  assert.deepEqual([postman.tried.length, gateway.tried.length], [0, 1])
  const [failed] = (await world.record()).filter((row) => row.event === 'message.failed')
  assert.equal(failed?.details['channel'], 'sms')
  await tell('x')
  await loop.flush()
  await second.flush()
  assert.deepEqual([postman.tried.length, gateway.tried.length], [1, 1])
  await second.stop()
})

test('two administrators and one lockout that thirty threads notice: two mails', async () => {
  await Promise.all(Array.from({ length: 30 }, () => world.house.db.write((trx) => tellAdministrators(trx, world.house, { letter: () => ({ subject: 'Keypad locked', text: 'Bank A' }), dedupeKey: 'lockout:1' }))))
  await loop.flush()
  assert.deepEqual(postman.took.map((one) => one.to.address).sort(), ['adam@gym.example', 'olga@gym.example'])
})

test('stopping closes the channel and leaves what waits for the next start', async () => {
  postman.fault = refusal
  await tell('x')
  await loop.flush()
  await loop.stop()
  assert.equal(postman.closed, true)
  await tell('y')
  await quiet()
  assert.equal(postman.tried.length, 1)
  const next = new Postman()
  world.house.wait(5_000)
  const fresh = startOutbox(world.house, next, { jitter: () => 0.5 })
  await fresh.flush()
  assert.equal(next.took.length, 2)
  await fresh.stop()
})
