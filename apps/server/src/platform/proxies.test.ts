import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHttp, type App } from './http.ts'
import { createLog } from './log.ts'
import { clientOf, proxiesIn, readProxies } from './proxies.ts'

const named = (text: string) => proxiesIn(readProxies(text).networks)
const who = (peer: string | undefined, forwarded: string | string[] | undefined, isProxy = named('10.0.0.0/8,loopback,2001:db8:1::/48')): string =>
  clientOf({ socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': forwarded } }, isProxy).address

test('without a named proxy at the other end, that end is the client, whatever it says', () => {
  for (const forwarded of ['198.51.100.1', '127.0.0.1', '10.0.0.1, 10.0.0.2', '::1', '']) {
    assert.equal(who('192.0.2.1', forwarded), '192.0.2.1')
    assert.equal(who('11.0.0.1', forwarded), '11.0.0.1')
    assert.equal(who('2001:db8:2::1', forwarded), '2001:db8:2::1')
    assert.equal(who('127.0.0.1', forwarded, named('192.0.2.7')), '127.0.0.1')
    assert.equal(who('127.0.0.1', forwarded, proxiesIn([])), '127.0.0.1')
  }
  assert.equal(who(undefined, '198.51.100.1'), '', 'a connection that is gone')
})

test('behind named proxies it is the right-most address that is none of them', () => {
  assert.equal(who('10.0.0.1', '198.51.100.1'), '198.51.100.1')
  assert.equal(who('10.0.0.1', '203.0.113.9, 198.51.100.1'), '198.51.100.1', 'what the client wrote is to the left')
  assert.equal(who('10.0.0.1', '203.0.113.9,198.51.100.1 ,10.0.0.3,  10.0.0.2'), '198.51.100.1', 'three proxies in a row')
  assert.equal(who('10.0.0.1', 'rubbish, , 127.0.0.1, 198.51.100.1'), '198.51.100.1', 'nobody reads what a client wrote')
  assert.equal(who('10.0.0.1', ['203.0.113.9', '198.51.100.1']), '198.51.100.1', 'two headers are one list')
  assert.equal(who('10.0.0.1', undefined), '10.0.0.1')
  assert.equal(who('10.0.0.1', '10.0.0.3, 10.0.0.2'), '10.0.0.1', 'proxies only')
})

test('IPv6, and IPv4 in its clothes, on either side', () => {
  for (const peer of ['10.0.0.1', '::ffff:10.0.0.1', '::FFFF:a00:1', '::1', '::ffff:127.0.0.1', '2001:db8:1::5', '2001:DB8:1:0::5%eth0']) assert.equal(who(peer, '198.51.100.1'), '198.51.100.1', peer)
  assert.equal(who('fe80::1%eth0', '198.51.100.1', named('fe80::/16')), '198.51.100.1')
  for (const peer of ['::ffff:11.0.0.1', '::10.0.0.1', '2001:db8:2::5', 'a00:1::']) assert.equal(who(peer, '198.51.100.1'), peer)
  assert.equal(who('::1', '2001:0DB8:0002:0000::0009'), '2001:db8:2::9', 'written one way')
  assert.equal(who('::1', '::ffff:198.51.100.1'), '198.51.100.1')
  assert.equal(who('::1', '::ffff:c633:6401'), '198.51.100.1')
  assert.equal(who('::1', '198.51.100.1, ::ffff:10.0.0.9, 2001:db8:1::8'), '198.51.100.1')
})

test('what is no address makes the proxy itself the client, and nothing else', () => {
  for (const odd of ['', ' ', ',', 'unknown', 'localhost', '198.51.100.1:4711', '[2001:db8:2::9]', '[2001:db8:2::9]:80', '"198.51.100.1"', 'for=198.51.100.1', '198.51.100', '198.51.100.256', '0x7f.1', '01.2.3.4', '2001:db8:2::9%x', '198.51.100.1 203.0.113.9', '198.51.100.1,', '198.51.100.1, 10.0.0.2,', '198.51.100.1;10.0.0.2', '\u0000', '１.2.3.4', '198.51.100.1/32', 'x'.repeat(16_000), ','.repeat(16_000)]) {
    assert.equal(who('10.0.0.1', odd), '10.0.0.1', odd.slice(0, 40))
  }
  const row = (hops: number): string => ['198.51.100.1', ...Array.from({ length: hops }, (_, i) => `10.0.1.${i}`)].join(', ')
  assert.equal(who('10.0.0.1', row(9)), '198.51.100.1')
  assert.equal(who('10.0.0.1', row(10)), '10.0.0.1', 'too many')
  assert.equal(who('10.0.0.1', row(200)), '10.0.0.1')
})

/** A server that says who asked, and how. */
async function mirror (trustedProxies: readonly string[] = []): Promise<{ app: App, logged: string[], ask: (remoteAddress: string, headers: Record<string, string>) => Promise<unknown[]> }> {
  const logged: string[] = []
  const app = await createHttp({ log: createLog((line) => { logged.push(line) }), publicUrl: null, trustedProxies, whoCalls: async () => null })
  app.get('/who', { config: { audience: 'everybody' } }, async (request) => [request.ip, request.protocol, request.host, request.hostname])
  return { app, logged, ask: async (remoteAddress, headers) => (await app.inject({ url: '/who', remoteAddress, headers: { host: 'keys.lan', ...headers } })).json() }
}

test('protocol and address count from named proxies; a host that was forwarded and RFC 7239 never do', async (t) => {
  const { app, logged, ask } = await mirror(['10.0.0.0/8'])
  t.after(() => app.close())
  const forged = { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example', forwarded: 'for=203.0.113.9;proto=https;host=evil.example' }
  assert.deepEqual(await ask('10.0.0.1', forged), ['198.51.100.1', 'https', 'keys.lan', 'keys.lan'])
  assert.deepEqual(logged, [])
  assert.deepEqual(await ask('192.0.2.1', forged), ['192.0.2.1', 'http', 'keys.lan', 'keys.lan'])
  assert.deepEqual(await ask('10.0.0.1', { 'x-forwarded-proto': 'HTTPS' }), ['10.0.0.1', 'https', 'keys.lan', 'keys.lan'])
  for (const odd of ['', 'https, http', 'http,https', 'wss', 'https;', '"https"', 'httpss', 'x'.repeat(9000)]) assert.deepEqual((await ask('10.0.0.1', { 'x-forwarded-proto': odd })).slice(0, 2), ['10.0.0.1', 'http'], odd.slice(0, 20))
})

test('a proxy that nobody named is logged once, with its own address and no other', async (t) => {
  const { app, logged, ask } = await mirror()
  t.after(() => app.close())
  await ask('192.0.2.1', {})
  assert.equal(logged.length, 0)
  for (let i = 0; i < 5; i++) await ask(`192.0.2.${i + 1}`, { 'x-forwarded-for': `198.51.100.${i}` })
  assert.equal(logged.length, 1)
  const line = JSON.parse(logged[0] ?? '')
  assert.deepEqual([line.level, line.peer], ['warn', '192.0.2.1'])
  assert.match(line.message, /ONCEKEY_TRUSTED_PROXIES/)
  assert.doesNotMatch(logged[0] ?? '', /198\.51/)
})

test('who came with TLS to a named proxy is not sent round in a circle; who only says so is', async (t) => {
  const app = await createHttp({ log: createLog(() => {}), publicUrl: 'https://keys.example.org', trustedProxies: ['10.0.0.0/8'], whoCalls: async () => null, secureAddress: () => 'https://keys.example.org/' })
  t.after(() => app.close())
  app.get('/page', { config: { audience: 'everybody' } }, async () => 'page')
  const ask = async (remoteAddress: string, headers: Record<string, string>): Promise<number> => (await app.inject({ url: '/page', remoteAddress, headers: { accept: 'text/html', ...headers } })).statusCode
  assert.equal(await ask('10.0.0.1', { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https' }), 200)
  assert.equal(await ask('10.0.0.1', { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'http' }), 403)
  assert.equal(await ask('192.0.2.1', { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https' }), 403)
  assert.equal(await ask('192.0.2.1', {}), 302)
})
