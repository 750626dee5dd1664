import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { linkKeys, seal } from '@oncekey/protocol/messages'
import { upTopic } from '@oncekey/protocol/topics'
import { openWorld, quiet, type LinkedDoor, type World } from '../testing/world.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

/** What somebody with the broker's password of that controller can say. */
function say (topic: string, payload: string, client: string): void {
  world.house.transport.connect(client, () => {}).publish(topic, payload)
}

function lastUp (door: LinkedDoor, name: string): { topic: string, payload: string } {
  const message = door.passed.findLast((one) => one.direction === 'up' && one.topic.endsWith(`/up/${name}`))
  assert.ok(message, `no ${name} went up`)
  return message
}

async function forged (): Promise<string[]> {
  return (await world.record('controller.forged')).map((row) => `${String(row.details['what'])} x${String(row.details['times'])}`)
}

let tapped: LinkedDoor
async function tappedDoor (): Promise<LinkedDoor> {
  tapped = await world.door()
  return tapped
}

/** Says something on the door's own connection without its knowing: what a hostile broker does. */
function inject (topic: string, payload: string): void {
  tapped.client?.publish(topic, payload)
}

test('a replayed hello gains nothing: the session goes on, and a welcome is for nobody', async () => {
  const door = await tappedDoor()
  const hello = lastUp(door, 'hello')
  for (let i = 0; i < 8; i++) inject(hello.topic, hello.payload)
  await quiet()
  assert.equal((await world.record('controller.connected')).length, 1)
  const { digits } = await world.code()
  await door.enter(digits)
  assert.equal(door.isLocked(1), false)
  assert.deepEqual(await forged(), [])
})

test('a hello that is replayed a thousand times costs no thousand welcomes', async () => {
  const door = await tappedDoor()
  const hello = lastUp(door, 'hello')
  const before = world.house.transport.sent.length
  for (let i = 0; i < 1000; i++) inject(hello.topic, hello.payload)
  await quiet()
  assert.ok(world.house.transport.sent.length - before <= 20)
})

test('a question that is replayed, in the session or in the next one, is not answered and counts no try', async () => {
  const door = await tappedDoor()
  await door.enter('0000000')
  const request = lastUp(door, 'request')
  inject(request.topic, request.payload)
  await quiet()
  door.unplug()
  await quiet()
  door.plug()
  await quiet()
  await world.wait(61_000, door)
  inject(request.topic, request.payload)
  await quiet()
  assert.equal((await world.record('access.denied')).length, 1)
  assert.deepEqual(await forged(), ['replayed x1', 'replayed x1'])
})

test('a recorded command or answer that is sent again moves nothing: now, after a reconnect, at another door', async () => {
  const door = await tappedDoor()
  const front = await world.door(world.controllers.front)
  const unlocking = world.call(world.people.otto, 'POST', `access-points/${world.points.a01}/unlock`, { reason: 'replay me' })
  await quiet()
  await world.wait(1000, door)
  assert.equal((await unlocking).body.status, 'succeeded')
  const { digits } = await world.code()
  await door.enter(digits)
  await world.wait(15_000, door)
  assert.equal(door.isLocked(1), true)
  const recorded = door.passed.filter((one) => one.direction === 'down' && /\/(command|answer|welcome)$/.test(one.topic))
  assert.ok(recorded.length >= 3)
  const moves = door.moves()
  for (const message of recorded) door.deliver(message)
  door.unplug()
  await quiet()
  door.plug()
  await quiet()
  for (const message of recorded) {
    door.deliver(message)
    front.deliver(message)
    front.deliver({ topic: message.topic.replace(world.controllers.bank, world.controllers.front), payload: message.payload })
  }
  await world.wait(2000, door, front)
  assert.equal(door.moves(), moves)
  assert.equal(front.moves(), 0)
})

test('one altered byte anywhere in a message of the controller changes nothing', async () => {
  const door = await tappedDoor()
  const { digits } = await world.code()
  // The question is kept from arriving, so that only altered ones do.
  const client = door.client
  door.client = null
  door.type(digits + '#')
  door.client = client
  const request = lastUp(door, 'request')
  for (let at = 0; at < request.payload.length; at++) {
    const other = String.fromCharCode(request.payload.charCodeAt(at) ^ 1)
    inject(request.topic, request.payload.slice(0, at) + other + request.payload.slice(at + 1))
  }
  for (const name of ['event', 'state', 'result', 'health', 'hello', 'time'] as const) inject(request.topic.replace('request', name), request.payload)
  await quiet()
  assert.equal((await world.record('access.granted')).length + (await world.record('access.denied')).length, 0)
  assert.deepEqual(await forged(), ['notAuthentic x1'])
  inject(request.topic, request.payload)
  await quiet()
  assert.equal((await world.record('access.granted')).length, 1)
})

test('a controller can not speak for another one', async () => {
  const door = await tappedDoor()
  await door.enter('0000000')
  const request = lastUp(door, 'request')
  // Its own key, the other one's name.
  say(request.topic.replace(world.controllers.bank, world.controllers.front), request.payload, world.controllers.front)
  const keys = linkKeys((await world.identity(world.controllers.bank)).rootKey, 1)
  const topic = upTopic({ site: world.siteId, controller: world.controllers.front }, 'hello')
  say(topic, seal(keys.macUp, topic, '{}'), world.controllers.front)
  // The right controller under another site.
  say(upTopic({ site: 'elsewhere', controller: world.controllers.bank }, 'state'), 'x', world.controllers.bank)
  await quiet()
  assert.deepEqual((await world.record('controller.forged')).map((row) => [row.controller?.name, row.details['what']]), [['Front door', 'notAuthentic'], ['Bank A', 'foreignTopic']])
})

test('forgeries are one row a minute, with their number', async () => {
  const door = await tappedDoor()
  const { topic } = lastUp(door, 'state')
  for (let i = 0; i < 500; i++) inject(topic, 'nonsense')
  await quiet()
  assert.deepEqual(await forged(), ['notAuthentic x1'])
  await world.wait(60_000, door)
  inject(topic, 'nonsense')
  await quiet()
  assert.deepEqual(await forged(), ['notAuthentic x1', 'notAuthentic x500'])
  assert.equal((await world.record('controller.forged'))[0]?.severity, 'alarm')
})

test('authentic nonsense is malformed', async () => {
  const door = await tappedDoor()
  const keys = linkKeys((await world.identity(world.controllers.bank)).rootKey, 1)
  for (const name of ['hello', 'state', 'event', 'request', 'result', 'time', 'health'] as const) {
    const topic = upTopic(door.identity, name)
    for (const body of ['', '{}', 'null', '[]', '{"s":1}', '"x"', '{"s":"', '{"v":2}']) inject(topic, seal(keys.macUp, topic, body))
  }
  await quiet()
  assert.deepEqual(await forged(), ['malformed x1'])
})

test('two controllers with one id: a line that broke is no alarm, flapping is', async () => {
  const door = await world.door()
  door.plug()
  await quiet()
  assert.equal((await world.record('controller.duplicated')).length, 0)
  for (let i = 0; i < 5; i++) door.plug()
  await quiet()
  assert.equal((await world.record('controller.duplicated')).length, 1)
})

test('what a broker notices of a stranger is nobody\'s fact', async () => {
  world.house.transport.abuse('nobody', 'wrongPassword')
  world.house.transport.abuse(world.controllers.bank, 'wrongPassword')
  world.house.transport.connect('nobody', () => {}).publish('ok/v1/x/nobody/up/hello', 'x')
  await quiet()
  assert.deepEqual((await world.record('controller.forged')).map((row) => [row.controller?.name, row.details['what']]), [['Bank A', 'wrongPassword']])
})

test('coming and going are in the record and on the pages; the last measured state stays', async () => {
  const door = await world.door()
  door.unplug()
  await quiet()
  const { states, offline } = (await world.call(world.people.otto, 'GET', 'live')).body
  assert.equal(offline, 4)
  const a01 = states.find((one) => one.id === world.points.a01)
  assert.deepEqual([a01?.online, a01?.lockState, a01?.doorState], [false, 'locked', 'closed'])
  assert.deepEqual((await world.record()).map((row) => row.event).filter((event) => /^controller\.(dis)?connected/.test(event)), ['controller.connected', 'controller.disconnected'])
  const told = world.told.flatMap(({ event, people }) => event.kind === 'state' && event.state.id === world.points.a01 ? [[event.state.online, people.includes(world.people.maya.id)]] : [])
  assert.deepEqual(told.at(-1), [false, true])
})

test('a stolen controller that speaks without a pause keeps no other keypad waiting, and fills no log', async () => {
  const thief = await tappedDoor()
  const front = await world.door(world.controllers.front)
  const { digits } = await world.code(world.people.maya, await grantFront())
  const { site, controller, rootKey } = thief.identity
  const { macUp } = linkKeys(rootKey, 1)
  const topic = upTopic({ site, controller }, 'state')
  const s = String(JSON.parse(lastUp(thief, 'state').payload.slice(23)).s)
  for (let n = 1; n <= 3000; n++) {
    const lockState = n % 2 === 0 ? 'locked' : 'unlocked'
    inject(topic, seal(macUp, topic, JSON.stringify({ s, n: 1000 + n, mode: 'ready', locks: [{ lock: 1, lockState, doorState: 'closed' }], millivolts: n, lockoutMs: 0 })))
  }
  await front.enter(digits)
  assert.equal(front.isLocked(1), false)
  assert.deepEqual(world.house.logged, [])
})

test('a stolen controller that makes up records fills no disk', async () => {
  const thief = await tappedDoor()
  const { site, controller, rootKey } = thief.identity
  const { macUp } = linkKeys(rootKey, 1)
  const topic = upTopic({ site, controller }, 'event')
  const s = String(JSON.parse(lastUp(thief, 'state').payload.slice(23)).s)
  const say = async (n: number): Promise<void> => {
    inject(topic, seal(macUp, topic, JSON.stringify({ s, n: 1000 + n, records: [JSON.stringify({ seq: 1000 + n, bootId: 'made-up', time: 0, trust: 'none', prev: '', type: 'door.changed', lock: 1, doorState: 'open' })] })))
    if (n % 50 === 0) await quiet()
  }
  for (let n = 1; n <= 3000; n++) await say(n)
  await quiet()
  const kept = await world.house.db.read.selectFrom('controller_records').select((eb) => eb.fn.countAll<number>().as('n')).where('boot_id', '=', 'made-up').executeTakeFirstOrThrow()
  assert.ok(kept.n > 1000 && kept.n <= 2048, `${kept.n} of 3000 were kept`)
  world.house.wait(10_000)
  await say(3001)
  await quiet()
  assert.equal((await world.house.db.read.selectFrom('controller_records').select('seq').where('boot_id', '=', 'made-up').where('seq', '=', 4001).execute()).length, 1, 'later it is heard again')
})

async function grantFront (): Promise<string> {
  const { otto, maya } = world.people
  assert.equal((await world.call(otto, 'POST', 'grants', { personId: maya.id, accessPointIds: [world.points.front] })).status, 201)
  return world.points.front
}
