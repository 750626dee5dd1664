import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { tellAlarms } from '../alarms/tell.ts'
import { openReceiver, type Receiver } from '../testing/receiver.ts'
import { openWorld, type World } from '../testing/world.ts'
import { startWebhooks, type WebhookLoop } from './deliver.ts'
import { httpPoster } from './post.ts'

let world: World
let shop: Receiver
let loop: WebhookLoop
beforeEach(async () => {
  world = await openWorld({ env: { ONCEKEY_WEBHOOK_NETWORKS: 'loopback' } })
  shop = await openReceiver()
  loop = startWebhooks(world.house, httpPoster({ networks: world.house.config.webhookNetworks, timeoutMs: 2_000 }), { jitter: () => 0.5 })
})
afterEach(async () => {
  await loop.stop()
  await shop.close()
  await world.close()
})

const make = async (events?: string[]): Promise<{ id: string, secret: string }> => {
  const { status, body, said } = await world.call(world.people.adam, 'POST', 'webhooks', { url: `${shop.url}/doors`, ...events !== undefined && { events } })
  assert.equal(status, 201, said)
  return { id: body.webhook.id, secret: body.secret }
}
/** Messages in the order of what happened, each proven by the library that receivers use. */
async function heardBy (secret: string): Promise<{ type: string, data: Record<string, unknown> }[]> {
  await loop.flush()
  const now = Date.now
  // The library looks at its own clock, and ours stands still.
  Date.now = () => world.house.clock()
  try {
    return shop.heard.map(({ body, headers }) => new Webhook(secret).verify(body, headers) as { type: string, data: Record<string, unknown> })
  } finally {
    Date.now = now
  }
}
const doorEvents = ['access.opened', 'access.refused', 'keypad.lockedOut', 'alarm.raised', 'controller.online', 'controller.offline', 'code.issued', 'code.used', 'code.expired']

test('a program hears what doors do and what becomes of codes: signed, without a name and without digits', async () => {
  const { id, secret } = await make(doorEvents)
  const door = await world.door()
  const { digits, id: codeId } = await world.code()
  await door.enter(digits)
  await world.wait(61_000, door)
  for (const _ of [1, 2, 3]) await door.enter('000000')
  door.unplug()
  await world.wait(1_000)
  const all = await heardBy(secret)
  const types = all.map(({ type }) => type)
  for (const [type, times] of [['controller.online', 1], ['code.issued', 1], ['code.used', 1], ['access.opened', 1], ['access.refused', 3], ['keypad.lockedOut', 1], ['alarm.raised', 1], ['controller.offline', 1]] as const) assert.equal(types.filter((one) => one === type).length, times, `${type} in ${types.join(' ')}`)
  const opened = all.find(({ type }) => type === 'access.opened')?.data
  assert.deepEqual([opened?.['accessPoint'], opened?.['personId'], opened?.['source']], [{ id: world.points.a01, name: 'A01' }, world.people.maya.id, 'keypad'])
  assert.deepEqual([all.find(({ type }) => type === 'access.refused')?.data['reason'], all.find(({ type }) => type === 'alarm.raised')?.data['kind'], all.find(({ type }) => type === 'code.issued')?.data['codeId']], ['wrong', 'keypad.lockedOut', codeId])
  const text = shop.heard.map(({ body }) => body).join('\n')
  for (const secretOf of ['Maya', digits, '000000', 'gym.example']) assert.ok(!text.includes(secretOf), secretOf)
  const log = (await world.call(world.people.adam, 'GET', `webhooks/${id}/deliveries`)).body.deliveries
  assert.deepEqual([log.length, log.every(({ state }) => state === 'delivered')], [all.length, true])

  // Once more by hand, under its own id; a receiver that keeps ids does it once.
  const one = log.find(({ event }) => event === 'access.opened')
  assert.equal((await world.call(world.people.adam, 'POST', `webhook-deliveries/${one?.id ?? ''}/replay`)).status, 202)
  await loop.flush()
  assert.equal(shop.heard.filter(({ headers }) => headers['webhook-id'] === one?.id).length, 2)
})

test('one that is refused comes again later, and once; one that fails to be written is told of by nobody', async () => {
  const { secret } = await make(['code.issued'])
  shop.manner = (response) => { response.writeHead(503).end() }
  await world.code()
  await loop.flush()
  assert.equal(shop.heard.length, 1)
  shop.manner = (response) => { response.end() }
  await loop.flush()
  assert.equal(shop.heard.length, 1, 'not at once')
  world.house.wait(6_000)
  await loop.flush()
  assert.equal(shop.heard.length, 2)
  assert.equal(shop.heard[0]?.headers['webhook-id'], shop.heard[1]?.headers['webhook-id'])
  world.house.wait(60_000)
  await assert.rejects(world.house.db.write(async (trx) => {
    world.house.audit.append(trx, world.house.clock(), { event: 'code.issued', accessPoint: { id: world.points.a01, name: 'A01' } })
    throw new Error('undone')
  }), /undone/)
  await loop.flush()
  assert.equal((await heardBy(secret)).length, 2)
})

test('doors are told of where somebody asked for it: who named no events hears of verifications alone', async () => {
  const { id } = await make()
  await make(['controller.offline'])
  const webhook = (await world.call(world.people.adam, 'GET', 'webhooks')).body.webhooks.find((one) => one.id === id)
  assert.deepEqual([webhook?.events.length, webhook?.events.every((event) => event.startsWith('verification.'))], [7, true])
  await world.door()
  await world.code()
  await loop.flush()
  assert.deepEqual(shop.heard, [])
  const refused = await world.call(world.people.adam, 'POST', 'webhooks', { url: 'http://169.254.169.254/latest', events: ['access.opened'] })
  assert.equal(refused.refusal, 'badRequest', 'an address of the cloud\'s inside')
})

test('a door that somebody was forced to open tells programs what any other opening tells them, whatever they asked for', async () => {
  const { secret } = await make(doorEvents)
  const door = await world.door(world.controllers.front)
  const { body: pin } = await world.call(world.people.otto, 'POST', `access-points/${world.points.front}/pins`, { label: 'Night shift', duress: true })
  const heard: string[] = []
  for (const digits of [pin.digits, pin.duressDigits ?? '']) {
    const before = (await heardBy(secret)).length
    await door.enter(digits)
    await world.wait(61_000, door)
    await tellAlarms(world.house)
    heard.push(JSON.stringify((await heardBy(secret)).slice(before), (key, value) => ['id', 'at', 'time', 'timestamp'].includes(key) && typeof value !== 'object' ? '' : value))
  }
  assert.match(heard[0] ?? '', /access\.opened/)
  assert.equal(heard[1], heard[0])
  assert.equal((await world.call(world.people.olga, 'GET', 'alarms?kind=duress')).body.alarms.length, 1)
})
