import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { createApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { openTls } from '../platform/tls/open.ts'
import type { App } from '../platform/http.ts'
import type { Authority } from '../platform/tls/tls.ts'
import { testHouse } from '../testing/house.ts'
import { isStrict } from './addresses.ts'
import { deviceOf, devices } from './devices.ts'
import { trustCss, trustPage } from './page.ts'
import { appleProfile } from './profile.ts'

/** A house that is reached from a network, with an authority of its own. */
async function ownHouse (t: TestContext): Promise<{ app: App, authority: Authority }> {
  const base = await testHouse({ env: { ONCEKEY_HOST: '0.0.0.0' } })
  const tls = openTls(base.config, { clock: base.clock, log: base.log })
  const app = await createApp({ ...base, tls, secureUrl: (hostname) => `https://${hostname ?? 'keys.lan'}:8443` })
  t.after(async () => {
    await app.close()
    await base.close()
  })
  assert.ok(tls.authority !== null)
  return { app, authority: tls.authority }
}

test('without TLS the page, the files and the health are there, and nothing else', async (t) => {
  const { app, authority } = await ownHouse(t)
  const get = (url: string) => app.inject({ url, headers: { accept: 'text/html', host: '192.168.1.5:8080' } })
  const page = await get('/trust')
  assert.deepEqual([page.statusCode, page.headers['content-type'], page.headers['set-cookie']], [200, 'text/html; charset=utf-8', undefined])
  assert.ok(page.body.includes('href="https://192.168.1.5:8443"'))
  assert.ok(page.body.replaceAll(/<\/span> <span>/g, ':').includes(authority.fingerprint), 'the whole fingerprint')
  assert.doesNotMatch(page.body, /<script|\sstyle=|\son\w+=/)
  assert.ok(page.body.length + trustCss.length < 45_000)
  const der = await get('/ca.crt')
  assert.deepEqual([der.headers['content-type'], der.headers['content-disposition']], ['application/x-x509-ca-cert', 'attachment; filename="oncekey-ca.crt"'])
  assert.equal(new X509Certificate(der.rawPayload).fingerprint256, authority.fingerprint)
  const pem = await get('/ca.pem')
  assert.equal(pem.headers['content-type'], 'application/x-pem-file')
  assert.equal(new X509Certificate(pem.body).fingerprint256, authority.fingerprint)
  assert.equal((await get('/ca.mobileconfig')).headers['content-type'], 'application/x-apple-aspen-config')
  assert.equal((await get('/health')).statusCode, 200)
  assert.equal((await get('/trust.css')).statusCode, 200)
  assert.deepEqual([(await get('/')).statusCode, (await get('/')).headers.location], [302, '/trust'])
  assert.equal((await get('/sign-in?next=%2Flive')).headers.location, 'https://192.168.1.5:8443/sign-in?next=%2Flive')
  for (const path of ['/icon.svg', '/assets/x.js', '/api', '/live', '//evil.example/x']) assert.match(String((await get(path)).headers.location), /^https:\/\/192\.168\.1\.5:8443\//, path)
  for (const path of ['/api/v1/setup', '/api/openapi.json']) assert.equal((await get(path)).json().code, 'tlsNeeded')
  assert.equal((await app.inject({ method: 'POST', url: '/api/v1/commissioning', payload: {} })).json().code, 'tlsNeeded')
})

test('without an authority of our own there is nothing to trust', async (t) => {
  const house = await testHouse()
  t.after(() => house.close())
  for (const path of ['/trust', '/ca.crt', '/ca.pem', '/ca.mobileconfig']) assert.equal((await house.app.inject(path)).statusCode, 404, path)
})

test('the steps for one\'s own device stand open, at the top', () => {
  const authority: Authority = { name: 'Oncekey <b>', pem: '', der: Buffer.from('x'), fingerprint: 'AB:CD:EF:01', endsAt: Date.UTC(2036, 0, 2) }
  const open = (agent: string): string | undefined => /<details open><summary>([^<]*)/.exec(trustPage({ authority, address: 'https://a', agent, isTrusted: false }))?.[1]
  assert.equal(open('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1'), 'iPhone, iPad')
  assert.equal(open('Mozilla/5.0 (Linux; Android 16) Chrome/140 Mobile'), 'Android')
  assert.equal(open('Mozilla/5.0 (Windows NT 10.0) Chrome/140'), 'Windows')
  assert.equal(open('Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Safari/605'), 'Mac')
  assert.equal(open('Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0'), 'Linux, and Firefox everywhere')
  assert.equal(open('curl/8'), undefined)
  assert.equal(new Set(devices.map((one) => one.id)).size, devices.length)
  assert.ok(devices.every((one) => [null, ...devices.map((other) => other.id)].includes(deviceOf(one.name))))
  const page = trustPage({ authority, address: 'https://a"><script>', agent: '', isTrusted: false })
  assert.doesNotMatch(page, /<script>|Oncekey <b>/)
})

test('Apple\'s profile holds the certificate, and is the same each time', () => {
  const authority = { name: 'Oncekey & sons', der: Buffer.from('certificate'), fingerprint: 'AB:CD' }
  const profile = appleProfile(authority)
  assert.equal(appleProfile(authority), profile)
  assert.match(profile, new RegExp(`<data>${authority.der.toString('base64')}</data>`))
  assert.match(profile, /Oncekey &#38; sons/)
  const [outer, inner] = [...profile.matchAll(/PayloadUUID<\/key><string>([^<]*)/g)].map((one) => one[1] ?? '')
  assert.match(outer ?? '', /^[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-A[0-9A-F]{3}-[0-9A-F]{12}$/)
  assert.notEqual(outer, inner)
})

test('browsers are held to TLS only for a named address on its usual port, and never with an authority of our own', () => {
  const files = { ONCEKEY_TLS_CERT: 'c', ONCEKEY_TLS_KEY: 'k' }
  const strict = (env: Record<string, string>): boolean => isStrict(readConfig(env, '/nowhere'))
  assert.equal(strict({ ...files, ONCEKEY_PUBLIC_URL: 'https://keys.example.org' }), true)
  assert.equal(strict({ ONCEKEY_PUBLIC_URL: 'https://keys.example.org/oncekey' }), true, 'a proxy speaks TLS')
  assert.equal(strict({ ...files, ONCEKEY_PUBLIC_URL: 'https://nas.example.org:8443' }), false, 'other programs live on that host')
  assert.equal(strict(files), false)
  assert.equal(strict({ ONCEKEY_TLS: 'own', ONCEKEY_PUBLIC_URL: 'https://keys.lan' }), false)
})
