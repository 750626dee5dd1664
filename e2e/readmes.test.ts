import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { sharedPostgres } from '../scripts/postgres.mjs'
import { sharedRedis } from '../scripts/redis.mjs'
import { runServer, type Running } from './support/server.ts'
import { exchange, snippetsOf, Workbench } from './support/snippets.ts'

// Every ts fence of every README becomes a program. What a snippet leaves to its reader (a pin, an id, a password) is
// given here, and `results` is what it came to.
const otp = snippetsOf('packages/otp/README.md')
const controller = snippetsOf('packages/controller/README.md')
const client = snippetsOf('packages/client/README.md')
const drivers = snippetsOf('packages/drivers/README.md')
const protocol = snippetsOf('packages/protocol/README.md')
const front = snippetsOf('README.md')
const webhooks = snippetsOf('docs/webhooks.md')

const root = join(import.meta.dirname, '..')
const pages = globSync('{packages/*/,apps/*/,deploy/,examples/*/,xs/,docs/**/,}*.md', { cwd: root }).filter((path) => !path.includes('node_modules')).sort()
const owner = { name: 'Ada', email: 'ada@example.org', password: 'seven quiet lanterns' }
let bench: Workbench
let server: Running
let stopRedis: () => Promise<void>

before(async () => {
  bench = new Workbench()
  server = await runServer()
  const token = new URL(server.setupLink ?? '').searchParams.get('token') ?? ''
  await createClient({ base: server.url, fetch: fetchWithCookies() }).setup.start({ token, ...owner, siteName: 'Gym', timeZone: 'Europe/Lisbon', demonstration: true })

  const [three = '', imports = '', everythingElse = '', shared = '', sqlite = '', postgres = '', redis = '', ownStore = '', secondFactor = ''] = otp
  bench.write('otp.ts', "const challengeId = 'c1'\nconst typed = '0000'", three, imports,
    "const right = otp.verify({ purpose: 'login', scope: challengeId, policy: challengePolicy, code: issue.issued ? issue.code : '' })",
    everythingElse, shared, exchange(sqlite, "'codes.db'", JSON.stringify(join(bench.folder, 'codes.db'))),
    "const stored = createOtp({ store, keys: keyRing([{ id: 'k', key: randomBytes(32) }]), clock: Date.now, entropy: randomBytes }).status({ scope: 's', policy: readerPolicy })",
    'db.close()',
    'export const results = [issue.issued, verdict.granted, right.granted, stored.triesLeft, digitsFor(12), dailyChance(12, 8), otp.admission(identity)]')
  const { url } = await sharedPostgres()
  bench.write('otp-postgres.ts', "import { createOtp, keyRing, readerPolicy } from '@oncekey/otp'", "import { randomBytes } from 'node:crypto'",
    exchange(postgres, "'postgres://localhost/codes'", JSON.stringify(await url(`readme_${process.pid}`))),
    "const stored = await createOtp({ store, keys: keyRing([{ id: 'k', key: randomBytes(32) }]), clock: Date.now, entropy: randomBytes }).status({ scope: 's', policy: readerPolicy })",
    'await client.end()', 'export const results = stored.triesLeft')
  const { socket, stop } = await sharedRedis()
  stopRedis = stop
  bench.write('otp-redis.ts', "import { createOtp, keyRing, readerPolicy } from '@oncekey/otp'", "import { randomBytes } from 'node:crypto'",
    exchange(redis, "url: 'redis://127.0.0.1:6379'", `socket: { path: ${JSON.stringify(socket)}, tls: false }`),
    "const stored = await createOtp({ store, keys: keyRing([{ id: 'k', key: randomBytes(32) }]), clock: Date.now, entropy: randomBytes }).status({ scope: 's', policy: readerPolicy })",
    'client.destroy()', 'export const results = stored.triesLeft')
  bench.write('second-factor.ts', "import { randomBytes } from 'node:crypto'", "import { keyRing } from '@oncekey/otp'",
    "const keys = keyRing([{ id: 'b', key: randomBytes(32) }, { id: 'a', key: randomBytes(32) }])\nconst typed = 'k7wqz 94xmc dh3tr'\nconst useStep = (step: number): void => { throw new Error(String(step)) }",
    secondFactor, 'export const results = [shown.slice(0, 44), factor, new Set(kept).size, normal, candidates.length]')
  bench.write('my-store.ts', "export { memoryStore as myStore } from '@oncekey/otp/memory'")
  bench.write('my-store.test.ts', ownStore)

  const [shortest = ''] = front
  bench.write('front.ts', "const challengeId = 'c1'\nconst typed = '0000'", three.split('\n')[0] ?? '', imports, shortest,
    'export const results = [issue.issued && issue.code.length, verdict.granted]')

  const [loop = '', door = ''] = controller
  bench.write('controller.ts', "import type { Effect } from '@oncekey/controller'",
    'const done: Effect[] = []\nconst millisecondsSinceBoot = (): number => 0\nconst carryOut = (effect: Effect): void => { done.push(effect) }', loop,
    "happen({ is: 'booted', reset: 'powerOn', identity: null, saved: {}, entropy: new Uint8Array(8), firmware: '1', hardware: 'bench', locks: 1 })",
    "happen({ is: 'unclaimed', claimCode: 'ABCDE23456' })", door,
    "export const results = [done.some((effect) => effect.do === 'show' && effect.rows.join().includes('ABCDE')), done.some((effect) => effect.do === 'bolt'), opened]")

  bench.write('drivers.ts', ...drivers, 'export const results = [down, writes.length]')
  bench.write('protocol.ts', 'const rootKey = new Uint8Array(32)', "const session = 'A'.repeat(43)", ...protocol, 'export const results = [health?.uptimeMs, open(macUp, topic + "x", payload)]')
  // The specification's own example.
  bench.write('webhooks.ts', ...webhooks, `const came = { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }
    const takes = (body: string, late: number): boolean => isOurs('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', came, body, (1_614_265_330 + late) * 1000)
    export const results = [takes('{"test": 2432232314}', 0), takes('{"test": 2432232314}', 301), takes('{"test": 2432232315}', 0)]`)
  bench.write('client.ts', ...client.map((text) => exchange(exchange(text, 'http://127.0.0.1:8080', server.url), "'…'", JSON.stringify(owner.password))),
    'export const results = (await client.codes.list()).codes.map((code) => code.accessPointName)')
})

after(async () => {
  await server.end()
  await stopRedis()
  bench.close()
})

test('each README with code is here, with all of it', () => {
  const counts = Object.fromEntries(pages.map((path) => [path, snippetsOf(path).length]).filter(([, count]) => count !== 0))
  assert.deepEqual(counts, {
    'README.md': 1, 'packages/otp/README.md': 9, 'packages/controller/README.md': 2, 'packages/client/README.md': 1, 'packages/drivers/README.md': 1, 'packages/protocol/README.md': 1, 'docs/webhooks.md': 1
  })
})

test('what the pages name is there: files, links, commands', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  let count = 0
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8')
    const paths = [...text.matchAll(/`((?:packages|apps|devices|e2e|examples|bench|scripts|docs)\/[\w./-]*)`/g)].map(([, path = '']) => join(root, path))
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => join(root, page, '..', path))
    for (const path of [...paths, ...links]) {
      assert.ok(existsSync(path), `${page}: ${path}`)
      count++
    }
    for (const [, name = ''] of text.matchAll(/npm (?:run )?(test:full|test|start|(?<=run )[\w:-]+)/g)) {
      assert.ok(name in scripts, `${page}: npm run ${name}`)
      count++
    }
  }
  assert.ok(count > 80, String(count))
})

test('the strictest compiler has nothing to say to the snippets', async () => {
  assert.equal(await bench.complaints(), '')
})

test('codes: the first page and the library\'s own', async () => {
  assert.deepEqual(await bench.results('otp.ts'), [true, false, true, 3, 8, 0.00001008, { admitted: true, triesLeft: 19 }])
  assert.equal(await bench.results('otp-postgres.ts'), 3)
  assert.equal(await bench.results('otp-redis.ts'), 3)
  assert.deepEqual(await bench.results('front.ts'), [6, false])
})

test('a second factor', async () => {
  assert.deepEqual(await bench.results('second-factor.ts'),
    ['otpauth://totp/Gym:anna%40example.org?secret', { granted: false, reason: 'wrong' }, 10, 'K7WQ2-94XMC-DH3TR', 2])
})

test('the suite judges a store of one\'s own as it says', async () => {
  assert.equal(await bench.failures('my-store.test.ts'), '')
})

test('the controller: a host\'s loop, and a door without hardware', async () => {
  assert.deepEqual(await bench.results('controller.ts'), [true, false, { moves: 1, isLocked: false, log: 'lock.actuated 1 unlock keypad unlocked' }])
})

test('drivers and protocol', async () => {
  assert.deepEqual(await bench.results('drivers.ts'), ['2', 2])
  assert.deepEqual(await bench.results('protocol.ts'), [60_000, null])
})

test('a receiver of webhooks takes what is signed, of these five minutes, and nothing else', async () => {
  assert.deepEqual(await bench.results('webhooks.ts'), [true, false, false])
})

test('the client gets a code from a real server', async () => {
  const { log } = console
  const lines: string[] = []
  console.log = (line: string) => { lines.push(line) }
  let live: unknown
  try {
    live = await bench.results('client.ts')
  } finally {
    console.log = log
  }
  const [, name, digits] = /^(.+): type (\d{6,9}) and #$/.exec(lines.join('\n')) ?? []
  assert.ok(digits, lines.join('\n'))
  assert.deepEqual(live, [name])
})
