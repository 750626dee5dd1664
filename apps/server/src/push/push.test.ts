import assert from 'node:assert/strict'
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { tellAlarms } from '../alarms/tell.ts'
import { askForCode } from '../doors/ask.ts'
import { startOutbox, type OutboxLoop } from '../notify/loop.ts'
import { issueCertificate, makeAuthority } from '../platform/tls/certificates.ts'
import { permitsFor } from '../platform/tls/names.ts'
import { newPerson } from '../testing/callers.ts'
import { openWorld, type World } from '../testing/world.ts'
import { httpPoster } from '../webhooks/post.ts'
import { pushChannel } from './channel.ts'
import { encryptPush } from './encrypt.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')

test('a message is encrypted as in the example of RFC 8291, appendix A', () => {
  const body = encryptPush(
    { p256dh: bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'), auth: bytes('BTBZMqHH6r4Tts7J_aSIgg') },
    Buffer.from('When I grow up, I want to be a watermelon'), bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'), bytes('DGv6ra1nlYgDCS1FRnbzlw')
  )
  assert.equal(body.toString('base64url'), 'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN')
})

/** A browser as RFC 8291 has it: gives its keys out, and reads what was encrypted for it. */
function browser () {
  const ecdh = createECDH('prime256v1')
  ecdh.generateKeys()
  const auth = randomBytes(16)
  return {
    keys: { p256dh: ecdh.getPublicKey('base64url'), auth: auth.toString('base64url') },
    read (body: Buffer): { title: string, body: string, path: string, tag: string, request?: string, until?: number, says?: Record<string, string> } {
      const salt = body.subarray(0, 16)
      const sender = body.subarray(21, 21 + body.readUInt8(20))
      const sealed = body.subarray(21 + body.readUInt8(20))
      const ikm = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(sender), auth, Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender]), 32))
      const decipher = createDecipheriv('aes-128-gcm', Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 16)), Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\0', 12)))
      decipher.setAuthTag(sealed.subarray(-16))
      const text = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
      assert.equal(text.at(-1), 2)
      return JSON.parse(text.subarray(0, -1).toString())
    }
  }
}

const now = Math.floor(Date.now() / 1000) * 1000
const names = { dns: ['push.example'], ip: ['127.0.0.1'] }
const authority = { name: 'A test', ...makeAuthority({ name: 'A test', permits: permitsFor(names), beginsAt: now - 86_400_000, endsAt: now + 864_000_000 }) }
const pair = issueCertificate(authority, { names, beginsAt: now - 86_400_000, endsAt: now + 86_400_000 })

let world: World
let outbox: OutboxLoop
let heard: { path: string, headers: NodeJS.Dict<string | string[]>, body: Buffer }[]
let answers: number[]
let service: { url: string, close: () => Promise<void> }

beforeEach(async () => {
  heard = []
  answers = []
  const server = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => { parts.push(part) })
    request.on('end', () => {
      heard.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) })
      response.writeHead(answers.shift() ?? 201).end()
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  service = { url: `https://push.example:${(server.address() as AddressInfo).port}`, close: () => new Promise((resolve) => { server.close(() => { resolve() }) }) }
  world = await openWorld()
  // The world outside is this machine: its name is looked up here, and its authority is known.
  const post = httpPoster({ networks: ['127.0.0.0/8'], lookup: (_host, done) => { done(null, [{ address: '127.0.0.1', family: 4 }]) }, ca: authority.certificate })
  outbox = startOutbox(world.house, pushChannel(world.house, post), { jitter: () => 0.5 })
})
afterEach(async () => {
  await outbox.stop()
  await world.close()
  await service.close()
})

async function alarm (): Promise<void> {
  await world.house.db.write(async (trx) => { world.house.audit.append(trx, world.house.clock(), { event: 'lock.jammed', controller: { id: world.controllers.bank, name: 'Bank A' }, accessPoint: { id: world.points.a01, name: 'A01' } }) })
  await tellAlarms(world.house)
  await outbox.flush()
}

test('an alarm is shown in each browser of an administrator, readable by that browser alone, and signed by us', async () => {
  const { adam } = world.people
  const [phone, desk] = [browser(), browser()]
  const { publicKey } = (await world.call(adam, 'POST', 'me/push', { endpoint: `${service.url}/phone`, keys: phone.keys })).body
  assert.equal((await world.call(adam, 'POST', 'me/push', { endpoint: `${service.url}/desk`, keys: desk.keys })).body.browsers.length, 2)
  await alarm()
  assert.deepEqual(heard.map(({ path }) => path).toSorted(), ['/desk', '/phone'])
  for (const { path, body, headers } of heard) {
    const { title, body: text, path: page, tag } = (path === '/phone' ? phone : desk).read(body)
    assert.deepEqual([title, text, page], ['Lock stuck: A01', 'The bolt at A01 did not move.', '/alerts'])
    assert.equal(headers['topic'], tag.replaceAll('-', ''))
    assert.throws(() => (path === '/phone' ? desk : phone).read(body), 'the other browser can not read it')
    assert.equal(body.includes('A01'), false)

    // RFC 8292: a token of ours for this very service.
    const [, token = '', key] = /^vapid t=(\S+), k=(\S+)$/.exec(String(headers['authorization'])) ?? []
    const [head = '', claims = '', signature = ''] = token.split('.')
    const point = bytes(key ?? '')
    const jwk = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } })
    assert.equal(verify('sha256', Buffer.from(`${head}.${claims}`), { key: jwk, dsaEncoding: 'ieee-p1363' }, bytes(signature)), true)
    const { aud, exp } = JSON.parse(bytes(claims).toString())
    assert.deepEqual([key, aud, exp > world.house.clock() / 1000, exp < world.house.clock() / 1000 + 86_400], [publicKey, service.url, true, true])
  }
  assert.deepEqual((await world.call(adam, 'GET', 'me/inbox')).body.messages.map(({ subject }) => subject), ['Lock stuck: A01'])
})

test('a browser that is gone is forgotten; one whose service is away is tried again', async () => {
  const { adam } = world.people
  const phone = browser()
  const browsers = async (): Promise<number> => (await world.call(adam, 'GET', 'me/push')).body.browsers.length
  await world.call(adam, 'POST', 'me/push', { endpoint: `${service.url}/phone`, keys: phone.keys })
  answers = [503]
  await alarm()
  assert.deepEqual([heard.length, await browsers()], [1, 1])
  world.house.wait(6_000)
  answers = [410]
  await outbox.flush()
  assert.deepEqual([heard.length, await browsers()], [2, 0])
  world.house.wait(3_600_000)
  await outbox.flush()
  assert.equal(heard.length, 2)
})

test('nothing is sent to where only this machine can go, and a key that is none is refused', async () => {
  const { adam } = world.people
  const { keys } = browser()
  for (const endpoint of ['https://10.0.0.1/push', 'https://169.254.169.254/latest', 'ftp://push.example.org/x', 'http://push.example.org/x', 'https://127.0.0.1:8443/x', 'https://[::1]/x', 'https://user:secret@push.example.org/x', 'https://push.example.org:22/x']) {
    assert.equal((await world.call(adam, 'POST', 'me/push', { endpoint, keys })).refusal, 'badRequest', endpoint)
  }
  assert.equal((await world.call(adam, 'POST', 'me/push', { endpoint: 'https://push.example.org/x', keys: { ...keys, p256dh: 'A'.repeat(87) } })).refusal, 'badRequest')
})

test('a browser belongs to whoever signed in there last; nobody takes another one\'s by its address, and none is at rest in clear', async () => {
  const { adam, otto, maya } = world.people
  const shared = browser()
  const endpoint = `${service.url}/shared-endpoint`
  const id = (await world.call(adam, 'POST', 'me/push', { endpoint, keys: shared.keys })).body.browsers[0]?.id ?? ''
  assert.equal((await world.call(otto, 'POST', 'me/push', { endpoint, keys: browser().keys })).refusal, 'alreadyExists')
  assert.equal((await world.call(maya, 'DELETE', `me/push/${id}`)).refusal, 'notFound')
  const row = JSON.stringify(await world.house.rows('SELECT * FROM push_subscriptions'))
  assert.deepEqual([row.includes('shared-endpoint'), row.includes(shared.keys.auth)], [false, false])
  await world.call(otto, 'POST', 'me/push', { endpoint, keys: shared.keys })
  assert.deepEqual([(await world.call(adam, 'GET', 'me/push')).body.browsers.length, (await world.call(otto, 'GET', 'me/push')).body.browsers.length], [0, 1])
  await alarm()
  assert.equal(heard.length, 0, 'operators are not among those who are told')
})

test('whoever signs out everywhere, or is signed out by others, is shown nothing any more', async () => {
  const { adam, otto } = world.people
  const add = async (): Promise<number> => (await world.call(adam, 'POST', 'me/push', { endpoint: `${service.url}/phone`, keys: browser().keys })).body.browsers.length
  assert.equal(await add(), 1)
  await world.call(adam, 'DELETE', 'me/sessions')
  assert.equal((await world.call(adam, 'GET', 'me/push')).body.browsers.length, 0)
  await world.call(otto, 'POST', 'me/push', { endpoint: `${service.url}/desk`, keys: browser().keys })
  await world.call(adam, 'POST', `people/${otto.id}/sign-out`)
  assert.deepEqual(await world.house.rows('SELECT id FROM push_subscriptions'), [])
})

test('somebody who was suspended is shown nothing any more, also of what was on its way', async () => {
  const phone = browser()
  await world.call(world.people.adam, 'POST', 'me/push', { endpoint: `${service.url}/phone`, keys: phone.keys })
  answers = [503]
  await alarm()
  await world.call(world.people.olga, 'PATCH', `people/${world.people.adam.id}`, { suspended: true })
  world.house.wait(6_000)
  await outbox.flush()
  assert.equal(heard.length, 1)
})

/** Somebody presses * at the front door, where a yes opens. */
async function press (): Promise<string> {
  const { house, controllers, points, siteId } = world
  house.wait(150_000)
  const answer = await house.db.write((trx) => askForCode(trx, house, {
    siteId, controller: { id: controllers.front, name: 'Front door' }, point: { id: points.front, name: 'Front door' }, mode: 'unlock', requestId: null, way: 'opens', kind: { purpose: 'keypad', digits: 6 }
  }))
  return answer.is === 'asked' ? answer.codeId : ''
}

test('a request at a door is shown to those who are named for it; only their session answers it, once, and while it waits', async () => {
  const { adam, otto } = world.people
  const mona = await newPerson(world, 'Mona', 'member')
  await world.call(adam, 'PATCH', `access-points/${world.points.front}/door-mode`, { way: 'opens', approvers: [mona.id] })
  const phone = browser()
  await world.call(mona, 'POST', 'me/push', { endpoint: `${service.url}/mona`, keys: phone.keys })
  await world.call(otto, 'POST', 'me/push', { endpoint: `${service.url}/otto`, keys: browser().keys })
  const id = await press()
  await outbox.flush()
  assert.deepEqual(heard.map(({ path, headers }) => [path, headers['ttl']]), [['/mona', '120']], 'it is no use for longer, and nobody else\'s')
  const shown = phone.read(heard[0]?.body ?? Buffer.alloc(0))
  assert.deepEqual([shown.title, shown.request, shown.until, shown.path, shown.says?.['yes']], ['Front door', id, world.house.clock() + 120_000, '/me/asked', 'Approve'])
  // Whoever reads it has a number and no key.
  assert.equal((await world.call(null, 'POST', `door-codes/${id}/decision`, { approve: true })).refusal, 'signInNeeded')
  assert.equal((await world.call(otto, 'POST', `door-codes/${id}/decision`, { approve: true })).refusal, 'notAllowed')
  assert.equal((await world.call(mona, 'POST', `door-codes/${id}/decision`, { approve: false })).status, 204)
  for (const approve of [true, false]) assert.equal((await world.call(mona, 'POST', `door-codes/${id}/decision`, { approve })).refusal, 'alreadyDecided')

  // The service is away until nobody waits any more: then nothing leaves.
  answers = [503]
  await press()
  await outbox.flush()
  world.house.wait(121_000)
  await outbox.flush()
  assert.equal(heard.length, 2)
  assert.equal(JSON.stringify(await world.house.rows('SELECT sealed, text FROM outbox')).includes('Front door'), false)
})
