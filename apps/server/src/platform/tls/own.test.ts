import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connect, createServer, type PeerCertificate } from 'node:tls'
import { createLog } from '../log.ts'
import type { Names } from './certificates.ts'
import { openOwn } from './own.ts'
import { DAY_MS, type Tls } from './tls.ts'

type Bench = { folder: string, logged: string[], clock: { now: number }, names: { dns: string[], ip: string[] }, open: () => Tls }

function bench (t: TestContext): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  t.after(() => { rmSync(folder, { recursive: true }) })
  const logged: string[] = []
  const clock = { now: Date.UTC(2026, 10, 21, 9) }
  const names: Names & { dns: string[], ip: string[] } = { dns: ['localhost', 'keys.local'], ip: ['127.0.0.1', '192.168.1.5'] }
  return { folder, logged, clock, names, open: () => openOwn({ dataDir: folder, clock: () => clock.now, log: createLog((line) => { logged.push(line) }), names: () => structuredClone(names) }) }
}

/** A listener that goes on while certificates change, and what a new connection is shown. */
async function listening (t: TestContext, tls: Tls): Promise<() => Promise<PeerCertificate>> {
  const server = createServer(tls.options())
  tls.serve(server)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  t.after(() => { server.close() })
  const { port } = server.address() as AddressInfo
  return () => new Promise((resolve, reject) => {
    // Dates are the test's, not this machine's: the chain itself is checked elsewhere.
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate())
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

test('the first start makes an authority for ten years that only this user can read; later starts keep it', (t) => {
  const b = bench(t)
  const first = b.open()
  for (const file of ['authority.json', 'server.json']) assert.equal(statSync(join(b.folder, 'tls', file)).mode & 0o777, 0o600)
  assert.equal(statSync(join(b.folder, 'tls')).mode & 0o777, 0o700)
  assert.ok(first.authority !== null)
  assert.ok(first.authority.endsAt > Date.UTC(2036, 10, 19) && first.authority.endsAt < Date.UTC(2036, 10, 23))
  assert.equal(first.authority.fingerprint, new X509Certificate(first.authority.der).fingerprint256)
  const leaf = new X509Certificate(String(first.options().cert))
  assert.ok(leaf.verify(new X509Certificate(first.authority.pem).publicKey))
  assert.ok(leaf.validToDate.getTime() - leaf.validFromDate.getTime() <= 397 * DAY_MS)
  const second = b.open()
  assert.equal(second.authority?.fingerprint, first.authority.fingerprint)
  assert.equal(second.options().cert, first.options().cert, 'and its certificate, while it holds')
  assert.deepEqual(second.state(), { status: 'ok', says: 'Own authority; certificate until 2027-12-22, renewed by itself.' })
})

test('the certificate is renewed a month before its end, without a restart', async (t) => {
  const b = bench(t)
  const tls = b.open()
  const shown = await listening(t, tls)
  const before = await shown()
  b.clock.now += 360 * DAY_MS
  tls.check()
  assert.equal((await shown()).serialNumber, before.serialNumber, '36 days are enough')
  b.clock.now += 7 * DAY_MS
  tls.check()
  const after = await shown()
  assert.notEqual(after.serialNumber, before.serialNumber)
  assert.equal(new Date(after.valid_to).getTime(), b.clock.now + 396 * DAY_MS)
  assert.ok(b.logged.some((line) => line.includes('new certificate')))
  tls.check()
  assert.equal((await shown()).serialNumber, after.serialNumber, 'once')
})

test('a new address is in the certificate at the next look; one that went away changes nothing', async (t) => {
  const b = bench(t)
  const tls = b.open()
  const shown = await listening(t, tls)
  const before = await shown()
  b.names.ip = ['127.0.0.1']
  tls.check()
  assert.equal((await shown()).serialNumber, before.serialNumber)
  b.names.ip = ['127.0.0.1', '10.0.0.9']
  tls.check()
  assert.match((await shown()).subjectaltname ?? '', /10\.0\.0\.9/)
  b.names.ip.push('10.0.0.10')
  assert.match(new X509Certificate(String(b.open().options().cert)).subjectAltName ?? '', /10\.0\.0\.10/, 'and at a start')
})

test('a public name that the authority was not made for is left out and said once, with the cure', (t) => {
  const b = bench(t)
  b.open()
  b.names.dns.push('keys.example.org')
  const tls = b.open()
  tls.check()
  assert.doesNotMatch(new X509Certificate(String(tls.options().cert)).subjectAltName ?? '', /example/)
  const lines = b.logged.filter((line) => line.includes('keys.example.org'))
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /remove .*authority\.json/)
})

test('a clock that was never set makes no authority; one that went back is named and heals', (t) => {
  const b = bench(t)
  b.clock.now = Date.UTC(1970, 0, 1)
  assert.throws(() => b.open(), /clock of this machine says 1970-01-01.*Set the clock/)
  b.clock.now = Date.UTC(2026, 10, 21, 9)
  b.open()
  b.clock.now = Date.UTC(2020, 0, 1)
  const tls = b.open()
  assert.equal(tls.state().status, 'failing')
  assert.match(tls.state().says, /2020-01-01.*set the clock/)
  assert.ok(b.logged.some((line) => line.includes('set the clock')))
  const kept = tls.options().cert
  tls.check()
  assert.equal(tls.options().cert, kept, 'nothing is made by a wrong clock')
  b.clock.now = Date.UTC(2026, 10, 21, 10)
  assert.equal(tls.state().status, 'ok')
})

test('a certificate made while the clock was ahead is replaced when the clock is right', (t) => {
  const b = bench(t)
  b.open()
  b.clock.now += 800 * DAY_MS
  const ahead = b.open()
  const wrong = ahead.options().cert
  b.clock.now -= 700 * DAY_MS
  ahead.check()
  assert.notEqual(ahead.options().cert, wrong)
  assert.equal(ahead.state().status, 'ok')
})

test('the authority\'s end is announced; no certificate outlives it, and none is made over and over', (t) => {
  const b = bench(t)
  const end = b.open().authority?.endsAt ?? 0
  b.clock.now = end - 20 * DAY_MS
  const tls = b.open()
  assert.equal(new X509Certificate(String(tls.options().cert)).validToDate.getTime(), end)
  const last = tls.options().cert
  tls.check()
  assert.equal(tls.options().cert, last)
  assert.equal(tls.state().status, 'degraded')
  b.clock.now = end
  assert.equal(tls.state().status, 'failing')
  assert.match(b.open().state().says, /remove tls\/authority\.json/)
})

test('a damaged authority stops the start with the cure; a damaged certificate is made again', (t) => {
  const b = bench(t)
  b.open()
  writeFileSync(join(b.folder, 'tls', 'server.json'), '{"half')
  assert.equal(b.open().state().status, 'ok')
  const path = join(b.folder, 'tls', 'authority.json')
  const whole = readFileSync(path, 'utf8')
  const other = bench(t)
  other.open()
  const stored = { ...JSON.parse(whole), key: JSON.parse(readFileSync(join(other.folder, 'tls', 'authority.json'), 'utf8')).key }
  for (const broken of ['{"half', '{}', JSON.stringify(stored)]) {
    writeFileSync(path, broken)
    assert.throws(() => b.open(), /authority\.json can not be read .*Restore it from a backup, or remove it/)
  }
  // A certificate of another authority is none of ours.
  writeFileSync(path, whole)
  writeFileSync(join(b.folder, 'tls', 'server.json'), readFileSync(join(other.folder, 'tls', 'server.json')))
  const again = b.open()
  assert.ok(new X509Certificate(String(again.options().cert)).verify(new X509Certificate(again.authority?.pem ?? '').publicKey))
})
