import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { testHouse } from '../testing/house.ts'

/** The command as containers run it, beside whatever runs here. */
function health (env: Record<string, string>, ...words: string[]): Promise<{ status: unknown, stdout: string, stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, '../../bin/oncekey.mjs'), 'health', ...words], { env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

test('says what the server says of its parts; only one that fails, or a server that is away, is exit code 1', async () => {
  const house = await testHouse()
  await house.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = house.app.server.address() as AddressInfo
  const env = { ONCEKEY_DATA_DIR: house.config.dataDir, ONCEKEY_PORT: String(port), ONCEKEY_MQTT_PORT: '0' }
  try {
    const well = await health(env)
    assert.deepEqual([well.status, /^ok {8}database: \w+ reads and writes\.$/m.test(well.stdout), well.stderr], [0, true, ''], well.stdout)
    await house.transport.close()
    // The same answer is given for a second.
    house.wait(2_000)
    const failing = await health(env)
    assert.deepEqual([failing.status, /^failing {3}broker: /m.test(failing.stdout)], [1, true], failing.stdout)
  } finally {
    await house.app.close()
    await house.close()
  }
  const away = await health(env)
  assert.deepEqual([away.status, away.stderr], [1, `No Oncekey answers at http://127.0.0.1:${port}.\n`])
})

test('another program at that port is none of ours; a wrong setting and a word too many are said', async () => {
  const silent = createServer((socket) => { socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}') })
  await new Promise<void>((resolve) => { silent.listen(0, '127.0.0.1', resolve) })
  const { port } = silent.address() as AddressInfo
  try {
    const other = await health({ ONCEKEY_PORT: String(port) })
    assert.deepEqual([other.status, other.stderr.startsWith('No Oncekey answers')], [1, true], other.stderr)
    const wrong = await health({ ONCEKEY_PORT: 'many' })
    assert.deepEqual([wrong.status, wrong.stderr.includes('ONCEKEY_PORT=many: a port is')], [1, true], wrong.stderr)
    assert.equal((await health({}, 'now')).status, 2)
  } finally {
    silent.close()
  }
})
