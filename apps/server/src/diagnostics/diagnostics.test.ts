import assert from 'node:assert/strict'
import { chmodSync, closeSync, openSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { findings, hardenings, type HardeningCode } from '@oncekey/protocol/findings'
import type { Diagnosis } from '@oncekey/protocol/schemas'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { createLog } from '../platform/log.ts'
import { openBroker } from '../platform/transport/broker.ts'
import { issueCertificate, makeAuthority } from '../platform/tls/certificates.ts'
import { listeners } from '../platform/tls/tls.ts'
import { isPostgres, testOfFiles } from '../testing/database.ts'
import { openWorld, type World } from '../testing/world.ts'
import { lookAtBroker } from './broker.ts'
import { examine } from './examine.ts'
import { adviseOn } from './hardening.ts'
import { houseAsPatient } from './inside.ts'
import type { Patient } from './patient.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

async function world (env: Record<string, string> = {}, now?: number): Promise<World> {
  // Broker of the world: the one in memory.
  const opened = await openWorld({ env: { ONCEKEY_MQTT_PORT: '0', ...env }, ...now !== undefined && { now } })
  ends.push(() => opened.close())
  return opened
}

/** As the doctor sees it, installed before its clock began. */
function patientOf (house: World['house'], more: Partial<Patient> = {}): Patient {
  return { ...houseAsPatient(house), installedAt: house.clock(), patienceMs: 4000, ...more }
}

async function listen (server: Server): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  return (server.address() as AddressInfo).port
}

/** A real mail server; resolves to its port and what it took. */
async function mailServer (options: SMTPServerOptions = {}): Promise<{ port: number, taken: string[] }> {
  const taken: string[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'], disableReverseLookup: true, allowInsecureAuth: true, authOptional: true,
    onAuth: ({ password }, _session, done) => { done(password === 'right-secret' ? null : new Error('no'), { user: 'x' }) },
    onData (stream, session, done) {
      stream.resume().on('end', () => { taken.push(...session.envelope.rcptTo.map((one) => one.address)); done() })
    },
    ...options
  })
  server.on('error', () => {})
  const port = await listen(server.server)
  ends.push(() => new Promise((resolve) => { server.close(() => { resolve() }) }))
  return { port, taken }
}

/** Takes connections and says nothing. */
async function muteServer (): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => { sockets.add(socket.on('error', () => {})) })
  const port = await listen(server)
  ends.push(() => new Promise((resolve) => {
    for (const socket of sockets) socket.destroy()
    server.close(() => { resolve() })
  }))
  return port
}

function codes ({ findings: found }: Diagnosis, state?: string): string[] {
  return found.filter((one) => state === undefined || one.state === state).map(({ code }) => code)
}

test('a house in order: nothing is bad, and each part has its line', async () => {
  const opened = await world()
  const { status, body } = await opened.call(opened.people.otto, 'GET', 'diagnostics')
  assert.equal(status, 200)
  const seen = codes(body)
  for (const code of ['server.ok', 'database.ok', 'tls.notNeeded', 'files.ok', 'mail.notSet']) assert.ok(seen.includes(code), `${code}: ${seen.join()}`)
  assert.ok(seen.some((code) => code.startsWith('disk.')))
  assert.deepEqual(codes(body, 'bad').filter((code) => code !== 'clock.implausible' && !code.startsWith('disk.')), [])
  // The worst first, and every sentence of the table with its facts in place.
  const rank = { bad: 0, warn: 1, ok: 2 }
  assert.deepEqual(body.findings.map(({ state }) => rank[state]), body.findings.map(({ state }) => rank[state]).toSorted())
  for (const one of body.findings) {
    assert.equal(one.cure === null, one.state === 'ok', one.code)
    assert.doesNotMatch(one.says + (one.cure ?? ''), /[{}?]/, one.code)
  }
})

test('controllers are told one by one: connection, firmware, last start, queue, key, clock', async () => {
  const opened = await world()
  const { house, controllers } = opened
  const door = await opened.door()
  await door.enter('000000')
  const { controllers: seen, findings: found } = await examine(patientOf(house))
  const bank = seen.find(({ id }) => id === controllers.bank)
  assert.deepEqual([bank?.online, bank?.reset, bank?.keyVersion, bank?.assurance], [true, 'powerOn', 1, 'high'])
  assert.ok(bank !== undefined && bank.firmware !== '' && bank.lastSeen !== null)
  assert.deepEqual(found.filter(({ controllerId }) => controllerId === controllers.bank).map(({ code }) => code), ['controller.ok'])
  assert.deepEqual(found.filter(({ controllerId }) => controllerId === controllers.front).map(({ code }) => code), ['controller.never'])

  door.unplug()
  const controller = { id: controllers.bank, name: 'Bank A' }
  await house.db.write(async (trx) => {
    const late = { lock: 1, doorState: 'open', at: house.clock() - 600_000, trust: 'rtc' }
    house.audit.append(trx, house.clock(), { event: 'controller.booted', controller, details: { reset: 'brownOut', bootId: 'b', at: 0, trust: 'none' } })
    for (let i = 0; i < 12; i++) house.audit.append(trx, house.clock() + i, { event: 'door.changed', controller, details: { ...late, at: late.at + i } })
  })
  await house.db.write((trx) => trx.sql.updateTable('controllers').set({ assurance: 'low' }).where('id', '=', controllers.bank).execute())
  const worse = (await examine(patientOf(house))).findings.filter(({ controllerId }) => controllerId === controllers.bank)
  assert.deepEqual(worse.map(({ code }) => code).toSorted(), ['controller.away', 'controller.clockWrong', 'controller.fell', 'controller.lowAssurance'])
  assert.match(worse.find(({ code }) => code === 'controller.clockWrong')?.says ?? '', /off by 600 s/)
})

test('messages that were given up in the last day are counted, but not those that came too late', async () => {
  const { house } = await world()
  const failed = (fault: string, age: number): Promise<void> => house.db.write(async (trx) => { house.audit.append(trx, house.clock() - age, { event: 'message.failed', details: { channel: 'email', fault } }) })
  await failed('EENVELOPE 550', 2 * 86_400_000)
  for (const fault of ['EENVELOPE 550', 'EXPIRED', 'ETIMEDOUT']) await failed(fault, 1000)
  const { findings: found } = await examine(patientOf(house, { config: { ...house.config, smtpUrl: 'smtp://127.0.0.1:1' } }))
  assert.deepEqual(found.find(({ code }) => code === 'mail.failing')?.facts, { count: 2 })
})

test('mail: reached over TLS or not, refused, away, hanging; a message leaves only when it is asked for', async () => {
  const { port, taken } = await mailServer()
  const secure = await mailServer({ secure: true })
  const hanging = await muteServer()
  const { house } = await world()
  const lookWith = async (smtpUrl: string, more: Partial<Patient> = {}): Promise<string[]> => codes(await examine(patientOf(house, { config: { ...house.config, smtpUrl }, ...more }))).filter((code) => code.startsWith('mail.'))
  assert.deepEqual(await lookWith(`smtp://door:right-secret@127.0.0.1:${port}`), ['mail.plain'])
  assert.deepEqual(await lookWith(`smtp://door:wrong-secret@127.0.0.1:${port}`), ['mail.refused'])
  assert.deepEqual(await lookWith(`smtp://127.0.0.1:${hanging}`, { patienceMs: 1500 }), ['mail.away'])
  // The certificate of this one is nobody's: mail would not be handed to it.
  assert.deepEqual(await lookWith(`smtps://127.0.0.1:${secure.port}`), ['mail.away'])
  assert.deepEqual(taken, [])
  assert.deepEqual(await lookWith(`smtp://door:right-secret@127.0.0.1:${port}`, { mailTo: 'ana@example.org' }), ['mail.plain', 'mail.sent'])
  assert.deepEqual(taken, ['ana@example.org'])
})

test('a part that hangs or breaks is told of and holds up no other', async () => {
  const { house } = await world()
  const began = performance.now()
  const hung = await examine(patientOf(house, { server: () => new Promise(() => {}), patienceMs: 600 }))
  assert.ok(performance.now() - began < 3000)
  assert.deepEqual(hung.findings.filter(({ code }) => code === 'check.late').map(({ facts }) => facts['part']).toSorted(), ['broker', 'server'])
  assert.ok(codes(hung).includes('database.ok'))
  const broken = await examine(patientOf(house, { read: () => Promise.reject(Object.assign(new Error('password=planted-secret'), { code: 'ECONNREFUSED' })) }))
  assert.deepEqual(codes(broken, 'bad').filter((code) => !code.startsWith('disk.')), ['database.away'])
  assert.doesNotMatch(JSON.stringify(broken), /planted-secret/)
})

test('a server that is away is said once, and what only it could answer is left out', async () => {
  const { house } = await world()
  const seen = codes(await examine(patientOf(house, { server: async () => ({ url: 'http://127.0.0.1:1', health: null }), ports: { mqtt: 1, mqtts: 0, https: 0 }, present: null })))
  assert.ok(seen.includes('server.away') && seen.includes('database.ok'))
  assert.deepEqual(seen.filter((code) => code.startsWith('broker.')), [])
})

test('the clock is held against the record and the files of the program', async () => {
  const { house } = await world()
  await house.db.write(async (trx) => { house.audit.append(trx, house.clock() + 90_000, { event: 'site.changed', details: {} }) })
  const behind = await examine(patientOf(house))
  assert.deepEqual(behind.findings.find(({ code }) => code === 'clock.behind')?.facts, { seconds: 90 })
  assert.ok(codes(await examine(patientOf(house, { installedAt: house.clock() + 2 * 86_400_000 }))).includes('clock.implausible'))
  const right = await world({}, Date.now())
  const seen = codes(await examine(patientOf(right.house)))
  assert.ok(seen.includes('clock.ok'), seen.join())
})

testOfFiles('a data folder and keys that others can read are bad, each with what to run', async () => {
  const { house } = await world()
  chmodSync(house.config.dataDir, 0o755)
  chmodSync(join(house.config.dataDir, 'secrets.json'), 0o644)
  const open = (await examine(patientOf(house))).findings.filter(({ code }) => code === 'files.open')
  assert.deepEqual(open.map(({ facts }) => [facts['mode'], facts['wanted']]), [['755', '700'], ['644', '600']])
  assert.ok((await adviseOn(patientOf(house))).advice.some(({ code }) => code === 'harden.files'))
  chmodSync(house.config.dataDir, 0o700)
  chmodSync(join(house.config.dataDir, 'secrets.json'), 0o600)
  assert.ok(codes(await examine(patientOf(house))).includes('files.ok'))
})

test('names without an address, TLS that ends or is for another name', async () => {
  const { house } = await world()
  const names = { dns: ['door.example'], ip: ['127.0.0.1'] }
  const time = { beginsAt: Date.now() - 86_400_000, endsAt: Date.now() + 30 * 86_400_000 }
  const authority = { name: 'Test', ...makeAuthority({ name: 'Test', permits: { dns: ['example'], ip: ['127.0.0.0/8'] }, ...time }) }
  const tls = listeners(issueCertificate(authority, { names, ...time }))
  const { createServer: createTls } = await import('node:tls')
  const server = createTls(tls.options(), (socket) => { socket.on('error', () => {}) })
  const https = await listen(server)
  ends.push(() => new Promise((resolve) => { server.close(() => { resolve() }) }))
  const lookWith = async (publicUrl: string, now = Date.now()): Promise<string[]> => codes(await examine(patientOf(house, {
    config: { ...house.config, tls: 'files', publicUrl }, ports: { mqtt: 0, mqtts: 0, https }, now
  }))).filter((code) => code.startsWith('tls.') || code.startsWith('dns.'))
  assert.deepEqual(await lookWith('https://127.0.0.1'), ['tls.ok'])
  assert.deepEqual((await lookWith('https://gate.invalid')).toSorted(), ['dns.unknown', 'tls.otherName'])
  assert.deepEqual(await lookWith('https://127.0.0.1', Date.now() + 40 * 86_400_000), ['tls.ended'])
  assert.deepEqual(await lookWith('https://127.0.0.1', Date.now() + 20 * 86_400_000), ['tls.ending'])
  const off = { ...house.config, host: '0.0.0.0', tls: 'off' as const }
  assert.ok(codes(await examine(patientOf(house, { config: off }))).includes('tls.off'))
})

test('the broker answers the greeting of the doctor, and takes it for nobody', async () => {
  const noticed: string[] = []
  const broker = await openBroker({ log: createLog(() => {}), clock: Date.now, authenticate: async () => { noticed.push('asked'); return false } })
  ends.push(() => broker.transport.close())
  broker.transport.onAbuse((client, what) => { noticed.push(`${client} ${what}`) })
  const { house } = await world()
  const mqtt = await broker.listen('127.0.0.1', 0)
  assert.deepEqual((await lookAtBroker(patientOf(house, { ports: { mqtt, mqtts: 0, https: 0 } }))).map(({ code }) => code), ['broker.ok'])
  assert.equal(await broker.transport.loop(), true)
  assert.deepEqual(noticed, [])
  assert.deepEqual((await lookAtBroker(patientOf(house, { patienceMs: 400, ports: { mqtt: await muteServer(), mqtts: 0, https: 0 } }))).map(({ code }) => code), ['broker.closed'])
  await broker.transport.close()
  assert.equal(await broker.transport.loop(), false)
})

test('advice is ranked by weight and goes when it was followed', async () => {
  const opened = await world({ ONCEKEY_SMTP_URL: 'smtp://mail.example' }, Date.now())
  const { house, people } = opened
  const adviceOf = async (more: Partial<Patient> = {}): Promise<HardeningCode[]> => (await adviseOn(patientOf(house, more))).advice.map(({ code }) => code)
  const first = await adviceOf()
  assert.deepEqual(first, first.toSorted((a, b) => hardenings[b].weight - hardenings[a].weight))
  for (const code of ['harden.owners', 'harden.backup', 'harden.witness', 'harden.mailPlain', 'harden.breached'] as const) assert.ok(first.includes(code), code)
  for (const code of ['harden.tls', 'harden.registration', 'harden.lowAssurance', 'harden.apiKeys', 'harden.demonstration', 'harden.testRecipients'] as const) assert.ok(!first.includes(code), code)

  const open = { ...house.config, host: '0.0.0.0', tls: 'off' as const, trustedProxies: ['0.0.0.0/0'] }
  const worse = await adviceOf({ config: open })
  for (const code of ['harden.tls', 'harden.plainMqtt', 'harden.proxies', 'harden.demonstration', 'harden.testRecipients'] as const) assert.ok(worse.includes(code), code)

  await house.db.write(async (trx) => {
    for (const id of [people.olga.id, people.adam.id]) await trx.sql.insertInto('authenticators').values({ person_id: id, secret_sealed: 'x', last_step: null, created_at: 1, last_used_at: null }).execute()
    await trx.sql.insertInto('settings').values({ key: 'registration', value: '{"who":"everybody","domains":[]}' }).execute()
    await trx.sql.insertInto('api_keys').values({ id: house.newId(), site_id: (await trx.sql.selectFrom('sites').select('id').executeTakeFirstOrThrow()).id, name: 'old', secret_hash: 'x', scopes: 'verifications', made_by: 'x', created_at: house.clock() - 200 * 86_400_000, last_used_at: house.clock(), revoked_at: null }).execute()
  })
  const mark = join(house.config.dataDir, 'last-backup')
  closeSync(openSync(mark, 'w'))
  const then = await adviceOf()
  assert.ok(!then.includes('harden.owners') && !then.includes('harden.backup') && then.includes('harden.registration') && then.includes('harden.apiKeys'))
  utimesSync(mark, 1, 1)
  assert.ok((await adviceOf()).includes('harden.backupOld'))

  const answered = await opened.call(people.adam, 'GET', 'diagnostics/hardening')
  assert.deepEqual([answered.status, (await opened.call(people.otto, 'GET', 'diagnostics/hardening')).refusal], [200, 'notAllowed'])
})

test('no secret of the settings is in any answer', async () => {
  const planted = ['planted-smtp-pass', 'planted-oidc-secret', 'planted-code']
  const { port } = await mailServer({ onAuth: (_auth, _session, done) => { done(new Error(`535 ${planted[0]} is wrong`)) } })
  const { house } = await world({ ONCEKEY_SMTP_URL: `smtp://door:${planted[0]}@127.0.0.1:${port}` })
  writeFileSync(join(house.config.dataDir, 'oncekey.json'), '{}')
  const said = JSON.stringify([await examine(patientOf(house, { mailTo: 'nobody@example.org' })), await adviseOn(patientOf(house))])
  for (const secret of planted) assert.ok(!said.includes(secret))
  assert.ok(said.includes('mail.refused'))
  if (isPostgres) assert.ok(!said.includes(new URL(house.config.databaseUrl ?? '').password || 'no password'))
})

test('every sentence ends and every cure is there', () => {
  for (const [code, one] of Object.entries({ ...findings, ...hardenings })) {
    assert.match(one.says, /[.]$/, code)
    if ('cure' in one) assert.match(one.cure, /[.]$/, code)
  }
})
