import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import type { Identity } from '@oncekey/controller'
import { toBase64url } from '@oncekey/otp/bytes'
import { main } from './cli.ts'
import { identityFrom } from './identity.ts'
import { parseScript } from './script.ts'
import { testBroker, type TestBroker } from './testing/broker.ts'
import { testServer, type TestServer } from './testing/server.ts'

const run = promisify(execFile)
const key = Uint8Array.from({ length: 32 }, (_, i) => i)
const identity: Identity = { site: 's1', controller: 'c1', rootKey: key }
const file = { siteId: 's1', controllerId: 'c1', key: toBase64url(key), locks: 2 }

async function folder (t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'oncekey-simulate-'))
  t.after(() => rm(path, { recursive: true }))
  return path
}

/** A broker with a server behind it that answers for one controller. */
async function backstage (t: TestContext, whose: () => Identity): Promise<{ broker: TestBroker, server: () => TestServer }> {
  const broker = await testBroker()
  t.after(() => broker.stop())
  let server: TestServer | null = null
  const get = (): TestServer => server ??= testServer(whose(), (topic, payload, retain) => { void broker.send(topic, payload, retain) }, { locks: 2 })
  broker.onPublish((topic, payload) => get().receive(topic, payload))
  return { broker, server: get }
}

test('a script at the command line types a code and opens a door over a real broker', async (t) => {
  const path = join(await folder(t), 'door.json')
  await writeFile(path, JSON.stringify(file))
  const { broker, server } = await backstage(t, () => identity)
  server().settings()
  server().codes.set('123456', 2)
  const { stdout } = await run(process.execPath, [
    join(import.meta.dirname, '../bin/simulate.mjs'), '--identity', path, '--mqtt', broker.tcp,
    '--script', 'until Bank A; until Enter code; 123456#; until Open: A02; wait 0.5; open 2; open 1; show'
  ], { timeout: 30_000 })
  assert.match(stdout, /door 1 does not open: it is locked/)
  assert.match(stdout, /\| Open: A02 {8}\|/)
  assert.match(stdout, /1: locked, closed\n2: unlocked, open/)
})

test('a new door prints its claim code, waits to be claimed and keeps its identity for its owner alone', async (t) => {
  const path = join(await folder(t), 'new.json')
  const asked: { key: string, claimCode: string, locks: number }[] = []
  const api = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => { text += String(chunk) })
    request.on('end', () => {
      assert.equal(request.url, '/api/v1/commissioning')
      asked.push(JSON.parse(text) as { key: string, claimCode: string, locks: number })
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(asked.length < 3 ? { claimed: false, retryAfterMs: 5 } : { claimed: true, siteId: 's1', controllerId: 'c9', mqttPort: 1 }))
    })
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  t.after(() => { api.close(); api.closeAllConnections() })
  const address = api.address()
  const server = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const { broker } = await backstage(t, () => {
    const mine = identityFrom({ siteId: 's1', controllerId: 'c9', key: asked[0]?.key ?? '' })
    assert.ok(mine !== null)
    return mine
  })
  const lines: string[] = []
  assert.equal(await main(['--server', server, '--mqtt', broker.tcp, '--identity', path, '--locks', '2', '--script', 'until Enter code; show'], (line) => lines.push(line), new AbortController().signal), 0)
  assert.equal(asked.length, 3)
  assert.equal(new Set(asked.map((one) => one.claimCode)).size, 1)
  assert.equal(lines[0], `Claim code: ${asked[0]!.claimCode.slice(0, 4)}-${asked[0]!.claimCode.slice(4, 8)}-${asked[0]!.claimCode.slice(8)}`)
  const kept = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  assert.deepEqual([kept['controllerId'], kept['locks'], kept['key']], ['c9', 2, asked[0]!.key])
  assert.equal((await stat(path)).mode & 0o777, 0o600)
})

test('wrong arguments, scripts and files are answered with what to do', async (t) => {
  const said = async (...args: string[]): Promise<{ code: number, text: string }> => {
    const lines: string[] = []
    const code = await main(args, (line) => lines.push(line), new AbortController().signal)
    return { code, text: lines.join('\n') }
  }
  assert.deepEqual(await said('--count', '0'), { code: 2, text: '--count must be a number from 1 to 10000.' })
  assert.match((await said('--script', 'dance 1')).text, /'dance 1' is not understood/)
  assert.equal((await said('--nonsense')).code, 2)
  assert.match((await said('--help')).text, /--identity FILE/)
  const path = join(await folder(t), 'broken.json')
  await writeFile(path, '{"siteId": 1}')
  const broken = await said('--identity', path)
  assert.equal(broken.code, 1)
  assert.match(broken.text, /does not hold an identity/)
})

test('a script is read step by step', () => {
  assert.deepEqual(parseScript('12#; wait 0.5;cut network; restore power ;open 3; force 2; battery 3.45; jam 1; until Enter code; show;'), [
    { step: 'type', keys: '12#' }, { step: 'wait', ms: 500 }, { step: 'cut', what: 'network' }, { step: 'restore', what: 'power' },
    { step: 'open', lock: 3 }, { step: 'force', lock: 2 }, { step: 'battery', millivolts: 3450 }, { step: 'jam', lock: 1 }, { step: 'until', text: 'Enter code' }, { step: 'show' }
  ])
  for (const wrong of ['wait', 'wait x', 'cut wires', 'open', 'open 0', 'battery low', 'show me', 'until', '12e']) assert.throws(() => parseScript(wrong), /not understood/)
})
