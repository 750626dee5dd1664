import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, getCACertificates, setDefaultCACertificates, type SecureVersion } from 'node:tls'
import { identityFrom, mqttLink, nodeHmac, simulateDoor } from '@oncekey/simulator'
import type { Browser } from 'playwright-core'
import { overflow, violations } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { doorOf, fillWizard } from './support/pages.ts'
import { runServer, setUp, startProcess, type Running } from './support/server.ts'
import { homeThatTrusts } from './support/trust.ts'

/** As for everybody in a network, but at the loopback address. */
const closed = { ONCEKEY_TLS: 'own', ONCEKEY_PLAIN_HTTP: 'off', ONCEKEY_PLAIN_MQTT: 'off', ONCEKEY_HTTPS_PORT: '0', ONCEKEY_MQTTS_PORT: '0' }
const host = 'keys.lan'

let server: Running
let authority: { page: string, fingerprint: string, pem: string }
let plainPort: string
let httpsPort: string
let home: string
/** Their user trusts the server's authority, and does not. */
let trusting: Browser
let stranger: Browser

before(async () => {
  server = await runServer({ ...closed, ONCEKEY_PUBLIC_URL: `https://${host}` })
  const at = tlsOf(server)
  authority = at.authority
  plainPort = new URL(authority.page).port
  httpsPort = String(at.tls.httpsPort)
  home = homeThatTrusts(authority.pem)
  // A name that is no loopback address to a browser, at this machine.
  const flags = [`--host-resolver-rules=MAP ${host}:443 127.0.0.1:${httpsPort}, MAP ${host} 127.0.0.1`]
  trusting = await openBrowser({ home, flags })
  stranger = await openBrowser({ home: join(home, 'nobody'), flags })
  setDefaultCACertificates([...getCACertificates('default'), authority.pem])
})

after(async () => {
  await trusting.close()
  await stranger.close()
  await server.end()
  rmSync(home, { recursive: true, force: true })
})

function tlsOf (running: Running): { tls: NonNullable<Running['tls']>, authority: typeof authority } {
  assert.ok(running.tls?.authority)
  return { tls: running.tls, authority: running.tls.authority }
}

type Answered = { status: number, headers: NodeJS.Dict<string | string[]>, body: string }

/** One request over TLS; rejects with the error of the handshake. */
function ask (path: string, more: { port?: string, ca?: string, method?: string, headers?: Record<string, string>, body?: string, servername?: string } = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { body = '', port = httpsPort, servername = 'localhost', ...rest } = more
    const asked = request({ host: '127.0.0.1', servername, port, path, agent: false, ca: [], ...rest }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => { text += String(chunk) }).on('end', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }) })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

test('who trusts the authority reaches the server, who does not is warned', async () => {
  assert.equal((await ask('/health', { ca: authority.pem })).status, 200)
  assert.equal((await ask('/health', { ca: authority.pem, servername: host })).status, 200)
  await assert.rejects(ask('/health'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  await assert.rejects(ask('/health', { ca: authority.pem, servername: 'other.lan' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  const { page } = await openPage(stranger)
  await assert.rejects(page.goto(`https://${host}/`), /ERR_CERT_AUTHORITY_INVALID/)
})

test('TLS 1.2 and 1.3 with ephemeral keys and authenticated encryption, nothing older or weaker', async () => {
  const greet = (version: SecureVersion, ciphers: string): Promise<string> => new Promise((resolve) => {
    const socket = connect({ port: Number(httpsPort), host: '127.0.0.1', servername: 'localhost', ca: authority.pem, minVersion: version, maxVersion: version, ciphers }, () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().name}`)
      socket.destroy()
    })
    socket.on('error', (error) => { resolve('code' in error ? String(error.code) : error.message) })
  })
  assert.equal(await greet('TLSv1.3', 'TLS_AES_256_GCM_SHA384'), 'TLSv1.3 TLS_AES_256_GCM_SHA384')
  assert.equal(await greet('TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'), 'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256')
  assert.match(await greet('TLSv1.2', 'ECDHE-ECDSA-AES128-SHA'), /HANDSHAKE_FAILURE/)
  assert.match(await greet('TLSv1.1', 'ALL@SECLEVEL=0'), /PROTOCOL_VERSION/)
})

test('without TLS there are the way to trust it, the way to it, and the health; nothing else, for nobody', async () => {
  const plain = `http://127.0.0.1:${plainPort}`
  const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(plain + path, { redirect: 'manual', headers: { accept: 'text/html' }, ...init })
  assert.equal((await get('/')).headers.get('location'), '/trust')
  assert.equal((await get('/live')).headers.get('location'), `https://${host}/live`)
  assert.equal((await get('/health')).status, 200)
  assert.ok((await (await get('/trust')).text()).includes(authority.fingerprint.slice(0, 5)))
  assert.equal(await (await get('/ca.pem')).text(), authority.pem)
  const refused = await get('/api/v1/sessions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"login":"a","password":"b"}' })
  assert.deepEqual([refused.status, refused.headers.get('set-cookie')], [403, null])
  const opened = await new Promise<boolean>((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${plainPort}/mqtt`, 'mqtt')
    socket.addEventListener('open', () => { resolve(true) })
    socket.addEventListener('error', () => { resolve(false) })
  })
  assert.equal(opened, false, 'no controller without TLS')
})

test('with TLS a page without it may ask for nothing, and browsers are not held to TLS by an authority of our own', async () => {
  const post = (origin: string): Promise<Answered> => ask('/api/v1/setup', { ca: authority.pem, method: 'POST', headers: { host, origin, 'content-type': 'application/json' }, body: '{}' })
  assert.equal(JSON.parse((await post(`https://${host}`)).body).code, 'badRequest')
  assert.equal(JSON.parse((await post(`http://${host}`)).body).code, 'originRefused')
  assert.equal((await ask('/', { ca: authority.pem, headers: { accept: 'text/html' } })).headers['strict-transport-security'], undefined)
})

test('the page that tells how to trust it: no violation, nothing sticks out, light and dark, narrow and wide', async () => {
  const found: string[] = []
  for (const dark of [false, true]) {
    for (const size of ['phone', 'desktop'] as const) {
      const { context, page, errors } = await openPage(stranger, { size, dark })
      await page.goto(`http://${host}:${plainPort}/`)
      assert.equal(new URL(page.url()).pathname, '/trust')
      assert.equal(await page.evaluate(() => isSecureContext), false, 'this name is no loopback address to the browser')
      assert.equal((await page.locator('#fingerprint').innerText()).replaceAll(/\s+/g, ':'), authority.fingerprint)
      await page.locator('details').evaluateAll((all) => { for (const one of all) one.setAttribute('open', '') })
      found.push(...await violations(page), ...errors)
      if (await overflow(page) > 0) found.push(`${size}: sticks out`)
      await context.close()
    }
  }
  assert.deepEqual(found, [])
})

test('in a browser that trusts it: a secure context on the network\'s own name, set-up, a code, a door over wss, the bolt', async () => {
  const { context, page, errors } = await openPage(trusting)
  await page.goto(`http://${host}:${plainPort}/`)
  await page.getByRole('link', { name: 'Open https://' }).click()
  await page.waitForURL(`https://${host}/**`)
  assert.equal(server.setupLink?.startsWith(`https://${host}/start?token=`), true)
  await page.goto(server.setupLink ?? '')
  assert.deepEqual(await page.evaluate(() => [isSecureContext, typeof PublicKeyCredential, typeof navigator.mediaDevices, typeof navigator.serviceWorker]), [true, 'function', 'object', 'object'])
  await fillWizard(page)
  const sockets: string[] = []
  context.on('page', (one) => { one.on('websocket', (socket) => { sockets.push(socket.url()) }) })
  page.on('websocket', (socket) => { sockets.push(socket.url()) })
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByRole('button', { name: 'Get a code for Front door' }).first().click()
  const digits = (await page.getByTestId('code-digits').textContent())?.replace(/\D/g, '') ?? ''
  const door = doorOf(page)
  await door.until(/Enter code/)
  await door.type(digits + '#')
  await door.until(/^Open: Front door/)
  assert.deepEqual([...new Set(sockets)], [`wss://${host}/mqtt`])
  const cookies = await context.cookies()
  assert.ok(cookies.length >= 2)
  assert.deepEqual(cookies.filter((one) => !one.secure || !one.httpOnly), [])
  assert.deepEqual(errors, [])
  await context.close()
})

test('a controller is commissioned over TLS, keeps the authority, and comes by MQTTS; one that does not know it gives nothing away', { timeout: 120_000 }, async (t) => {
  const local = await runServer(closed)
  t.after(() => local.end())
  const { tls, authority } = tlsOf(local)
  // As the programs of a machine that trusts it.
  setDefaultCACertificates([...getCACertificates('default'), authority.pem])
  const client = await setUp(local)
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  t.after(() => { rmSync(folder, { recursive: true }) })
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, await (await fetch(authority.page.replace(/trust$/, 'ca.pem'))).text())
  const bin = join(import.meta.dirname, '../apps/simulator/bin/simulate.mjs')
  const simulate = (...words: string[]): { printed: () => string, ended: Promise<number | null> } => {
    const child = spawn(process.execPath, [bin, '--server', tls.url, ...words], { env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (chunk) => { text += String(chunk) })
    return { printed: () => text, ended: new Promise((resolve) => { child.once('exit', resolve) }) }
  }
  const ignorant = simulate()
  assert.equal(await ignorant.ended, 1)
  assert.match(ignorant.printed(), /not trusted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)\. .*--ca FILE/)

  const identity = join(folder, 'door.json')
  const door = simulate('--ca', ca, '--identity', identity, '--script', 'until Side door; show')
  while (!door.printed().includes('Claim code')) await sleep(50)
  const { id: accessPointId } = await client.places.addDoor({ name: 'Side door' })
  const claimCode = /Claim code: (\S+)/.exec(door.printed())?.[1] ?? ''
  for (let tries = 0; ; tries++) {
    // It is printed a moment before it is posted.
    const claimed = await client.controllers.claim({ claimCode, name: 'Side door', accessPointId }).catch(() => null)
    if (claimed !== null) {
      assert.equal(claimed.assurance, 'high')
      break
    }
    assert.ok(tries < 40, `nobody waits with ${claimCode}`)
    await sleep(500)
  }
  assert.equal(await door.ended, 0, door.printed())
  assert.match(door.printed(), /\| Side door/)
  const kept = JSON.parse(readFileSync(identity, 'utf8'))
  assert.deepEqual([kept.mqttPort, kept.mqttsPort, kept.ca], [0, tls.mqttsPort, authority.pem])

  // The same over MQTTS in this process: a code opens, by who knows the authority only.
  const link = mqttLink({ url: `mqtts://127.0.0.1:${tls.mqttsPort}`, ca: authority.pem })
  const { door: front, controller } = await simulatedDoor(client, 0, 'Front door', { link })
  t.after(() => { front.stop() })
  const point = (await client.places.get()).doors.find((one) => one.controllerId === controller.id)
  const { digits } = await client.codes.issue({ accessPointId: point?.id ?? '' })
  front.type(`${digits}#`)
  await front.until((one) => one.lock(1).lockState === 'unlocked', 15_000)
  const simulation = await client.controllers.simulation((await client.places.get()).controllers.find((one) => one.name.includes('Bank A'))?.id ?? '')
  const wrong = simulateDoor({ identity: identityFrom(simulation), locks: simulation.locks, hmac: nodeHmac, link: mqttLink({ url: `mqtts://127.0.0.1:${tls.mqttsPort}`, ca: tlsOf(server).authority.pem, firstMs: 50, maxMs: 50 }) })
  t.after(() => { wrong.stop() })
  await sleep(1000)
  assert.equal(wrong.connected, false, 'another authority')
})

test('the certificate is renewed while the server runs and doors stay; the authority survives restarts', { timeout: 60_000 }, async (t) => {
  let aheadMs = 0
  const local = await runServer({ ...closed, ONCEKEY_PLAIN_MQTT: 'on' }, { clock: () => Date.now() + aheadMs, certificateCheckMs: 20 })
  const { tls, authority } = tlsOf(local)
  // Not checked here: what a clock in a year issues does not hold today.
  const serial = (port: number): Promise<string> => new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    })
    socket.on('error', reject)
  })
  const ports = [tls.httpsPort, tls.mqttsPort]
  const before = await Promise.all(ports.map(serial))
  assert.equal(before[0], before[1])
  const held = connect({ port: tls.mqttsPort, host: '127.0.0.1', servername: 'localhost', ca: authority.pem })
  await new Promise((resolve) => { held.once('secureConnect', resolve) })
  aheadMs = 370 * 86_400_000
  let renewed = before
  for (let tries = 0; tries < 500 && renewed.some((one) => before.includes(one)); tries++) {
    await sleep(20)
    renewed = await Promise.all(ports.map(serial))
  }
  assert.ok(renewed.every((one) => !before.includes(one)), 'both listeners show another one')
  assert.equal(held.readyState, 'open', 'connections that stand are left alone')
  held.destroy()
  aheadMs = 0
  const again = await local.restart()
  t.after(() => again.end())
  assert.equal(tlsOf(again).authority.fingerprint, authority.fingerprint)
  assert.equal((await ask('/health', { port: String(tlsOf(again).tls.httpsPort), ca: authority.pem })).status, 200, 'and what was issued by the wrong clock is replaced')
})

test('supplied files are presented as they are and taken over when they change; nobody is asked to trust anything', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  t.after(() => { rmSync(folder, { recursive: true }) })
  // Somebody else's authority and two of its certificates: those of two other servers on one data folder.
  const supply = async (): Promise<void> => {
    rmSync(join(server.folder, 'tls/server.json'))
    const other = await runServer({ ...closed, ONCEKEY_PUBLIC_URL: `https://${host}` }, { folder: server.folder })
    await other.close()
    const { certificate, key } = JSON.parse(readFileSync(join(server.folder, 'tls/server.json'), 'utf8'))
    writeFileSync(join(folder, 'cert.pem'), certificate)
    writeFileSync(join(folder, 'key.pem'), key)
  }
  await supply()
  const files = { ONCEKEY_TLS_CERT: join(folder, 'cert.pem'), ONCEKEY_TLS_KEY: join(folder, 'key.pem'), ONCEKEY_PUBLIC_URL: `https://${host}`, ONCEKEY_HTTPS_PORT: '0', ONCEKEY_MQTTS_PORT: '0' }
  const supplied = await runServer(files, { certificateCheckMs: 20 })
  t.after(() => supplied.end())
  assert.equal(supplied.tls?.authority, null)
  assert.ok(supplied.setupLink?.startsWith(`https://${host}/start?token=`))
  const page = await ask('/', { port: String(supplied.tls?.httpsPort), servername: host, ca: authority.pem, headers: { accept: 'text/html' } })
  assert.deepEqual([page.status, page.headers['strict-transport-security']], [200, 'max-age=31536000'])
  assert.equal((await ask('/ca.pem', { port: String(supplied.tls?.httpsPort), servername: host, ca: authority.pem })).status, 404)
  const shown = (): Promise<string> => new Promise((resolve, reject) => {
    const socket = connect({ port: supplied.tls?.mqttsPort ?? 0, host: '127.0.0.1', servername: host, ca: authority.pem }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    })
    socket.on('error', reject)
  })
  const first = await shown()
  await supply()
  let now = first
  for (let tries = 0; tries < 500 && now === first; tries++) {
    await sleep(20)
    now = await shown()
  }
  assert.notEqual(now, first)
})

test('a port that is taken and files that can not be used stop the start with a sentence', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  t.after(() => { rmSync(folder, { recursive: true }) })
  const squatter = createServer()
  await new Promise<void>((resolve) => { squatter.listen(0, '127.0.0.1', () => { resolve() }) })
  t.after(() => { squatter.close() })
  const taken = String((squatter.address() as AddressInfo).port)
  await assert.rejects(runServer({ ...closed, ONCEKEY_HTTPS_PORT: taken }, { folder }), /Port \d+ is taken.*ONCEKEY_HTTPS_PORT/)
  await assert.rejects(runServer({ ...closed, ONCEKEY_MQTTS_PORT: taken }, { folder }), /Port \d+ is taken.*ONCEKEY_MQTTS_PORT/)
  writeFileSync(join(folder, 'cert.pem'), authority.pem)
  const failed = await startProcess({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0', ONCEKEY_TLS_CERT: join(folder, 'cert.pem'), ONCEKEY_TLS_KEY: join(folder, 'none.key') })
  assert.match(failed.printed(), /ONCEKEY_TLS_KEY=.*none\.key: there is no such file/)
  await failed.stop()
})
