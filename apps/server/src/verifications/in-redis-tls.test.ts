/** A Redis behind TLS whose line breaks in every way that TLS has a word for: none of them is word that a code is gone. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer as createPlain, type AddressInfo, type Socket } from 'node:net'
import { createServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'node:test'
import { issueCertificate, makeAuthority } from '../platform/tls/certificates.ts'
import { permitsFor } from '../platform/tls/names.ts'
import { startTestRedis } from '../testing/redis.ts'
import { openVerifier } from '../testing/verifier.ts'

const DAY_MS = 86_400_000

test('TLS breaks in the middle of a check: 503, no try is spent, the code goes on when the line is back', async () => {
  const redis = await startTestRedis()
  const now = Math.floor(Date.now() / 1000) * 1000
  const names = { dns: [], ip: ['127.0.0.1'] }
  const authority = { name: 'A test', ...makeAuthority({ name: 'A test', permits: permitsFor(names), beginsAt: now - DAY_MS, endsAt: now + 10 * DAY_MS }) }
  const pair = issueCertificate(authority, { names, beginsAt: now - DAY_MS, endsAt: now + DAY_MS })
  setDefaultCACertificates([...getCACertificates(), authority.certificate])
  // TLS ends here; behind it is the Redis, before it a line that somebody on the way may write on.
  const inner = createServer({ cert: pair.certificate, key: pair.key }, (line: TLSSocket) => {
    const behind = connect(Number(new URL(redis.url).port), '127.0.0.1')
    for (const one of [line, behind]) one.on('error', () => {})
    line.pipe(behind).pipe(line)
  })
  inner.on('tlsClientError', () => {})
  let isBroken = false
  const lines = new Set<Socket>()
  const outer = createPlain((line) => {
    lines.add(line)
    const behind = connect((inner.address() as AddressInfo).port, '127.0.0.1')
    for (const one of [line, behind]) one.on('error', () => {})
    // What Redis says under TLS becomes what is no TLS at all, so that the client's library has a reason to give.
    behind.on('data', (bytes: Buffer) => { line.write(isBroken ? Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') : bytes) })
    line.on('data', (bytes: Buffer) => { behind.write(bytes) })
    line.on('close', () => { behind.destroy() })
  })
  for (const one of [inner, outer]) await once(one.listen(0, '127.0.0.1'), 'listening')
  const v = await openVerifier({ env: { ONCEKEY_REDIS_URL: `rediss://127.0.0.1:${(outer.address() as AddressInfo).port}` } })
  const back = async (): Promise<void> => {
    for (let tries = 0; v.world.house.codeStore?.isThere() !== true; tries++) {
      assert.ok(tries < 500, 'the server notices')
      await wait(20)
    }
  }
  try {
    await back()
    const { id, digits } = await v.start()
    const row = async () => { const [one] = await v.world.house.rows('SELECT code_hash, status, failures FROM verifications WHERE id = ?', id); return { ...one } }
    assert.deepEqual(await row(), { code_hash: null, status: 'pending', failures: 0 }, 'it is in Redis')
    for (let i = 0; i < 5; i++) {
      isBroken = true
      assert.equal((await v.check(id, digits)).status, 503)
      isBroken = false
      await back()
    }
    assert.deepEqual(await row(), { code_hash: null, status: 'pending', failures: 0 })
    assert.equal((await v.check(id, digits)).body.status, 'approved')
  } finally {
    await v.world.close()
    for (const line of lines) line.destroy()
    for (const one of [inner, outer]) one.close()
    await redis.stop()
  }
})
