import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ConfigError, readConfig } from '../../config.ts'
import { createLog } from '../log.ts'
import { issueCertificate, makeAuthority, type Pair } from './certificates.ts'
import { openTls } from './open.ts'
import { DAY_MS, type Tls } from './tls.ts'

const now = Date.UTC(2026, 10, 21)
const permits = { dns: ['example.org'], ip: [] }
const authority = { name: 'Somebody', ...makeAuthority({ name: 'Somebody', permits, beginsAt: now - DAY_MS, endsAt: now + 900 * DAY_MS }) }
const issue = (beginsAt = now - DAY_MS, endsAt = now + 90 * DAY_MS): Pair => issueCertificate(authority, { names: { dns: ['keys.example.org'], ip: [] }, beginsAt, endsAt })

type Bench = { put: (certificate: string, key: string) => void, open: (env?: Record<string, string>) => Tls, logged: string[], clock: { now: number } }

function bench (t: TestContext): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  t.after(() => { rmSync(folder, { recursive: true }) })
  const logged: string[] = []
  const clock = { now }
  return {
    logged, clock,
    put (certificate, key) {
      writeFileSync(join(folder, 'server.pem'), certificate)
      writeFileSync(join(folder, 'server.key'), key)
    },
    open: (env = {}) => openTls(readConfig({ ONCEKEY_TLS_CERT: 'server.pem', ONCEKEY_TLS_KEY: 'server.key', ...env }, folder), { clock: () => clock.now, log: createLog((line) => { logged.push(line) }) })
  }
}

test('a certificate chain from outside is presented as it is; nobody has to trust anything of ours', (t) => {
  const b = bench(t)
  const pair = issue()
  b.put(pair.certificate + authority.certificate, pair.key)
  const tls = b.open()
  assert.equal(tls.authority, null)
  assert.equal(tls.options().cert, pair.certificate + authority.certificate)
  assert.deepEqual(tls.state(), { status: 'ok', says: 'Supplied certificate until 2027-02-19.' })
  assert.deepEqual(b.logged, [])
})

test('files that can not be used are named with their setting and what to do', (t) => {
  const b = bench(t)
  const pair = issue()
  const locked = createPrivateKey(pair.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()
  const cases: [certificate: string, key: string, setting: string, cure: RegExp][] = [
    [pair.certificate, issue().key, 'ONCEKEY_TLS_KEY', /does not belong to the certificate/],
    [pair.key, pair.certificate, 'ONCEKEY_TLS_CERT', /belongs to ONCEKEY_TLS_KEY/],
    [pair.certificate, pair.certificate, 'ONCEKEY_TLS_KEY', /belongs to ONCEKEY_TLS_CERT/],
    [pair.certificate, locked, 'ONCEKEY_TLS_KEY', /encrypted.*without a passphrase/],
    ['hello', pair.key, 'ONCEKEY_TLS_CERT', /no certificate in PEM form/],
    [pair.certificate, '', 'ONCEKEY_TLS_KEY', /no private key in PEM form/],
    [pair.certificate.replace(/\n.{64}\n/, '\n'), pair.key, 'ONCEKEY_TLS_CERT', /damaged/],
    [pair.certificate, pair.key.replace(/\n.{20}/, '\n'), 'ONCEKEY_TLS_KEY', /damaged/],
    [authority.certificate + pair.certificate, pair.key, 'ONCEKEY_TLS_CERT', /own has to stand first/]
  ]
  for (const [certificate, key, setting, cure] of cases) {
    b.put(certificate, key)
    assert.throws(() => b.open(), (error) => {
      assert.ok(error instanceof ConfigError, String(error))
      assert.deepEqual(error.wrong.map((one) => one.name), [setting])
      assert.match(error.wrong[0]?.cure ?? '', cure)
      assert.doesNotMatch(error.message, /PRIVATE KEY-----\n/)
      return true
    })
  }
  assert.throws(() => b.open({ ONCEKEY_TLS_KEY: 'nowhere.key' }), /ONCEKEY_TLS_KEY=.*nowhere\.key: there is no such file/)
})

test('one that has ended, or not begun, is used, logged and on the health page: closed doors would be worse', (t) => {
  const b = bench(t)
  const pair = issue()
  b.put(pair.certificate, pair.key)
  const tls = b.open()
  b.clock.now = now + 80 * DAY_MS
  assert.match(tls.state().says, /ends on 2027-02-19: renew it/)
  assert.equal(tls.state().status, 'degraded')
  b.clock.now = now + 90 * DAY_MS
  assert.equal(tls.state().status, 'failing')
  b.clock.now = now - 10 * DAY_MS
  assert.match(b.open().state().says, /holds from 2026-11-20 on, and the clock says 2026-11-11: set the clock/)
  assert.ok(b.logged.some((line) => line.includes('set the clock')))
})

test('new files are taken over; bad ones are logged once and change nothing', (t) => {
  const b = bench(t)
  const first = issue()
  b.put(first.certificate, first.key)
  const tls = b.open()
  const second = issue(now, now + 100 * DAY_MS)
  b.put(second.certificate, first.key)
  tls.check()
  tls.check()
  assert.equal(tls.options().cert, first.certificate)
  assert.equal(b.logged.filter((line) => line.includes('does not belong')).length, 1)
  b.put(second.certificate, second.key)
  tls.check()
  assert.deepEqual([tls.options().cert, tls.options().key], [second.certificate, second.key])
})

test('a public address that the certificate does not name is said at the start', (t) => {
  const b = bench(t)
  const pair = issue()
  b.put(pair.certificate, pair.key)
  b.open({ ONCEKEY_PUBLIC_URL: 'https://keys.example.org' })
  assert.deepEqual(b.logged, [])
  b.open({ ONCEKEY_PUBLIC_URL: 'https://other.example.org' })
  assert.match(b.logged.join('\n'), /other\.example\.org.*keys\.example\.org.*ONCEKEY_PUBLIC_URL/)
})
