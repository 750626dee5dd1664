import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, test } from 'node:test'
import { issueCertificate, makeAuthority } from '../platform/tls/certificates.ts'
import { permitsFor } from '../platform/tls/names.ts'
import { openReceiver, type Receiver } from '../testing/receiver.ts'
import { httpPoster, type PosterOptions } from './post.ts'

const opened: { close: () => Promise<void> }[] = []
afterEach(async () => { for (const one of opened.splice(0)) await one.close() })

async function receiver (options: Parameters<typeof openReceiver>[0] = {}): Promise<Receiver> {
  const one = await openReceiver(options)
  opened.push(one)
  return one
}
const post = (options: PosterOptions, url: string): ReturnType<ReturnType<typeof httpPoster>> => httpPoster({ timeoutMs: 2_000, ...options })(url, { 'content-type': 'application/json', 'webhook-id': 'msg_1' }, '{"a":"ü"}')
const here = { networks: ['127.0.0.0/8'] }

test('a message arrives as it was given, and the answer\'s first line is all that counts', async () => {
  const shop = await receiver()
  assert.deepEqual(await post(here, `${shop.url}/hooks?x=1`), { status: 200 })
  assert.deepEqual([shop.heard[0]?.method, shop.heard[0]?.path, shop.heard[0]?.body, shop.heard[0]?.headers['webhook-id'], shop.heard[0]?.headers['host']], ['POST', '/hooks?x=1', '{"a":"ü"}', 'msg_1', `127.0.0.1:${shop.port}`])
  shop.manner = (response) => { response.statusCode = 503; response.end() }
  assert.deepEqual(await post(here, shop.url), { status: 503 })
})

test('a server that only this machine can reach hears nothing, however it is spelled', async () => {
  const secret = await receiver()
  const six = await receiver({ host: '::1' })
  const names: Record<string, string[]> = { 'inside.example': ['127.0.0.1'], 'six.example': ['::1'], 'mapped.example': ['::ffff:127.0.0.1'], 'mixed.example': ['93.184.215.14', '127.0.0.1'], 'any.example': ['0.0.0.0'], 'nothing.example': [] }
  const lookup: PosterOptions['lookup'] = (host, done) => { done(null, (names[host] ?? ['127.0.0.1']).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))) }
  // Somebody else's network is named, so that http is not refused for being http.
  const away = { networks: ['10.9.8.0/24'], lookup }
  const hosts = ['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '0', '0.0.0.0', '127.0.0.2', 'localhost', 'LOCALHOST', 'localhost.', 'sub.localhost', ...Object.keys(names)]
  for (const host of hosts) for (const scheme of ['http', 'https']) assert.deepEqual(await post(away, `${scheme}://${host}:${secret.port}/`), { fault: 'addressRefused' }, `${scheme}://${host}`)
  for (const host of ['[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::]', '[64:ff9b::7f00:1]']) for (const { port } of [secret, six]) assert.deepEqual(await post(away, `http://${host}:${port}/`), { fault: 'addressRefused' }, host)
  assert.deepEqual([secret.heard.length, six.heard.length], [0, 0])
  // Planted: they were there all the time, and the same call reaches them where it may.
  assert.deepEqual(await post({ networks: ['127.0.0.0/8', '::1/128'], lookup }, `http://inside.example:${secret.port}/`), { status: 200 })
  assert.deepEqual(await post({ networks: ['::1/128'] }, `http://[::1]:${six.port}/`), { status: 200 })
  assert.deepEqual([secret.heard.length, six.heard.length], [1, 1])
})

test('a name is looked up once: what it means a moment later leads nowhere', async () => {
  const good = await receiver({ host: '127.0.0.1' })
  const secret = await receiver({ host: '127.0.0.2', port: good.port })
  let asked = 0
  const lookup: PosterOptions['lookup'] = (_host, done) => { done(null, [{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]) }
  const poster = httpPoster({ networks: ['127.0.0.1/32'], lookup })
  assert.deepEqual(await poster(`http://turning.example:${good.port}/`, {}, '{}'), { status: 200 })
  assert.equal(asked, 1)
  assert.deepEqual(await poster(`http://turning.example:${good.port}/`, {}, '{}'), { fault: 'addressRefused' })
  assert.deepEqual([good.heard.length, secret.heard.length, good.heard[0]?.headers['host']], [1, 0, `turning.example:${good.port}`])
})

test('a redirect is an answer like any other, and is not followed', async () => {
  const secret = await receiver()
  const shop = await receiver()
  for (const status of [301, 302, 303, 307, 308]) {
    shop.manner = (response) => { response.writeHead(status, { location: `${secret.url}/` }).end() }
    assert.deepEqual(await post(here, shop.url), { status })
  }
  assert.deepEqual([secret.heard.length, shop.heard.length], [0, 5])
})

test('whoever hangs, drips, floods or talks nonsense has the time that there is, and no more', async () => {
  const shop = await receiver()
  const timed = async (manner: Receiver['manner'], most = 900): Promise<unknown> => {
    shop.manner = manner
    const begun = performance.now()
    const posted = await post({ ...here, timeoutMs: 300 }, shop.url)
    assert.ok(performance.now() - begun < most, String(performance.now() - begun))
    return posted
  }
  assert.deepEqual(await timed(() => {}), { fault: 'timeout' })
  let written = 0
  assert.deepEqual(await timed((response) => {
    response.writeHead(200)
    const more = (): void => {
      if (response.destroyed) return
      written += 65_536
      response.write('x'.repeat(65_536))
      setImmediate(more)
    }
    more()
  }), { status: 200 })
  assert.ok(written < 64e6, 'nobody reads an endless answer')
  assert.deepEqual(await timed((response) => { response.writeHead(200, { 'x-long': 'x'.repeat(100_000) }).end() }), { fault: 'HPE_HEADER_OVERFLOW' })
  assert.deepEqual(await timed((response) => { response.socket?.destroy() }), { fault: 'ECONNRESET' })
  assert.deepEqual(await timed((response) => { response.socket?.end('no HTTP at all\r\n\r\n') }), { fault: 'HPE_INVALID_CONSTANT' })
  assert.deepEqual(await timed((response) => {
    let sent = 0
    const drip = setInterval(() => { response.socket?.write('HTTP/1.1 200 OK\r\nx'.charAt(sent++) || 'y') }, 20)
    response.socket?.on('close', () => { clearInterval(drip) })
  }), { fault: 'timeout' })
})

test('nobody is there, and a name that takes for ever', async () => {
  const gone = createServer()
  await new Promise<void>((resolve) => { gone.listen(0, '127.0.0.1', () => { resolve() }) })
  const { port } = gone.address() as AddressInfo
  await new Promise((resolve) => { gone.close(resolve) })
  assert.deepEqual(await post(here, `http://127.0.0.1:${port}/`), { fault: 'ECONNREFUSED' })
  assert.deepEqual(await post({ ...here, timeoutMs: 200, lookup: () => {} }, 'http://slow.example:8080/'), { fault: 'timeout' })
  assert.deepEqual(await post({ ...here, lookup: (_host, done) => { done(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), []) } }, 'http://none.example:8080/'), { fault: 'ENOTFOUND' })
})

test('TLS: only with a certificate of that name, by an authority that is trusted', async () => {
  const now = Math.floor(Date.now() / 1000) * 1000
  const day = 86_400_000
  const names = { dns: ['shop.example'], ip: ['127.0.0.1'] }
  const authority = { name: 'A test', ...makeAuthority({ name: 'A test', permits: permitsFor(names), beginsAt: now - day, endsAt: now + 10 * day }) }
  const pair = issueCertificate(authority, { names, beginsAt: now - day, endsAt: now + day })
  const shop = await receiver({ tls: { cert: pair.certificate, key: pair.key } })
  const lookup: PosterOptions['lookup'] = (_host, done) => { done(null, [{ address: '127.0.0.1', family: 4 }]) }
  assert.deepEqual(await post({ ...here, lookup, ca: authority.certificate }, `https://shop.example:${shop.port}/`), { status: 200 })
  assert.deepEqual(await post({ ...here, lookup, ca: authority.certificate }, `https://other.example:${shop.port}/`), { fault: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  assert.ok('fault' in await post({ ...here, lookup }, `https://shop.example:${shop.port}/`), 'an authority that nobody knows')
  assert.equal(shop.heard.length, 1)
})
