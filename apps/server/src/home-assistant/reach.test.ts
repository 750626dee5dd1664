import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startMosquitto } from '../../../../scripts/mosquitto.mjs'
import { issueCertificate, makeAuthority } from '../platform/tls/certificates.ts'
import { permitsFor } from '../platform/tls/names.ts'
import { reach, Unreached, type Broker } from './reach.ts'

const networks = ['127.0.0.0/8', '::1/128']
const brokerAt = (port: number, more: Partial<Broker> = {}): Broker => ({ host: '127.0.0.1', port, isTls: false, ca: null, userName: '', password: null, ...more })
async function faultAt (broker: Broker, stepMs = 20_000): Promise<[string, string]> {
  try {
    await (await reach(broker, { clientId: 'test', networks, signal: new AbortController().signal, stepMs })).endAsync(true)
    return ['done', '']
  } catch (error) {
    assert.ok(error instanceof Unreached, String(error))
    return [error.step, error.fault]
  }
}

test('with TLS the certificate counts: its authority, and the name that was asked for', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-tls-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  const span = { beginsAt: Date.now() - 60_000, endsAt: Date.now() + 3_600_000 }
  const names = { dns: ['localhost'], ip: [] }
  const authority = { ...makeAuthority({ name: 'Home', permits: permitsFor(names), ...span }), name: 'Home' }
  const { certificate, key } = issueCertificate(authority, { names, ...span })
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  writeFileSync(tls.cert, certificate)
  writeFileSync(tls.key, key)
  const broker = await startMosquitto({ tls })
  t.after(() => broker.stop())
  const secure = brokerAt(broker.port, { host: 'localhost', isTls: true, ca: authority.certificate })
  assert.deepEqual(await faultAt(secure), ['done', ''])
  assert.equal((await faultAt({ ...secure, ca: null }))[0], 'tls', 'an authority that nobody knows')
  assert.equal((await faultAt({ ...secure, host: '127.0.0.1' }))[0], 'tls', 'a name that the certificate does not have')
  assert.equal((await faultAt({ ...secure, isTls: false }))[0], 'signIn', 'without TLS at a port with TLS')
})

test('something that is no broker: silent, rude, or gone in the middle', async (t) => {
  let manner: (socket: Socket) => void = () => {}
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume()
    manner(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.close() })
  const { port } = server.address() as AddressInfo
  manner = (socket) => { socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') }
  assert.equal((await faultAt(brokerAt(port)))[0], 'signIn')
  manner = (socket) => { socket.destroy() }
  assert.equal((await faultAt(brokerAt(port)))[0], 'signIn')
  manner = () => {}
  assert.deepEqual([await faultAt(brokerAt(port), 200), await faultAt(brokerAt(port, { isTls: true }), 200)], [['signIn', 'ETIMEDOUT'], ['tls', 'ETIMEDOUT']])
  assert.deepEqual(await faultAt(brokerAt(port, { host: 'nowhere.invalid' })), ['name', 'ENOTFOUND'])
})
