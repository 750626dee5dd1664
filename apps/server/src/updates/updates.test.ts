import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { downloadToken, open, linkKeys, parseUpdate, type Update } from '@oncekey/protocol/messages'
import type { RolloutAnswer } from '@oncekey/protocol/schemas'
import { COOKIE } from '../sessions/cookies.ts'
import { Answered } from '../testing/answers.ts'
import { openWorld, quiet, type LinkedDoor, type TestPerson, type World } from '../testing/world.ts'
import { advanceRollouts, SILENT_MS } from './advance.ts'
import { makeImageKey, signImage, writeHeader } from './image-file.ts'

let world: World
let key: ReturnType<typeof makeImageKey>

/** A gym that trusts one key. */
async function opened (): Promise<void> {
  world = await openWorld()
  key = makeImageKey()
  await world.call(world.people.adam, 'POST', 'updates/keys', { name: 'Works', publicKey: key.publicKey })
}

/** A test in a gym of its own. */
function tried (what: string, happens: () => Promise<void>): void {
  void test(what, async () => {
    await opened()
    try {
      await happens()
    } finally {
      await world.close()
    }
  })
}

type Facts = { version: string, minimum: string, hardware: string }

/** A signed image file. */
function file (change: Partial<Facts> = {}, content = 'a program', pem = key.pem): Buffer {
  const bytes = Buffer.from(content)
  const facts = { version: '1.1.0', minimum: '0.0.0', hardware: 'bench', ...change, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64url') }
  return Buffer.concat([writeHeader(signImage(facts, pem)), bytes])
}

async function upload (bytes: Buffer, who: TestPerson = world.people.adam): Promise<Answered> {
  const answer = await world.house.app.inject({ method: 'POST', url: '/api/v1/updates/images', payload: bytes, headers: { 'content-type': 'application/octet-stream', cookie: `${COOKIE}=${who.cookie}` } })
  return new Answered(answer.statusCode, answer.headers, answer.body)
}

async function imageId (): Promise<string> {
  return (await world.call(world.people.adam, 'GET', 'updates')).body.images[0]?.id ?? ''
}

async function start (form: object = {}): Promise<RolloutAnswer> {
  return (await world.call(world.people.adam, 'POST', 'updates/rollouts', { imageId: await imageId(), ...form })).body
}

async function look (id: string): Promise<{ state: string, of: string[] }> {
  const { rollout, controllers } = (await world.call(world.people.otto, 'GET', `updates/rollouts/${id}`)).body
  return { state: rollout.state, of: controllers.map((one) => one.outcome === null || one.state === 'installed' ? one.state : `${one.state} ${one.outcome}`) }
}

/** The newest offer that arrived at a door. */
async function offerTo (door: LinkedDoor): Promise<Update | null> {
  await quiet()
  const { rootKey } = await world.identity(door.identity.controller)
  const message = door.passed.filter(({ topic }) => topic.endsWith('/down/update')).pop()
  return message === undefined ? null : parseUpdate(open(linkKeys(rootKey, 1).macDown, message.topic, message.payload) ?? '')
}

async function download (controllerId: string, offer: number, range: string, change: { token?: string, id?: string } = {}): Promise<{ status: number, body: string, range: unknown }> {
  const { rootKey } = await world.identity(controllerId)
  const answer = await world.house.app.inject({ url: `/api/v1/controllers/${change.id ?? controllerId}/image`, headers: { range, authorization: `Bearer ${change.token ?? downloadToken(rootKey, 1, offer)}` } })
  return { status: answer.statusCode, body: answer.body, range: answer.headers['content-range'] }
}

/** Two doors with 1.0.0 on line. */
async function doors (): Promise<{ bank: LinkedDoor, front: LinkedDoor }> {
  const bank = await world.door(world.controllers.bank)
  const front = await world.door(world.controllers.front)
  for (const door of [bank, front]) {
    door.unplug()
    door.firmware = '1.0.0'
    door.reboot()
    door.plug()
  }
  await quiet()
  await world.wait(3000, bank, front)
  return { bank, front }
}

/** The image arrived; the door restarts with this program. */
async function installs (door: LinkedDoor, firmware = '1.1.0'): Promise<void> {
  const offer = (await offerTo(door))?.offer ?? 0
  door.step({ is: 'fetched', offer, fault: null })
  door.unplug()
  door.firmware = firmware
  door.reboot('update')
  door.plug()
  await quiet()
  await world.wait(3000, door)
}

tried('an image is taken when a trusted key signed just these bytes; everything else is refused with its cure, and leaves nothing behind', async () => {
  const good = file()
  const folder = join(world.house.config.dataDir, 'images')
  const bent = Buffer.from(good)
  bent[bent.length - 1]! ^= 1
  const head = good.indexOf('\n', 20)
  const changed = Buffer.from(good.toString('latin1').replace('1.1.0', '9.1.0'), 'latin1')
  const refusals: [string, Buffer, RegExp][] = [
    ['nothing', Buffer.alloc(0), /no signed image/], ['a program that nobody signed', Buffer.from('\x7fELF...'), /oncekey image sign/], ['a head alone', good.subarray(0, head), /no signed image/],
    ['a head without an end', Buffer.from('oncekey image 1\n' + 'x'.repeat(10_000)), /no signed image/], ['no JSON', Buffer.from('oncekey image 1\n{"version"\n'), /no signed image/],
    ['another key', file({}, 'a program', makeImageKey().pem), /not trusted/], ['a changed head', changed, /Sign it again/],
    ['a changed byte', bent, /Upload it again/], ['a byte less', good.subarray(0, -1), /ended after 8 of 9/], ['a byte more', Buffer.concat([good, Buffer.from('x')]), /longer than the 9/]
  ]
  for (const [what, bytes, says] of refusals) {
    const { status, problem } = await upload(bytes)
    assert.deepEqual([status, problem.code], [422, 'imageRefused'], what)
    assert.match(problem.detail ?? '', says, what)
  }
  assert.ok(!existsSync(folder) || readdirSync(folder).length === 0, 'nothing is left')
  assert.equal((await upload(good)).status, 201)
  assert.equal((await upload(good)).refusal, 'alreadyExists')
  assert.deepEqual(readdirSync(folder), [await imageId()])
  assert.deepEqual((await world.record('image.uploaded')).map((row) => row.details['version']), ['1.1.0'])
  const removed = await world.call(world.people.adam, 'DELETE', `updates/images/${await imageId()}`)
  assert.equal(removed.status, 204)
  await quiet()
  assert.equal((await world.call(world.people.adam, 'GET', 'updates')).body.images.length, 0)
})

tried('an image of many parts arrives as it was signed', async () => {
  const content = 'x'.repeat(3_000_000)
  assert.equal((await upload(file({}, content))).status, 201)
})

tried('keys: what was trusted and is no more takes nothing; the same key twice is told', async () => {
  const { adam } = world.people
  assert.equal((await world.call(adam, 'POST', 'updates/keys', { name: 'Again', publicKey: key.publicKey })).refusal, 'alreadyExists')
  const [trusted] = (await world.call(adam, 'GET', 'updates')).body.keys
  await world.call(adam, 'DELETE', `updates/keys/${trusted?.id}`)
  assert.match((await upload(file())).problem.detail ?? '', /No key is trusted here yet/)
  assert.deepEqual((await world.record()).filter((row) => row.event.startsWith('imageKey.')).map((row) => row.event), ['imageKey.trusted', 'imageKey.removed'])
})

tried('a roll-out: one first, then after the pause the other; each gets its own image by its own token, and says what came of it', async () => {
  const { bank, front } = await doors()
  await upload(file())
  const { rollout: { id }, controllers } = await start({ stages: [0, 100], pauseMinutes: 10 })
  assert.deepEqual(controllers.map((one) => one.state), ['offered', 'waiting'])
  const offer = await offerTo(bank)
  assert.ok(offer?.op === 'install' && offer.version === '1.1.0')
  assert.equal(await offerTo(front), null)
  assert.deepEqual(await download(bank.identity.controller, offer.offer, 'bytes=2-4'), { status: 206, body: 'pro', range: 'bytes 2-4/9' })
  assert.deepEqual((await look(id)).of, ['downloading', 'waiting'])
  assert.deepEqual(await download(bank.identity.controller, offer.offer, 'bytes=5-99'), { status: 206, body: 'gram', range: 'bytes 5-8/9' })
  assert.deepEqual((await look(id)).of, ['installing', 'waiting'])
  assert.deepEqual(await download(bank.identity.controller, offer.offer, 'bytes=9-9'), { status: 200, body: 'a program', range: undefined })
  const other = downloadToken((await world.identity(front.identity.controller)).rootKey, 1, offer.offer)
  for (const change of [{ token: other }, { token: 'A'.repeat(43) }, { token: '' }, { id: front.identity.controller }, { id: front.identity.controller, token: other }]) {
    assert.equal((await download(bank.identity.controller, offer.offer, 'bytes=0-1', change)).status, 404, JSON.stringify(change))
  }
  assert.equal((await download(bank.identity.controller, offer.offer - 1, 'bytes=0-1')).status, 404, 'of another offer')
  await installs(bank)
  assert.deepEqual((await look(id)).of, ['installed', 'waiting'])
  await advanceRollouts(world.house)
  await world.wait(599_000, bank, front)
  await advanceRollouts(world.house)
  assert.deepEqual((await look(id)).of, ['installed', 'waiting'], 'the pause')
  await world.wait(1000, bank, front)
  await advanceRollouts(world.house)
  await advanceRollouts(world.house)
  assert.deepEqual((await look(id)).of, ['installed', 'offered'])
  await installs(front)
  await advanceRollouts(world.house)
  assert.deepEqual(await look(id), { state: 'done', of: ['installed', 'installed'] })
  assert.deepEqual((await world.call(world.people.otto, 'GET', 'updates')).body.controllers.map((one) => one.firmware), ['1.1.0', '1.1.0'])
  assert.equal((await world.record('controller.updated')).length, 2, 'once each')
  assert.equal((await download(front.identity.controller, (await offerTo(front))?.offer ?? 0, 'bytes=0-1')).status, 404, 'afterwards there is nothing')
  assert.ok(world.told.some(({ event, people }) => event.kind === 'update' && event.rolloutId === id && people.length === 0))
})

tried('one that goes back halts it; resumed by hand it goes on with the rest', async () => {
  const { bank, front } = await doors()
  await upload(file())
  const { rollout: { id } } = await start({ stages: [0, 100], pauseMinutes: 0 })
  await installs(bank, '1.0.0')
  assert.deepEqual((await look(id)).of, ['wentBack wentBack', 'waiting'])
  await advanceRollouts(world.house)
  assert.equal((await look(id)).state, 'halted')
  assert.deepEqual((await world.record('rollout.halted')).map((row) => [row.severity, row.details['by']]), [['alarm', 'failures']])
  assert.equal((await world.call(world.people.otto, 'POST', `updates/rollouts/${id}/resume`)).refusal, 'notAllowed')
  assert.equal((await world.call(world.people.adam, 'POST', `updates/rollouts/${id}/resume`)).status, 204)
  for (let i = 0; i < 4; i++) await advanceRollouts(world.house)
  assert.deepEqual((await look(id)).of, ['wentBack wentBack', 'offered'])
  await installs(front)
  await advanceRollouts(world.house)
  assert.deepEqual(await look(id), { state: 'done', of: ['wentBack wentBack', 'installed'] })
})

tried('halted by hand: what is not being installed is taken back and offered again later; ended it stays so', async () => {
  const { bank } = await doors()
  await upload(file())
  const { rollout: { id } } = await start()
  const first = await offerTo(bank)
  assert.equal((await world.call(world.people.otto, 'POST', `updates/rollouts/${id}/halt`)).status, 204)
  assert.deepEqual(await look(id), { state: 'halted', of: ['waiting', 'waiting'] })
  const back = await offerTo(bank)
  assert.ok(back?.op === 'nothing' && back.offer > (first?.offer ?? 0))
  assert.equal((await download(bank.identity.controller, first?.offer ?? 0, 'bytes=0-1')).status, 404)
  await world.call(world.people.adam, 'POST', `updates/rollouts/${id}/resume`)
  const again = await offerTo(bank)
  assert.ok(again?.op === 'install' && again.offer > back.offer)
  assert.equal((await world.call(world.people.adam, 'DELETE', `updates/images/${await imageId()}`)).refusal, 'inUse')
  assert.equal((await world.call(world.people.adam, 'POST', `updates/rollouts/${id}/end`)).status, 204)
  assert.equal((await look(id)).state, 'ended')
  assert.equal((await world.call(world.people.adam, 'POST', `updates/rollouts/${id}/end`)).refusal, 'notFound')
})

tried('silence after the download is a failure; a late word still counts', async () => {
  const { bank } = await doors()
  await upload(file())
  const { rollout: { id } } = await start()
  const offer = await offerTo(bank)
  await download(bank.identity.controller, offer?.offer ?? 0, 'bytes=0-99')
  bank.unplug()
  await world.wait(SILENT_MS + 1000)
  await advanceRollouts(world.house)
  assert.deepEqual(await look(id), { state: 'halted', of: ['failed silent', 'waiting'] })
  bank.plug()
  await installs(bank)
  assert.deepEqual((await look(id)).of, ['installed', 'waiting'])
})

tried('a stolen controller that asks for the first and the last part in turn costs no write each', async () => {
  const { bank } = await doors()
  await upload(file())
  const { rollout: { id } } = await start({ controllerIds: [world.controllers.bank] })
  const offer = (await offerTo(bank))?.offer ?? 0
  const { write } = world.house.db
  let writes = 0
  Object.assign(world.house.db, { write: ((...how) => { writes++; return write(...how) }) satisfies typeof write })
  for (let i = 0; i < 50; i++) {
    assert.equal((await download(world.controllers.bank, offer, 'bytes=0-3')).status, 206)
    assert.equal((await download(world.controllers.bank, offer, 'bytes=4-8')).status, 206)
  }
  Object.assign(world.house.db, { write })
  assert.ok(writes <= 2, `${writes} writes`)
  // One that really begins anew is seen to, a little later.
  world.house.wait(61_000)
  await download(world.controllers.bank, offer, 'bytes=0-3')
  assert.deepEqual((await look(id)).of, ['downloading'])
})

tried('only controllers of that hardware that run something older; those off line wait; none is in two roll-outs', async () => {
  const { bank, front } = await doors()
  bank.unplug()
  await quiet()
  const { adam } = world.people
  await upload(file({ hardware: 'other' }))
  assert.equal((await world.call(adam, 'POST', 'updates/rollouts', { imageId: await imageId() })).refusal, 'badRequest')
  await upload(file({ version: '1.0.0' }))
  const [old] = (await world.call(adam, 'GET', 'updates')).body.images.filter((one) => one.version === '1.0.0')
  assert.deepEqual([old?.waiting, (await world.call(adam, 'POST', 'updates/rollouts', { imageId: old?.id })).refusal], [0, 'badRequest'])
  await upload(file())
  const [fresh] = (await world.call(adam, 'GET', 'updates')).body.images.filter((one) => one.hardware === 'bench' && one.version === '1.1.0')
  for (const stages of [[100, 100], [50], [50, 10, 100]]) assert.equal((await world.call(adam, 'POST', 'updates/rollouts', { imageId: fresh?.id, stages })).refusal, 'badRequest')
  assert.equal((await world.call(adam, 'POST', 'updates/rollouts', { imageId: fresh?.id, controllerIds: [world.siteId] })).refusal, 'badRequest')
  const rollout = (await world.call(adam, 'POST', 'updates/rollouts', { imageId: fresh?.id, stages: [0, 100], pauseMinutes: 0 })).body
  assert.deepEqual(rollout.controllers.map((one) => [one.name, one.state]), [['Bank A', 'waiting'], ['Front door', 'offered']], 'who is on line is first')
  assert.equal((await world.call(adam, 'POST', 'updates/rollouts', { imageId: fresh?.id, controllerIds: [world.controllers.front] })).refusal, 'inUse')
  await installs(front)
  for (let i = 0; i < 4; i++) await advanceRollouts(world.house)
  assert.equal((await look(rollout.rollout.id)).state, 'running')
  bank.plug()
  await quiet()
  await advanceRollouts(world.house)
  assert.deepEqual((await look(rollout.rollout.id)).of, ['offered', 'installed'])
})

tried('a controller that reconnects, or a server that starts again, gets what is still offered', async () => {
  const { bank } = await doors()
  await upload(file())
  await start()
  const offer = await offerTo(bank)
  bank.unplug()
  await world.restart()
  bank.passed.length = 0
  bank.plug()
  await quiet()
  assert.deepEqual(await offerTo(bank), offer)
})

tried('group by group in the order that was named, everybody else last; a failure in one keeps the next from it', async () => {
  const { adam, otto, maya } = world.people
  const { bank, front } = await doors()
  const group = (controllerId: string, name: string | null, who = otto) => world.call(who, 'PATCH', `controllers/${controllerId}/group`, { group: name })
  assert.equal((await group(world.controllers.front, 'Test bench', maya)).refusal, 'notAllowed')
  assert.equal((await group(world.siteId, 'Test bench')).refusal, 'notFound')
  for (const wrong of ['', ' ', 'x'.repeat(81), 'a\nb']) assert.equal((await group(world.controllers.front, wrong)).refusal, 'badRequest')
  await group(world.controllers.front, ' Test bench ')
  await group(world.controllers.front, 'Test bench')
  assert.deepEqual((await world.record('controller.changed')).map((row) => [row.actor?.name, row.controller?.name, row.details['group']]), [['Otto', 'Front door', 'Test bench']])
  assert.deepEqual((await world.call(otto, 'GET', 'updates')).body.controllers.map((one) => [one.name, one.group]), [['Bank A', null], ['Front door', 'Test bench']])

  await upload(file())
  assert.equal((await world.call(adam, 'POST', 'updates/rollouts', { imageId: await imageId(), groups: ['Test bench'], stages: [100] })).refusal, 'badRequest')
  assert.equal((await world.call(adam, 'POST', 'updates/rollouts', { imageId: await imageId(), groups: ['Building A'], others: false })).refusal, 'badRequest', 'nobody is in it')
  const { rollout, controllers } = await start({ groups: ['Building A', 'Test bench'], pauseMinutes: 10 })
  assert.deepEqual([rollout.groups, rollout.stages, rollout.stage], [['Test bench', null], [], 0], 'a group with nobody in it has no turn')
  assert.deepEqual(controllers.map((one) => [one.name, one.group, one.state]), [['Front door', 'Test bench', 'offered'], ['Bank A', null, 'waiting']])
  // Another group later changes nothing that has begun.
  await group(world.controllers.bank, 'Test bench')
  await advanceRollouts(world.house)
  assert.equal(await offerTo(bank), null)

  await installs(front)
  await world.wait(120_000, front)
  for (let i = 0; i < 3; i++) await advanceRollouts(world.house)
  assert.deepEqual((await look(rollout.id)).of, ['installed', 'waiting'])
  world.house.wait(600_000)
  for (let i = 0; i < 3; i++) await advanceRollouts(world.house)
  const told = (await world.call(otto, 'GET', `updates/rollouts/${rollout.id}`)).body.rollout
  assert.equal(told.stage, 1)
  assert.deepEqual(await look(rollout.id), { state: 'running', of: ['installed', 'offered'] })
  await world.call(adam, 'POST', `updates/rollouts/${rollout.id}/end`)
  assert.deepEqual((await world.record('rollout.started')).map((row) => row.details['groups']), ['Test bench, *'])
})

tried('to one group only, and not further when it fails there', async () => {
  await doors()
  for (const [id, name] of [[world.controllers.front, 'Test bench'], [world.controllers.bank, 'Building A']]) await world.call(world.people.otto, 'PATCH', `controllers/${id}/group`, { group: name })
  await upload(file())
  const only = await start({ groups: ['Building A'], others: false })
  assert.deepEqual(only.controllers.map((one) => one.name), ['Bank A'])
  await world.call(world.people.adam, 'POST', `updates/rollouts/${only.rollout.id}/end`)
  const { rollout } = await start({ groups: ['Test bench', 'Building A'], pauseMinutes: 0 })
  world.house.wait(86_400_001)
  for (let i = 0; i < 3; i++) await advanceRollouts(world.house)
  await world.signIn(world.people.otto)
  assert.deepEqual(await look(rollout.id), { state: 'halted', of: ['failed silent', 'waiting'] })
})
