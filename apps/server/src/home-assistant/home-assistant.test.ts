import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import { Check, Errors } from 'typebox/value'
import { startMosquitto, type OwnMosquitto } from '../../../../scripts/mosquitto.mjs'
import { tellAlarms } from '../alarms/tell.ts'
import { healthOf } from '../platform/health.ts'
import { DiscoveryPayload } from '../testing/home-assistant.ts'
import { openWorld, quiet, type World } from '../testing/world.ts'
import { orderIn } from './command.ts'
import { startHomeAssistantWork } from './work.ts'

const login = { name: 'oncekey', password: 'a door is not a wall' }
let world: World
let broker: OwnMosquitto
let work: ReturnType<typeof startHomeAssistantWork>
let ha: MqttClient
/** What Home Assistant's broker has kept, and every message since, as Home Assistant hears them. */
let kept: Map<string, string>
let heard: { topic: string, payload: string, retain: boolean }[]

beforeEach(async () => {
  world = await openWorld({ env: { ONCEKEY_WEBHOOK_NETWORKS: 'loopback' } })
  broker = await startMosquitto({ login })
  await comeHome()
  work = startHomeAssistantWork(world.house, { firstPauseMs: 50, lookEveryMs: 100 })
})
afterEach(async () => {
  await work.stop()
  await ha.endAsync(true)
  await broker.stop()
  await world.close()
})

async function comeHome (): Promise<void> {
  kept = new Map()
  heard = []
  ha = await mqtt.connectAsync({ host: '127.0.0.1', port: broker.port, protocolVersion: 5, username: login.name, password: login.password, clientId: 'home-assistant', reconnectPeriod: 100 })
  ha.on('message', (topic, payload, { retain }) => {
    heard.push({ topic, payload: payload.toString(), retain })
    if (payload.length === 0) kept.delete(topic)
    else if (retain) kept.set(topic, payload.toString())
  })
  await ha.subscribeAsync('#', { qos: 1, rap: true })
}

/** Waits for the thing, with a patience that a busy machine does not use up. */
async function until (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; !await isSo(); await wait(20)) if (performance.now() > end) assert.fail(`${what} did not happen; heard: ${JSON.stringify(heard.slice(-6))}`)
}

const form = (more: object = {}): object => ({ isOn: true, host: '127.0.0.1', port: broker.port, isTls: false, ca: null, userName: login.name, password: login.password, prefix: 'homeassistant', ...more })
const change = (more: object = {}) => world.call(world.people.adam, 'PATCH', 'home-assistant', form(more))
const allow = (id: string, isAllowed = true) => world.call(world.people.adam, 'PATCH', `access-points/${id}/home-assistant`, { isAllowed })
const described = async () => (await world.call(world.people.adam, 'GET', 'home-assistant')).body
const configs = (): string[] => [...kept.keys()].filter((topic) => topic.endsWith('/config')).toSorted()
const config = (id: string): string => `homeassistant/device/oncekey_${world.siteId}/${id}/config`
const topic = (id: string, rest: string): string => `oncekey/${world.siteId}/${id}/${rest}`
const state = (id: string): Record<string, unknown> => JSON.parse(kept.get(topic(id, 'state')) ?? '{}')
const connected = async (): Promise<void> => {
  assert.equal((await change()).status, 200)
  await until('everything is told', () => configs().length === 6 && kept.get(`oncekey/${world.siteId}/status`) === 'online' && kept.has(topic(world.points.front, 'state')))
}

test('each controller and access point is one device that Home Assistant takes, and states follow what doors do', async () => {
  const door = await world.door()
  await connected()
  const { a01, a02, a03, front } = world.points
  assert.deepEqual(configs(), [a01, a02, a03, front, world.controllers.bank, world.controllers.front].map(config).toSorted())
  for (const one of configs()) {
    const payload: unknown = JSON.parse(kept.get(one) ?? '')
    assert.ok(Check(DiscoveryPayload, payload), `${kept.get(one)} ${JSON.stringify([...Errors(DiscoveryPayload, payload)])}`)
  }
  const names = configs().flatMap((one) => Object.values(Object(JSON.parse(kept.get(one) ?? '')).cmps)).flatMap((one) => Object(one).unique_id ?? [])
  assert.equal(new Set(names).size, names.length, 'every unique_id is one')
  const { dev, cmps } = JSON.parse(kept.get(config(a01)) ?? '')
  assert.deepEqual([dev.name, dev.via_device, cmps.lock, cmps.bolt.p], ['Bank A A01', `oncekey_${world.controllers.bank}`, { p: 'lock' }, 'sensor'], 'without leave it is no lock with buttons, but a sensor')
  assert.deepEqual([state(a01)['bolt'], state(world.controllers.bank)['connection'], state(world.controllers.front)['connection']], ['locked', 'ON', 'OFF'])

  const { digits } = await world.code()
  await door.enter(digits)
  await until('A01 is told to have opened', () => state(a01)['lock'] === 'UNLOCKED' && heard.some((one) => one.topic === topic(a01, 'event') && one.payload === '{"event_type":"opened"}' && !one.retain))
  for (const _ of [1, 2, 3]) await door.enter('000000')
  await until('the lockout is told', () => state(world.controllers.bank)['lockout'] === 'ON' && heard.some((one) => one.payload === '{"event_type":"lockedOut"}'))
  door.unplug()
  await until('the controller is told to be gone', () => state(world.controllers.bank)['connection'] === 'OFF')
  // Nothing of a person, a code or a reason ever left.
  const all = heard.map(({ topic: at, payload }) => at + payload).join('\n')
  for (const secret of ['Maya', 'maya', digits, 'wrong', 'gym.example', login.password]) assert.ok(!all.includes(secret), secret)
  assert.equal((await described()).state, 'connected')
  assert.equal((await healthOf(world.house)).checks.find(({ name }) => name === 'home assistant')?.status, 'ok')
})

test('a restart of Home Assistant is told all again; what is removed, renamed or switched off is so there, too', async () => {
  await connected()
  const before = heard.length
  await ha.publishAsync('homeassistant/status', 'online', { qos: 1 })
  await until('all is told again', () => heard.slice(before).filter(({ topic: at }) => at.endsWith('/config')).length === 6)

  await world.call(world.people.adam, 'PATCH', `access-points/${world.points.a02}`, { name: 'Spare' })
  await until('the new name is there', () => kept.get(config(world.points.a02))?.includes('Bank A Spare') === true)
  // As if a compartment had been removed while we were away, and with somebody else's device beside it.
  const old = world.house.newId()
  await work.stop()
  await ha.publishAsync(config(old), '{}', { retain: true, qos: 1 })
  await ha.publishAsync('homeassistant/device/other/config', '{}', { retain: true, qos: 1 })
  await until('Home Assistant is told that we are away', () => kept.get(`oncekey/${world.siteId}/status`) === 'offline')
  work = startHomeAssistantWork(world.house, { firstPauseMs: 50, lookEveryMs: 100 })
  await until('what is no more is taken back', () => !kept.has(config(old)) && kept.get(`oncekey/${world.siteId}/status`) === 'online')

  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE access_points SET removed_at = 1 WHERE id = ?').run(world.points.a03) })
  await world.call(world.people.adam, 'PATCH', `access-points/${world.points.a01}`, { name: 'First' })
  await until('the removed one is gone', () => !kept.has(config(world.points.a03)) && !kept.has(topic(world.points.a03, 'state')))

  assert.equal((await change({ isOn: false })).status, 200)
  await until('nothing of ours is left', () => [...kept.keys()].every((at) => !at.includes(world.siteId)))
  assert.ok(kept.has('homeassistant/device/other/config'))
  await until('it is off', async () => (await described()).state === 'off')
})

test('switching off is itself a change; on a slow way to the broker it does not bring the devices back', async (t) => {
  let delayMs = 0
  const sockets = new Set<Socket>()
  const slow = createServer((near) => {
    const far = connect(broker.port, '127.0.0.1')
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from)
      from.on('data', (bytes) => { setTimeout(() => { to.write(bytes) }, delayMs) }).on('error', () => {}).on('close', () => { setTimeout(() => { to.destroy() }, delayMs) })
    }
  }).listen(0, '127.0.0.1')
  await once(slow, 'listening')
  t.after(() => {
    for (const one of sockets) one.destroy()
    slow.close()
  })
  const address = slow.address()
  const port = typeof address === 'object' ? address?.port : undefined
  // Devices are taken back after six times the delay, and are gone after eight: in between a change is told, 300 ms after it.
  for (delayMs of [39, 41, 43, 45, 47]) {
    assert.equal((await change({ port })).status, 200)
    await until('everything is told', () => configs().length === 6 && kept.get(`oncekey/${world.siteId}/status`) === 'online')
    await wait(500)
    await change({ port, isOn: false })
    await until('it is off', async () => (await described()).state === 'off')
    await wait(500)
    assert.deepEqual([...kept.keys()].filter((at) => at.includes(world.siteId)), [], `${delayMs} ms`)
  }
})

test('Home Assistant unlocks where somebody allowed it, in their name, and nowhere else; what its broker kept opens nothing', async () => {
  const door = await world.door()
  await connected()
  const { a01, a02 } = world.points
  const ask = (id: string, payload = 'UNLOCK', retain = false) => ha.publishAsync(topic(id, 'set'), payload, { qos: 1, retain })
  await ask(a01)
  await until('the refusal is in the record', async () => (await world.record('homeAssistant.refused')).length === 1)
  const [refused] = await world.record('homeAssistant.refused')
  assert.deepEqual([refused?.actor?.name, refused?.accessPoint?.name, refused?.details['because']], ['home-assistant', 'A01', 'notAllowed'])
  assert.deepEqual(await world.record('lock.commanded'), [])

  assert.equal((await allow(a01)).status, 204)
  await until('it is a lock now', () => JSON.parse(kept.get(config(a01)) ?? '{}').cmps?.lock?.command_topic === topic(a01, 'set'))
  assert.ok(Check(DiscoveryPayload, JSON.parse(kept.get(config(a01)) ?? '')))
  await ask(a01, 'UNLOCK')
  await until('the command is given', async () => (await world.record('lock.commanded')).length === 1)
  await quiet()
  await world.wait(1000, door)
  await until('A01 is told to be open', () => state(a01)['lock'] === 'UNLOCKED')
  const [given] = await world.record('lock.commanded')
  assert.deepEqual([given?.actor, given?.details['inTheNameOf'], given?.details['op']], [{ id: null, name: 'home-assistant' }, 'Adam', 'unlock'])
  assert.equal((await world.record('lock.actuated')).at(-1)?.actor?.name, 'home-assistant')

  // Nonsense, another's id, a door that nobody allowed, and one that is kept at the broker.
  await work.stop()
  await ask(a01, 'UNLOCK', true)
  await ask(a02, 'UNLOCK', true)
  work = startHomeAssistantWork(world.house, { firstPauseMs: 50, lookEveryMs: 100 })
  await until('it is back', async () => (await described()).state === 'connected')
  for (const payload of ['unlock', 'OPEN', '', '{"UNLOCK":1}', 'UNLOCK ', '\0']) assert.equal(orderIn(payload), null)
  await ask(a01, 'OPEN')
  await ask(world.house.newId())
  await ask(a02)
  await until('the last of them is refused', async () => (await world.record('homeAssistant.refused')).length === 2)
  assert.equal((await world.record('lock.commanded')).length, 1)

  // Who allowed it loses their role: nobody allows it any more. A flood is one row.
  await world.house.db.write(async (trx) => { await trx.prepare("UPDATE people SET role = 'member' WHERE id = ?").run(world.people.adam.id) })
  assert.equal((await world.call(world.people.olga, 'GET', 'home-assistant')).body.allowed[0]?.isGood, false)
  await Promise.all(Array.from({ length: 200 }, () => ask(a01, 'UNLOCK')))
  await until('that is refused, too', async () => (await world.record('homeAssistant.refused')).some(({ accessPoint, details }) => accessPoint?.id === a01 && details['because'] === 'notAllowed'))
  await ask(a01, 'LOCK')
  assert.ok((await world.record('homeAssistant.refused')).length <= 3)
  assert.equal((await world.record('lock.commanded')).length, 1)
})

test('a broker that vanishes: doors are served meanwhile, it is a finding with its cure, and all is told when it is back', async () => {
  const door = await world.door()
  await connected()
  await broker.kill()
  await until('it is noticed', async () => { const { state: now, fault } = await described(); return now === 'waiting' && fault === 'ECONNREFUSED' })
  const { digits } = await world.code()
  await door.enter(digits)
  assert.equal(door.isLocked(1), false, 'the door has opened')
  world.house.wait(2_000)
  const health = await healthOf(world.house)
  assert.deepEqual([health.status, health.checks.find(({ name }) => name === 'home assistant')?.status], ['degraded', 'degraded'])
  world.house.wait(10_000)
  const { body: { findings } } = await world.call(world.people.otto, 'GET', 'diagnostics')
  const away = findings.find(({ code }) => code === 'homeAssistant.away')
  assert.deepEqual([away?.state, away?.facts['fault'], away?.cure?.includes('Developers')], ['warn', 'ECONNREFUSED', true])
  const tested = await world.call(world.people.adam, 'POST', 'home-assistant/test')
  assert.deepEqual(tested.body, { step: 'connection', fault: 'ECONNREFUSED' })

  broker = await broker.again()
  await until('it is back, with the state of now and no old news', () => state(world.points.a01)['lock'] === 'UNLOCKED')
  assert.ok(!heard.some(({ payload }) => payload === '{"event_type":"opened"}'), 'what happened while it was away is no event any more')
  assert.deepEqual((await world.call(world.people.adam, 'POST', 'home-assistant/test')).body, { step: 'done', fault: null })
})

test('where it may not go: networks of others, other ports at home, and a password that would go with another broker', async () => {
  const { mayReach } = await import('./reach.ts')
  const may = (address: string, port = 1883, isTls = false, networks: string[] = []): boolean => mayReach(address, { port, isTls, networks })
  assert.deepEqual([may('192.168.1.7'), may('127.0.0.1', 8883), may('fd12::1')], [true, true, true], 'at home')
  assert.deepEqual([may('127.0.0.1', 6379), may('10.0.0.7', 22), may('192.168.1.7', 8080)], [false, false, false], 'other programs at home')
  assert.deepEqual([may('10.1.0.7', 1900), may('10.1.0.7', 1900, false, ['10.1.0.0/16'])], [false, true], 'unless the operator names the network')
  assert.deepEqual([may('169.254.169.254', 1883, true), may('0.0.0.0'), may('224.0.0.1'), may('fe80::1'), may('::ffff:169.254.169.254'), may('fd00:ec2::254')], [false, false, false, false, false, false])
  assert.deepEqual([may('93.184.215.14'), may('93.184.215.14', 8883, true)], [false, true], 'out into the world only with TLS')

  await connected()
  const elsewhere = await change({ host: 'broker.thief.example', password: undefined })
  assert.deepEqual([elsewhere.status, elsewhere.refusal], [400, 'badRequest'])
  for (const odd of [{ userName: 'a\r\nFLUSHALL' }, { password: 'x\n' }, { host: 'a b' }, { host: 'user@host' }, { prefix: 'a/#' }, { prefix: '+/x' }, { port: 0 }]) assert.equal((await change(odd)).status, 400, JSON.stringify(odd))
  assert.equal((await change({ password: 'not the one' })).status, 200)
  await until('the wrong password is told', async () => (await described()).fault === 'badLogin' || (await described()).fault === 'notAllowed')
  const text = JSON.stringify([await described(), await world.record(), world.house.logged])
  assert.ok(!text.includes(login.password) && !text.includes('not the one'), 'no password in answers, record or log')
})

test('a door that somebody was forced to open is an opening like any other', async () => {
  await connected()
  const door = await world.door(world.controllers.front)
  const { body: pin } = await world.call(world.people.otto, 'POST', `access-points/${world.points.front}/pins`, { label: 'Night shift', duress: true })
  const seen: string[][] = []
  // The first opening of a door changes more than the next: "last opened" was empty.
  for (const digits of [pin.digits, pin.digits, pin.duressDigits ?? '']) {
    const before = heard.length
    const here = () => heard.slice(before).filter((one) => one.topic.includes(world.points.front))
    await door.enter(digits)
    await until('it is unlocked', () => here().some(({ payload }) => payload.includes('unlocked')))
    await world.wait(61_000, door)
    await tellAlarms(world.house)
    await until('it is locked again', () => here().some(({ topic: at, payload }) => at.endsWith('/state') && !payload.includes('unlocked')))
    seen.push([...new Set(here().map(({ topic: at, payload, retain }) => `${at} ${payload.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|\d{10,}/g, 'then')} ${retain}`))].toSorted())
  }
  assert.ok((seen[1]?.length ?? 0) >= 3, JSON.stringify(seen[1]))
  assert.deepEqual(seen[2], seen[1])
  assert.equal((await world.call(world.people.olga, 'GET', 'alarms?kind=duress')).body.alarms.length, 1)
  assert.equal(heard.some(({ payload }) => /duress|help/i.test(payload)), false)
})
