import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import { brokerPassword } from '@oncekey/protocol/messages'
import { openWorld, quiet, type World } from '../testing/world.ts'
import { controllerPassword } from './password.ts'
import { present } from './waiting.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

type Box = { key: string, claimCode: string, hardware: string, firmware: string, locks: number }
const box = (claimCode = '7K3MP9QX4T', locks = 1): Box => ({ key: randomBytes(32).toString('base64url'), claimCode, hardware: 'esp32', firmware: '1.0', locks })
const show = (one: Box) => world.call(null, 'POST', 'commissioning', one)
const claim = (claimCode: string, more: object = {}, who = world.people.adam) => world.call(who, 'POST', 'controllers/claim', { claimCode, name: 'Side door', ...more })

async function addDoor (name: string): Promise<string> {
  const id = world.house.newId()
  await world.house.db.write(async (trx) => {
    await trx.prepare("INSERT INTO access_points (id, site_id, bank_id, kind, name, controller_id, lock, created_at) VALUES (?, ?, NULL, 'door', ?, NULL, 0, 0)").run(id, world.siteId, name)
  })
  return id
}

test('a controller waits, Adam types its claim code as he reads it, and it hears that it is ours', async () => {
  const one = box()
  assert.deepEqual((await show(one)).body, { claimed: false, retryAfterMs: 3000 })
  const accessPointId = await addDoor('Side door')
  const claimed = await claim('7k3m-p9qx-4t', { accessPointId })
  assert.equal(claimed.status, 201)
  assert.deepEqual([claimed.body.name, claimed.body.hardware, claimed.body.assurance, claimed.body.online, claimed.body.digits], ['Side door', 'esp32', 'high', false, 7])
  const answer = (await show(one)).body
  assert.ok(answer.claimed)
  assert.deepEqual([answer.claimed, answer.siteId, answer.controllerId], [true, world.siteId, claimed.body.id])
  assert.equal(await controllerPassword(world.house, answer.controllerId, brokerPassword(Buffer.from(one.key, 'base64url'), 1)), true)
  assert.equal(await controllerPassword(world.house, answer.controllerId, 'guess'), false)
  assert.equal(await controllerPassword(world.house, 'nobody', 'guess'), false)
  assert.equal(await controllerPassword(world.house, '../x', 'guess'), false)
  // Also after a restart, and only for who has the key.
  await world.restart()
  assert.equal((await show(one)).body.claimed, true)
  assert.equal((await show({ ...one, key: box().key })).body.claimed, false)
  assert.equal((await world.record('controller.claimed')).at(-1)?.actor?.name, 'Adam')
})

test('a door without hardware that was claimed is not one that a page may play', async () => {
  await show({ ...box(), hardware: 'simulator' })
  const claimed = await claim('7K3MP9QX4T', { accessPointId: await addDoor('Side door') })
  assert.deepEqual([claimed.body.hardware, claimed.body.simulated], ['simulator', false])
})

test('a bank gives its locks in the order of their names, as many as the controller drives', async () => {
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE access_points SET controller_id = NULL, lock = 0 WHERE bank_id IS NOT NULL').run() })
  await show(box('AAAAAAAAAA', 2))
  const bank = await world.house.db.read.selectFrom('banks').select('id').executeTakeFirstOrThrow()
  const { body } = await claim('AAAAAAAAAA', { bankId: bank.id })
  const points = await world.house.db.read.selectFrom('access_points').select(['name', 'controller_id', 'lock']).where('bank_id', '=', bank.id).orderBy('name').execute()
  assert.deepEqual(points.map((one) => [one.name, one.controller_id === body.id, one.lock]), [['A01', true, 1], ['A02', true, 2], ['A03', false, 0]])
})

test('a wrong code, two with the same code, a code that is old, a second claim: nothing', async () => {
  assert.equal((await claim('WRONGCODE1')).refusal, 'claimCodeWrong')
  await show(box('SAMESAME11'))
  await show(box('SAMESAME11'))
  assert.equal((await claim('SAMESAME11')).refusal, 'claimCodeWrong')
  await show(box('OLDOLDOLD1'))
  await world.wait(600_000)
  assert.equal((await claim('OLDOLDOLD1')).refusal, 'claimCodeWrong')
  await show(box('TWICETWICE'))
  const both = await Promise.all([claim('TWICETWICE'), claim('TWICETWICE')])
  assert.deepEqual(both.map((one) => one.status).sort(), [201, 409])
})

test('guessing claim codes ends soon', async () => {
  const codes: unknown[] = []
  for (let i = 0; i < 12; i++) codes.push((await claim(`GUESS${10_000 + i}`)).refusal)
  assert.deepEqual([codes.filter((code) => code === 'claimCodeWrong').length, codes.at(-1)], [10, 'tooManyTries'])
})

test('the waiting list has an end, and a key that others could read is of low assurance', async () => {
  for (let i = 0; i < 100; i++) await present(world.house, box(`BOX${String(i).padStart(7, '0')}`), { address: `10.0.0.${i}`, isPrivate: false })
  await assert.rejects(present(world.house, box(), { address: '10.0.1.1', isPrivate: true }), { code: 'busy' })
  const { body } = await claim('BOX0000007')
  assert.equal(body.assurance, 'low')
})

test('a stranger who presents made-up controllers takes the places of his own network, not everybody\'s', async () => {
  const flood = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) await present(world.house, box(`FAKE${String(i).padStart(6, '0')}`), { address: `2001:db8:0:1::${i}`, isPrivate: true }).catch(() => {})
  }
  await flood(0, 110)
  await present(world.house, box('HONESTHONE'), { address: '10.0.0.7', isPrivate: true })
  await flood(110, 300)
  assert.equal((await claim('HONESTHONE')).status, 201)
})

test('a proxy that speaks plain HTTP to the world does not make a key private', async () => {
  await world.call(null, 'POST', 'commissioning', box('PROXYPROXY'), { 'x-forwarded-for': '203.0.113.9' })
  assert.equal((await claim('PROXYPROXY')).body.assurance, 'low')
})

test('somebody who posts without end is asked to wait', async () => {
  const one = box()
  let refused = 0
  for (let i = 0; i < 130; i++) if ((await show(one)).refusal === 'tooManyTries') refused++
  assert.equal(refused, 10)
})

test('nor does a new address of the same /64 for each post help', async () => {
  const one = box('ROTATEROTA')
  let refused = 0
  for (let i = 0; i < 130; i++) await present(world.house, one, { address: `2001:db8:0:9::${i.toString(16)}`, isPrivate: true }).catch(() => { refused++ })
  assert.equal(refused, 10)
  await present(world.house, box('NEIGHBOURS'), { address: '2001:db8:0:a::1', isPrivate: true })
})

test('a place that is not there, a door that has a controller', async () => {
  await show(box('PLACEPLACE'))
  assert.equal((await claim('PLACEPLACE', { bankId: world.house.newId() })).refusal, 'notFound')
  assert.equal((await claim('PLACEPLACE', { accessPointId: world.house.newId() })).refusal, 'notFound')
  assert.equal((await claim('PLACEPLACE', { accessPointId: world.points.front })).refusal, 'inUse')
  assert.equal((await claim('PLACEPLACE')).status, 201)
})

test('another box takes the place of a broken one: the same controller with another key', async () => {
  const one = box('OLDOLDOLD1', 2)
  await show(one)
  const { body } = await claim('OLDOLDOLD1', { accessPointId: await addDoor('Side door') })
  const replace = (claimCode: string, who = world.people.adam, id: string = body.id) => world.call(who, 'POST', `controllers/${id}/replace`, { claimCode })
  assert.equal((await replace('NOBODYHERE')).refusal, 'claimCodeWrong')
  assert.equal((await replace('NEWNEWNEW1', world.people.otto)).refusal, 'notAllowed')
  const other = box('NEWNEWNEW1', 1)
  await show(other)
  assert.equal((await replace('NEWNEWNEW1', world.people.adam, world.house.newId())).refusal, 'notFound')
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE access_points SET lock = 2 WHERE controller_id = ?').run(body.id) })
  const small = await replace('NEWNEWNEW1')
  assert.equal(small.refusal, 'inUse')
  assert.match(small.problem.detail ?? '', /drives 1 locks, and lock 2 is in use/)
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE access_points SET lock = 1 WHERE controller_id = ?').run(body.id) })

  const now = (await replace('NEWNEWNEW1')).body
  assert.deepEqual([now.id, now.name, now.online], [body.id, body.name, false])
  const told = (await show(other)).body
  assert.ok(told.claimed)
  assert.equal(told.controllerId, body.id)
  const isIn = (key: string) => controllerPassword(world.house, body.id, brokerPassword(Buffer.from(key, 'base64url'), 1))
  assert.deepEqual([await isIn(other.key), await isIn(one.key)], [true, false])
  assert.equal((await show(one)).body.claimed, false, 'the old box is a stranger')
  const row = (await world.record('controller.replaced')).at(-1)
  assert.deepEqual([row?.controller?.id, row?.details['was'], row?.details['locks']], [body.id, 'esp32 1.0', 1])
  // A box that is a controller already, and one box for two places at once.
  await show(box('TWICETWICE'))
  const both = await Promise.all([replace('TWICETWICE'), replace('TWICETWICE', world.people.adam, world.controllers.front)])
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409])
})

test('malformed presentations are told what is wrong', async () => {
  for (const wrong of [{ key: 'short' }, { key: 'x'.repeat(5000) }, { claimCode: 'ABC' }, { locks: 0 }, { locks: 97 }, { hardware: 'x'.repeat(65) }, { firmware: 7.5 }]) {
    const answer = await show({ ...box(), ...wrong } as Box)
    if ('firmware' in wrong) continue
    assert.deepEqual([answer.status, answer.refusal, answer.problem.errors?.[0]?.field], [400, 'badRequest', Object.keys(wrong)[0]])
  }
})

test('the key of a simulated door is for administrators of a demonstration site only', async () => {
  const url = `controllers/${world.controllers.front}/simulation` as const
  const { status, body, headers } = await world.call(world.people.adam, 'GET', url)
  assert.deepEqual([status, body.siteId, body.locks, body.mqttPath, Buffer.from(body.key, 'base64url').length, headers['cache-control']], [200, world.siteId, 1, 'mqtt', 32, 'no-store'])
  assert.equal((await world.call(world.people.otto, 'GET', url)).refusal, 'notAllowed')
  await show(box('REALBOX111'))
  const real = (await claim('REALBOX111')).body.id
  assert.equal((await world.call(world.people.adam, 'GET', `controllers/${real}/simulation`)).refusal, 'notFound')
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE sites SET demonstration = 0').run() })
  assert.equal((await world.call(world.people.adam, 'GET', url)).refusal, 'notFound')
})

test('a removed controller is cut off at once: line, key, codes', async () => {
  const door = await world.door()
  const { digits } = await world.code()
  assert.equal((await world.call(world.people.adam, 'DELETE', `controllers/${world.controllers.bank}`)).status, 204)
  await quiet()
  assert.equal(door.client?.isConnected, false)
  assert.equal(await controllerPassword(world.house, world.controllers.bank, brokerPassword(door.identity.rootKey, 1)), false)
  const row = await world.house.db.read.selectFrom('controllers').select('root_key_sealed').where('id', '=', world.controllers.bank).executeTakeFirstOrThrow()
  assert.equal(row.root_key_sealed, '')
  assert.equal((await world.record('code.revoked')).length, 1)
  assert.equal((await world.record('controller.removed'))[0]?.details['codes'], 1)
  const moves = door.moves()
  door.plug()
  await quiet()
  door.type(digits + '#')
  await world.wait(2000, door)
  assert.equal(door.moves(), moves)
  assert.equal((await world.call(world.people.adam, 'DELETE', `controllers/${world.controllers.bank}`)).refusal, 'notFound')
  assert.equal((await world.call(world.people.maya, 'POST', 'codes', { accessPointId: world.points.a01 })).refusal, 'controllerOffline')
})
