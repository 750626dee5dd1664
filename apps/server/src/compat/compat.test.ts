import assert from 'node:assert/strict'
import { connect, type AddressInfo } from 'node:net'
import { createServer, type Server as HttpServer } from 'node:http'
import { afterEach, beforeEach, test } from 'node:test'
import { readerPolicy } from '@oncekey/otp'
import { SMTPServer } from 'smtp-server'
import { tellAlarms } from '../alarms/tell.ts'
import { smtpChannel } from '../notify/channels/smtp.ts'
import { startOutbox, type OutboxLoop } from '../notify/loop.ts'
import { quiet } from '../testing/database.ts'
import { openWorld, type World } from '../testing/world.ts'

let world: World
let port: number
let mails: { to: string, digits: string }[]
let refused: Set<string>
let smtp: SMTPServer
let outbox: OutboxLoop
let gate: string

beforeEach(async () => {
  mails = []
  refused = new Set()
  smtp = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], disableReverseLookup: true,
    onRcptTo: ({ address }, _session, done) => { done(refused.has(address) ? Object.assign(new Error('No such mailbox'), { responseCode: 550 }) : null) },
    onData (stream, session, done) {
      let text = ''
      stream.on('data', (part: Buffer) => { text += String(part) })
      stream.on('end', () => {
        for (const { address } of session.envelope.rcptTo) mails.push({ to: address, digits: /The code is (\d+)/.exec(text)?.[1] ?? '' })
        done()
      })
    }
  })
  smtp.on('error', () => {})
  await new Promise<void>((resolve) => { smtp.server.listen(0, '127.0.0.1', () => { resolve() }) })
  const url = `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}?from=door@gym.example`
  world = await openWorld({ env: { ONCEKEY_SMTP_URL: url } })
  outbox = startOutbox(world.house, smtpChannel(url))
  await world.house.app.listen({ host: '127.0.0.1', port: 0 })
  port = (world.house.app.server.address() as AddressInfo).port
  gate = (await world.call(world.people.otto, 'POST', 'doors', { name: 'Old gate' })).body.id
})
afterEach(async () => {
  await outbox.stop()
  await world.close()
  await new Promise<void>((resolve) => { smtp.close(() => { resolve() }) })
})

type Heard = { status: number, type: string, body: string }

/** What ESP32's HTTPClient writes, byte by byte; resolves to what it hears. */
function sketch (method: 'GET' | 'POST', path: string, json?: string): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.setTimeout(10_000, () => { socket.destroy(new Error('The sketch gave up.')) })
    socket.on('error', reject)
    socket.on('data', (part) => { heard += String(part) })
    socket.on('close', () => {
      const [head = '', body = ''] = heard.split('\r\n\r\n')
      resolve({ status: Number(head.slice(9, 12)), type: /content-type: (.*)/i.exec(head)?.[1] ?? '', body })
    })
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: ESP32HTTPClient\r\nAccept-Encoding: identity;q=1,chunked;q=0.1,*;q=0\r\nConnection: close\r\n${json === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${json.length}\r\n`}\r\n${json ?? ''}`)
  })
}

async function letIn (contract: 'door' | 'locker' = 'door', deviceUrl?: string): Promise<{ base: string, tokenId: string, controllerId: string, token: string }> {
  await world.call(world.people.adam, 'PATCH', 'compat', { on: true })
  const { compatToken, token, path } = (await world.call(world.people.adam, 'POST', 'compat/tokens', { contract, accessPointId: gate, ...deviceUrl !== undefined && { deviceUrl } })).body
  return { base: path, tokenId: compatToken.id, controllerId: compatToken.controllerId, token }
}

async function recipients (...addresses: string[]): Promise<void> {
  for (const address of addresses) await world.call(world.people.otto, 'POST', `access-points/${gate}/recipients`, { address })
}

const send = (base: string, mode: string): Promise<Heard> => sketch('POST', `${base}/send-otp`, `{"otp":"1234","mode":"${mode}"}`)
const verify = (base: string, otp: string): Promise<Heard> => sketch('POST', `${base}/verify-otp`, `{"otp":"${otp}"}`)
const statusOf = ({ body }: Heard): unknown => JSON.parse(body).status

test('the sketch at a door: boot, a code to everybody, the code opens once', async () => {
  const { base } = await letIn()
  await recipients('ana@example.org', 'ben@example.org')
  await world.call(world.people.otto, 'POST', `access-points/${gate}/recipients`, { personId: world.people.maya.id })
  assert.equal((await sketch('GET', base)).status, 200)
  assert.equal((await sketch('GET', `${base}/`)).status, 200)
  assert.equal((await sketch('GET', `${base}/health`)).status, 200)

  const asked = await send(base, 'unlock')
  assert.deepEqual([asked.status, JSON.parse(asked.body)], [200, { status: 'success', message: 'Code sent to 3' }])
  assert.deepEqual(mails.map(({ to }) => to).toSorted(), ['ana@example.org', 'ben@example.org', 'maya@gym.example'])
  const digits = mails[0]?.digits ?? ''
  assert.ok(/^\d{4}$/.test(digits) && mails.every((one) => one.digits === digits))
  // The sketch's own weak code is worth nothing.
  if (digits !== '1234') assert.equal((await verify(base, '1234')).status, 400)

  const opened = await verify(base, digits)
  assert.deepEqual([opened.status, JSON.parse(opened.body)], [200, { status: 'success', message: 'OTP verified successfully', mode: 'unlock' }])
  assert.ok(opened.body.length <= 256)
  assert.match(opened.type, /^application\/json/)
  const again = await verify(base, digits)
  assert.deepEqual([again.status, again.body], [400, '{"status":"error","message":"Not accepted"}'])
  assert.equal((await world.record('access.granted')).length, 1)
  const text = JSON.stringify([await world.record(), world.house.logged])
  assert.ok(!text.includes(`"${digits}"`))
})

test('a code to lock says so, lives two minutes, and a live one is neither superseded nor sent again', async () => {
  const { base } = await letIn()
  await recipients('ana@example.org')
  assert.equal(statusOf(await send(base, 'lock')), 'success')
  const [first] = mails
  world.house.wait(60_000)
  const repeated = await send(base, 'unlock')
  assert.deepEqual([repeated.status, JSON.parse(repeated.body)], [200, { status: 'success', message: 'Code already sent' }])
  assert.equal(mails.length, 1)
  assert.equal(JSON.parse((await verify(base, first?.digits ?? '')).body).mode, 'lock')

  assert.equal(statusOf(await send(base, 'unlock')), 'success')
  world.house.wait(120_000)
  assert.equal((await verify(base, mails[1]?.digits ?? '')).status, 400)
  // An earlier one is cleared: only the newest opens.
  assert.equal(statusOf(await send(base, 'unlock')), 'success')
  if (mails[1]?.digits !== mails[2]?.digits) assert.equal((await verify(base, mails[1]?.digits ?? '')).status, 400)
  assert.equal((await verify(base, mails[2]?.digits ?? '')).status, 200)
})

test('a mail that the server refuses is a partial success, and the code opens all the same', async () => {
  const { base } = await letIn()
  await recipients('ana@example.org', 'gone@example.org', 'ben@example.org')
  refused.add('gone@example.org')
  const asked = await send(base, 'unlock')
  assert.deepEqual([asked.status, JSON.parse(asked.body)], [200, { status: 'partial_success', message: 'Code sent to 2 of 3' }])
  assert.equal((await verify(base, mails[0]?.digits ?? '')).status, 200)
})

test('a door has its budget of mails; without recipients nothing is sent', async () => {
  const { base } = await letIn()
  const nobody = await send(base, 'unlock')
  assert.deepEqual([nobody.status, statusOf(nobody)], [409, 'error'])
  await recipients('ana@example.org')
  for (let i = 0; i < 5; i++) {
    assert.equal((await send(base, 'unlock')).status, 200, String(i))
    assert.equal((await verify(base, mails[i]?.digits ?? '')).status, 200)
    if (i === 0) assert.equal((await send(base, 'unlock')).status, 429, 'a moment later')
    world.house.wait(31_000)
  }
  // Five in ten minutes.
  assert.equal((await send(base, 'unlock')).status, 429)
  assert.equal(mails.length, 5)
})

test('three wrong codes lock the keypad: two minutes, then four; not even the right code opens meanwhile', async () => {
  const { base, controllerId } = await letIn()
  await recipients('ana@example.org')
  await send(base, 'unlock')
  const digits = mails[0]?.digits ?? ''
  const wrong = (i: number): string => String((Number(digits) + i) % 10_000).padStart(4, '0')
  for (let i = 1; i <= 3; i++) assert.equal((await verify(base, wrong(i))).status, 400)
  const right = await verify(base, digits)
  assert.deepEqual([right.status, right.body], [400, '{"status":"error","message":"Not accepted"}'])
  assert.equal((await send(base, 'unlock')).status, 200, 'the live code is still the one')
  assert.equal((await world.record('keypad.lockedOut')).length, 1)
  await tellAlarms(world.house)
  world.house.wait(121_000)
  await send(base, 'unlock')
  for (let i = 1; i <= 3; i++) await verify(base, '0000')
  const { lockedUntil } = await world.house.db.write(async () => await world.house.otp.status({ scope: controllerId, policy: readerPolicy }))
  assert.equal((lockedUntil ?? 0) - world.house.clock(), 240_000)
  await tellAlarms(world.house)
  const told = (await world.call(world.people.adam, 'GET', 'me/inbox')).body.messages.filter(({ subject }) => subject === 'Keypad locked: Old gate')
  assert.equal(told.length, 2)
})

test('off by default, and an unknown, a revoked and a switched off token read the same', async () => {
  const { adam, otto } = world.people
  assert.equal((await world.call(adam, 'GET', 'compat')).body.on, false)
  const { base, tokenId, token } = await letIn()
  const none = await sketch('GET', `/compat/${'A'.repeat(43)}/health`)
  assert.equal(none.status, 404)
  await world.call(adam, 'PATCH', 'compat', { on: false })
  const off = await verify(base, '1234')
  await world.call(adam, 'PATCH', 'compat', { on: true })
  assert.equal((await verify(base, '1234')).status, 400)
  assert.equal((await sketch('GET', `${base}/current_status?status=opened`)).status, 404, 'the other program')
  await world.call(adam, 'DELETE', `compat/tokens/${tokenId}` as 'DELETE compat/tokens')
  const revoked = await verify(base, '1234')
  const unknown = await verify(`/compat/${'A'.repeat(43)}`, '1234')
  assert.deepEqual([off, revoked], [unknown, unknown])
  assert.equal(unknown.status, 404)
  // At rest there is its hash and nothing else.
  const rows = await world.house.rows('SELECT * FROM compat_tokens')
  assert.ok(rows.length === 1 && !JSON.stringify(rows).includes(token))
  assert.ok(!JSON.stringify([await world.record(), world.house.logged, (await world.call(adam, 'GET', 'compat')).body]).includes(token))
  assert.equal((await world.call(otto, 'GET', 'compat')).refusal, 'notAllowed')
  assert.equal((await world.call(adam, 'POST', 'compat/tokens', { contract: 'door', accessPointId: gate })).refusal, 'inUse')
})

test('wherever it is shown it is of low assurance, with what four digits are worth', async () => {
  const { controllerId } = await letIn()
  const { controllers } = (await world.call(world.people.otto, 'GET', 'places')).body
  const old = controllers.find(({ id }) => id === controllerId)
  assert.deepEqual([old?.assurance, old?.compat, old?.digits, old?.dailyChance], ['low', true, 4, 84 / 10_000])
  assert.ok(controllers.filter(({ id }) => id !== controllerId).every(({ compat }) => !compat))
  const { findings } = (await world.call(world.people.otto, 'GET', 'diagnostics')).body
  assert.ok(findings.some(({ code, controllerId: about }) => code === 'controller.lowAssurance' && about === controllerId))
  const { advice } = (await world.call(world.people.adam, 'GET', 'diagnostics/hardening')).body
  assert.deepEqual(advice.find(({ code }) => code === 'harden.compat')?.facts, { count: 1 })
  // Codes of the web can not be typed there.
  assert.equal((await world.call(world.people.otto, 'POST', 'codes', { accessPointId: gate, personId: world.people.maya.id })).refusal, 'controllerOffline')
})

test('odd bodies are refused and cost no try', async () => {
  const { base } = await letIn()
  for (const body of ['', '{', 'null', '[]', '{"otp":1234}', '{"mode":"open"}', `{"otp":"${'9'.repeat(100)}"}`]) {
    for (const path of ['send-otp', 'verify-otp']) assert.ok((await sketch('POST', `${base}/${path}`, body)).status >= 400, body)
  }
  assert.equal((await world.record('access.denied')).length, 0)
  assert.equal((await sketch('POST', `${base}/send-otp`, '{"mode":"unlock"}')).status, 409)
})

/** The other program: an HTTP server at the locker. */
async function locker (): Promise<{ url: string, heard: string[], server: HttpServer }> {
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(request.url ?? '')
    response.end('OK')
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, server }
}

async function until (isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !isSo(); i++) await new Promise((resolve) => { setTimeout(resolve, 10) })
  assert.ok(isSo())
}

test('the sketch at a locker is told its code, says how it stands, and is blocked and freed', async () => {
  const device = await locker()
  try {
    const { base, controllerId } = await letIn('locker', device.url)
    const { adam, otto, maya } = world.people
    await world.call(otto, 'POST', 'grants', { personId: maya.id, accessPointIds: [gate] })
    const { code, digits } = (await world.call(maya, 'POST', 'codes', { accessPointId: gate })).body
    assert.match(digits, /^\d{4}$/)
    assert.equal(code.expiresAt - world.house.clock(), 120_000)
    await until(() => device.heard.length > 0)
    assert.deepEqual(device.heard, [`/receive_otp?otp=${digits}`])

    assert.deepEqual((await sketch('GET', `${base}/current_status?status=opened`)).body, '{"status":"success"}')
    await quiet()
    assert.deepEqual((await world.call(maya, 'GET', 'codes')).body.codes.filter(({ id }) => id === code.id).map(({ state, openedAt }) => [state, openedAt !== null]), [['used', true]])
    assert.equal((await world.call(otto, 'GET', 'live')).body.states.find(({ id }) => id === gate)?.lockState, 'unlocked')
    await sketch('GET', `${base}/current_status?status=closed`)
    await sketch('GET', `${base}/current_status?status=closed`)
    assert.deepEqual((await world.record('lock.actuated')).map(({ details }) => details['lockState']), ['unlocked', 'locked'])
    assert.equal((await sketch('GET', `${base}/current_status?status=what`)).status, 400)

    assert.equal((await sketch('GET', `${base}/sendblockmail`)).status, 200)
    assert.equal((await sketch('GET', `${base}/sendblockmail`)).status, 200)
    assert.equal((await sketch('GET', `${base}/block_status?status=blocked`)).status, 200)
    assert.equal((await world.record('keypad.lockedOut')).length, 1)
    assert.equal(device.heard.at(-1), '/block_unlock?action=block')
    world.house.wait(31_000)
    assert.equal((await world.call(maya, 'POST', 'codes', { accessPointId: gate })).refusal, 'tooManyTries')
    await world.call(adam, 'POST', `controllers/${controllerId}/clear-lockout` as 'POST contact', { reason: 'It was me' })
    await until(() => device.heard.at(-1) === '/block_unlock?action=unblock')
    assert.equal((await world.call(maya, 'POST', 'codes', { accessPointId: gate })).status, 201)
  } finally {
    await new Promise<void>((resolve) => { device.server.close(() => { resolve() }); device.server.closeAllConnections() })
  }
})

test('a locker has its address in a network of one\'s own, by its number; one that is away is on record', async () => {
  const { adam, otto, maya } = world.people
  for (const deviceUrl of ['http://example.org', 'http://8.8.8.8', 'http://169.254.169.254', 'http://[fe80::1]', 'http://localhost', 'https://10.0.0.1', 'http://10.0.0.1/x?y=']) {
    assert.equal((await world.call(adam, 'POST', 'compat/tokens', { contract: 'locker', accessPointId: gate, deviceUrl })).refusal, 'badRequest', deviceUrl)
  }
  assert.equal((await world.call(adam, 'POST', 'compat/tokens', { contract: 'locker', accessPointId: gate })).refusal, 'badRequest')
  const gone = await locker()
  await new Promise<void>((resolve) => { gone.server.close(() => { resolve() }) })
  await letIn('locker', gone.url)
  await world.call(otto, 'POST', 'grants', { personId: maya.id, accessPointIds: [gate] })
  await world.call(maya, 'POST', 'codes', { accessPointId: gate })
  for (let i = 0; i < 200 && (await world.record('code.deliveryFailed')).length === 0; i++) await new Promise((resolve) => { setTimeout(resolve, 10) })
  assert.deepEqual((await world.record('code.deliveryFailed')).map(({ details }) => details['fault']), ['ECONNREFUSED'])
})
