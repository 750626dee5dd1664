import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { sharedRedis } from '../scripts/redis.mjs'

// The engine as others get it: packed, installed without a registry in an empty project, type-checked and run.
const root = join(import.meta.dirname, '..')
const run = promisify(execFile)
const node = process.execPath
const { NODE_TEST_CONTEXT: _, ...env } = process.env
let folder: string
let tarballs: string[]

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oncekey-packed-'))
  const { stdout } = await run(node, [join(root, 'packages/otp/scripts/package.ts')], { env })
  tarballs = stdout.trim().split('\n')
  assert.equal(tarballs.length, 2)
  write('package.json', '{ "type": "module", "private": true }')
  await npm('install', '--offline', '--no-audit', '--no-fund', tarballs[0] ?? '')
})

after(() => { rmSync(folder, { recursive: true, force: true }) })

test('the engine is packed in less than 30 kB and brings nothing along', async () => {
  const { size } = statSync(tarballs[0] ?? '')
  assert.ok(size < 30_000, `${size} bytes`)
  const { stdout } = await npm('ls', '--all', '--parseable')
  assert.deepEqual(stdout.trim().split('\n').slice(1), [join(folder, 'node_modules/@oncekey/otp')])
  process.stdout.write(`  figure: @oncekey/otp packed: ${size} bytes, no dependencies\n`)
})

test('three lines type-check in the strictest manner and run', async () => {
  write('three.ts', `
import { createHash, randomBytes } from 'node:crypto'
import { challengePolicy, createOtp, keyRing } from '@oncekey/otp'
import { memoryStore } from '@oncekey/otp/memory'
const otp = createOtp({ store: memoryStore(), keys: keyRing([{ id: '2026-11', key: randomBytes(32) }]), clock: Date.now, entropy: randomBytes })
const issue = otp.issue({ purpose: 'login', scope: createHash('sha256').digest('hex'), slot: 'anna', policy: challengePolicy, digits: 6, ttlMs: 600_000 })
const verdict = otp.verify({ purpose: 'login', scope: createHash('sha256').digest('hex'), policy: challengePolicy, code: issue.issued ? issue.code : '' })
console.log(verdict.granted)
`)
  await typeChecked('three.ts')
  assert.equal((await run(node, ['three.js'], { cwd: folder, env })).stdout, 'true\n')
})

test('each entry is there with its types, and none that is not said', async () => {
  write('entries.ts', `
import { fakeClock } from '@oncekey/otp/testing'
import { memoryStore } from '@oncekey/otp/memory'
import { sqliteStore } from '@oncekey/otp/sqlite'
import { postgresStore } from '@oncekey/otp/postgres'
import { redisStore, type RedisDriver } from '@oncekey/otp/redis'
const driver: RedisDriver = { send: async (command: string, args: string[], key: string) => [command, ...args, key] }
const clock = fakeClock()
clock.wait(1)
console.log(clock.now(), memoryStore().mode, typeof sqliteStore, typeof postgresStore, redisStore(driver, { entropy: count => new Uint8Array(count), afterRestart: 'trust' }).mode)
// @ts-expect-error A word that decides has to be one of two.
redisStore(driver, { entropy: count => new Uint8Array(count), afterRestart: 'perhaps' })
`)
  await typeChecked('entries.ts')
  assert.equal((await run(node, ['entries.js'], { cwd: folder, env })).stdout, `${Date.UTC(2026, 10, 21, 12) + 1} sync function function async\n`)
  await assert.rejects(run(node, ['--input-type=module', '-e', "import '@oncekey/otp/offline'"], { cwd: folder, env }), /ERR_PACKAGE_PATH_NOT_EXPORTED/)
})

test('the suite, installed beside it, judges the published stores', async () => {
  await npm('install', '--offline', '--no-audit', '--no-fund', tarballs[1] ?? '')
  const { socket, stop } = await sharedRedis()
  write('contract.test.ts', `
import { randomBytes } from 'node:crypto'
import { storeContract } from '@oncekey/otp/contract'
import { memoryStore } from '@oncekey/otp/memory'
import { redisSetUp, redisStore } from '@oncekey/otp/redis'
import { createClient } from ${JSON.stringify(join(root, 'node_modules/@redis/client/dist/index.js'))}
const client = await createClient({ socket: { path: ${JSON.stringify(socket)}, tls: false } }).connect()
const driver = { send: (command: string, args: string[]) => client.sendCommand([command, ...args]) }
let count = 0
storeContract({ name: 'memory', open: async () => ({ store: memoryStore(), close: () => {} }) })
storeContract({
  name: 'Redis',
  async open () {
    const prefix = \`packed-\${process.pid}-\${++count}\`
    for (const tenant of ['default', 'other', 'another']) await redisSetUp({ driver, prefix, tenant })
    return { store: redisStore(driver, { prefix, entropy: randomBytes, afterRestart: 'trust' }), close: () => {} }
  }
})
setTimeout(() => { client.destroy() }, 120_000).unref()
`)
  await typeChecked('contract.test.ts')
  const { stdout } = await run(node, ['--test', '--test-force-exit', '--test-reporter=tap', 'contract.test.js'], { cwd: folder, env, maxBuffer: 64e6 })
  await stop()
  assert.match(stdout, /^# fail 0$/m)
  assert.ok(Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) > 200)
})

function write (name: string, text: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), text)
}

/** As somebody does it who has TypeScript and the types of Node, and looks into the types of packages, too. */
async function typeChecked (name: string): Promise<void> {
  const flags = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--module', 'nodenext', '--target', 'es2024', '--types', 'node', '--typeRoots', join(root, 'node_modules/@types'), '--skipLibCheck', 'false']
  await run(node, [join(root, 'node_modules/typescript/bin/tsc'), ...flags, name], { cwd: folder, env }).catch((error: unknown) => {
    throw new Error(typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : String(error))
  })
}

function npm (...words: string[]): Promise<{ stdout: string }> {
  return run('npm', words, { cwd: folder, env })
}
