import assert from 'node:assert/strict'
import { connect as connectTcp, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { brokerPassword } from '@oncekey/protocol/messages'
import { upTopic } from '@oncekey/protocol/topics'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { makeApiKey } from '../api-keys/make.ts'
import { addSimulatedController } from '../controllers/commission.ts'
import { controllerPassword } from '../controllers/password.ts'
import { nodeHmac } from '../platform/hmac.ts'
import { openBroker, type Broker } from '../platform/transport/broker.ts'
import { mqttConnections, mqttVerbs, type MqttVerb } from './mqtt-permissions.ts'
import { openWorld, type World } from './world.ts'

let world: World
let broker: Broker
let port: number
let known: Record<'bank' | 'front' | 'removed', { id: string, password: string }>
let presented: Record<(typeof mqttConnections)[number]['as'], IClientOptions>
let heard: string[] = []
let noticed: string[] = []
const open = new Set<{ end: () => void }>()

before(async () => {
  world = await openWorld()
  const { house, siteId, people } = world
  const former = await house.db.write((trx) => addSimulatedController(trx, house, { siteId, name: 'Old door', locks: 1 }))
  const login = async (id: string) => ({ id, password: brokerPassword((await world.identity(id)).rootKey, 1, nodeHmac()) })
  known = { bank: await login(world.controllers.bank), front: await login(world.controllers.front), removed: await login(former) }
  // It was let in once, so the server still had its key in memory.
  assert.ok(await controllerPassword(house, former, known.removed.password))
  assert.equal((await world.call(people.adam, 'DELETE', `controllers/${former}`)).status, 204)
  const key = await house.db.write((trx) => makeApiKey(trx, house, { siteId, name: 'Shop', scopes: ['verifications'], madeBy: people.adam }))
  presented = presentations(key)
  // As the server's own start does it, with a clock that gives every try of this test its place.
  let now = 0
  broker = await openBroker({ log: house.log, clock: () => now += 1000, authenticate: (client, password) => controllerPassword(house, client, password) })
  broker.transport.onMessage((topic, payload, client) => { heard.push(`${client} ${topic} ${payload}`) })
  broker.transport.onAbuse((client, what) => { noticed.push(`${client} ${what}`) })
  port = await broker.listen('127.0.0.1', 0)
})
after(async () => {
  for (const one of open) one.end()
  await broker.transport.close()
  await world.close()
})

/** What each line of the table presents to the broker. */
function presentations (key: { id: string, secret: string }): typeof presented {
  const { bank, front, removed } = known
  const own = { clientId: bank.id, username: bank.id, password: bank.password }
  const will = (topic: string, text = 'offline') => ({ ...own, will: { topic, payload: Buffer.from(text), qos: 1 as const, retain: true } })
  const avail = (controller: string): string => upTopic({ site: world.siteId, controller }, 'avail')
  const named = (name: string, password: string) => ({ clientId: name, username: name, password })
  return {
    'a controller, by its own password': own,
    'a controller that may leave its own `up/avail` as its will': will(avail(bank.id)),
    'nobody: neither name nor password': { clientId: bank.id },
    'a controller\'s name without a password': { clientId: bank.id, username: bank.id },
    'a controller\'s name with a guessed password': named(bank.id, 'guess'),
    'a controller\'s name with the password of another one': named(bank.id, front.password),
    'a controller by its own password, with the client id of another one': { ...own, clientId: front.id },
    'a controller that was removed, by the password that it had': named(removed.id, removed.password),
    'a controller that nobody knows': named(world.house.newId(), bank.password),
    'a person, by address and session': named('olga@gym.example', world.people.olga.cookie),
    'a program, by its API key': named(key.id, key.secret),
    'a name with a wildcard': named('a/+', bank.password),
    'a name that every object has': named('__proto__', bank.password),
    'a controller that wants its session kept': { ...own, clean: false },
    'a controller with a will for another one\'s `up/avail`': will(avail(front.id)),
    'a controller with a will that is a question': will(upTopic({ site: world.siteId, controller: bank.id }, 'request')),
    'a controller with a will below `$SYS`': will('$SYS/x'),
    'a controller with a will of more than 64 bytes': will(avail(bank.id), 'x'.repeat(65))
  }
}

async function until (isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 2500 && !isSo(); i++) await delay(2)
  assert.ok(isSo(), `waited in vain; heard ${JSON.stringify(heard)}, noticed ${JSON.stringify(noticed)}`)
}

/** Comes with this; null when it is not let in. */
async function come (options: IClientOptions): Promise<{ client: MqttClient, isClosed: () => boolean } | null> {
  const client = connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, clean: true, reconnectPeriod: 0, ...options })
  open.add({ end: () => client.end(true) })
  let closed = false
  client.on('error', () => {})
  client.on('close', () => { closed = true })
  await until(() => closed || client.connected)
  return client.connected ? { client, isClosed: () => closed } : null
}

/** The topic of a line, for this controller beside that one. */
function topicOf ({ topic }: MqttVerb, own: string, other: string): string {
  return topic.replace('{own}', `ok/v1/${world.siteId}/${own}`).replace('{other}', `ok/v1/${world.siteId}/${other}`)
}

test('who is let in at the broker, and who is not; a wrong password is noticed', async () => {
  for (const { as, isLetIn } of mqttConnections) {
    noticed = []
    const connection = await come(presented[as])
    assert.equal(connection !== null, isLetIn, as)
    connection?.client.end(true)
    if (/guessed|of another one$|removed/.test(as) && !as.includes('client id')) assert.match(noticed.join(), /wrongPassword/, as)
  }
})

for (const [name, own, other] of [['the bank\'s controller', 'bank', 'front'], ['the front door\'s controller', 'front', 'bank']] as const) {
  test(`every verb and topic as ${name}: allowed as the table says, and what is refused is neither heard nor left unnoticed`, async () => {
    const { id, password } = known[own]
    for (const line of mqttVerbs) {
      heard = []
      noticed = []
      const topic = topicOf(line, id, known[other].id)
      const what = `${line.verb} ${line.what}`
      const connection = await come({ clientId: id, username: id, password })
      assert.ok(connection !== null, what)
      const { client, isClosed } = connection
      if (line.verb === 'subscribe') {
        const granted = await client.subscribeAsync(topic, { qos: 1 }).catch(() => [{ qos: 128 }])
        assert.equal(granted[0]?.qos, line.isAllowed ? 1 : 128, what)
      } else {
        let isTaken = false
        client.publish(topic, 'x', { qos: line.qos ?? 1, retain: line.retain === true }, (error) => { isTaken = error === undefined || error === null })
        await until(() => isTaken || isClosed())
        assert.equal(isTaken, line.isAllowed, what)
        assert.deepEqual(heard, line.isAllowed ? [`${id} ${topic} x`] : [], what)
      }
      // More levels than there are end the connection before anybody looks at the topic.
      if (!line.isAllowed && topic.split('/').length <= 8) assert.ok(noticed.includes(`${id} foreignTopic`), `${what}: ${noticed.join()}`)
      client.end(true)
    }
  })
}

test('who is not let in does none of it, not even in the same breath as the greeting', async () => {
  const { bank, front } = known
  const strangers: { as: string, greeting: Buffer }[] = [
    { as: 'who does not greet', greeting: Buffer.alloc(0) },
    { as: 'nobody', greeting: greet(bank.id) },
    { as: 'a guess', greeting: greet(bank.id, bank.id, 'guess') },
    { as: 'another one\'s password', greeting: greet(bank.id, bank.id, front.password) },
    { as: 'the removed controller', greeting: greet(known.removed.id, known.removed.id, known.removed.password) }
  ]
  assert.ok(await isAnswered(Buffer.concat([greet(bank.id, bank.id, bank.password), packetOf({ verb: 'publish', what: '', topic: '{own}/up/state', isAllowed: true })])), 'the packets are well formed')
  for (const { as, greeting } of strangers) {
    for (const line of mqttVerbs) {
      heard = []
      assert.equal(await isAnswered(Buffer.concat([greeting, packetOf(line)])), false, `${as}: ${line.verb} ${line.what}`)
      assert.deepEqual(heard, [], `${as}: ${line.verb} ${line.what}`)
    }
  }
})

/** Whether the broker answers a publish or subscribe that comes with these bytes: 0x40 PUBACK, 0x50 PUBREC, 0x90 SUBACK. */
async function isAnswered (bytes: Buffer): Promise<boolean> {
  const socket: Socket = connectTcp(port, '127.0.0.1')
  open.add({ end: () => socket.destroy() })
  let closed = false
  const got: Buffer[] = []
  const kinds = (): number[] => packetKinds(Buffer.concat(got))
  socket.on('error', () => {})
  socket.on('close', () => { closed = true })
  socket.on('data', (piece) => { got.push(piece) })
  socket.write(bytes)
  const isTaken = (): boolean => kinds().some((kind) => kind === 0x40 || kind === 0x50 || kind === 0x90)
  await until(() => closed || isTaken())
  socket.destroy()
  return isTaken()
}

/** First bytes of the short packets in a stream, without their flags. */
function packetKinds (bytes: Buffer): number[] {
  const kinds: number[] = []
  for (let at = 0; at + 1 < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) kinds.push((bytes[at] ?? 0) & 0xf0)
  return kinds
}

/** MQTT 3.1.1, 3.1: CONNECT with a clean session. */
function greet (clientId: string, username?: string, password?: string): Buffer {
  const flags = 0x02 | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40)
  return packet(0x10, text('MQTT'), Buffer.from([4, flags, 0, 30]), text(clientId), ...[username, password].filter((one) => one !== undefined).map(text))
}

/** PUBLISH (3.3) or SUBSCRIBE (3.8) of a line of the table, for the bank's controller. */
function packetOf (line: MqttVerb): Buffer {
  const topic = text(topicOf(line, known.bank.id, known.front.id))
  const id = Buffer.from([0, 1])
  if (line.verb === 'subscribe') return packet(0x82, id, topic, Buffer.from([1]))
  return packet(0x30 | (line.qos ?? 1) << 1 | (line.retain === true ? 1 : 0), topic, id, Buffer.from('x'))
}

function packet (first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length = body.length < 128 ? [body.length] : [body.length % 128 | 128, body.length >> 7]
  return Buffer.concat([Buffer.from([first, ...length]), body])
}

function text (value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
}
