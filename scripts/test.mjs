// All tests of the project, with nothing on the machine but Node and Debian's package manager. `--full`: the sizes that
// the documentation quotes. `--only=journeys` (check | pure | server | postgres | xs | attack | faults | image | journeys) runs one part.
import { ensureCertutil, ensureChromium } from './chromium.mjs'
import { SHARED, startPostgres } from './postgres.mjs'
import { SHARED as SHARED_REDIS, startRedis } from './redis.mjs'
import { root, run, runAll } from './steps.mjs'
import { beginXs } from './xs.mjs'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const full = process.argv.includes('--full')
const only = process.argv.find((word) => word.startsWith('--only='))?.slice(7)
const env = { ONCEKEY_TEST_SIZE: full ? 'full' : 'quick' }
/** Compiled once for some hundred processes that load the same modules. Not where branches are counted: V8 sees less of what it did not compile. */
const compiled = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/tests') }

// Ten times faster for many small files; not for files with hooks, which would run around the tests of all others.
const oneProcess = '--test-isolation=none'
// Node's own choice is one fewer than there are cores: half of a small machine. A browser and its server wait for each other, too.
const twoAtOnce = ['--test-concurrency=2']
const pure = ['otp', 'protocol', 'controller', 'drivers', 'host']
const coverage = [
  '--experimental-test-coverage',
  ...['packages/otp/src/**/*.ts', 'packages/protocol/src/messages/**/*.ts', 'packages/protocol/src/topics.ts', 'packages/controller/src/**/*.ts', 'packages/drivers/src/**/*.ts', 'packages/host/src/**/*.ts'].map((path) => `--test-coverage-include=${path}`),
  ...['**/*.test.ts', '**/testing/**', 'packages/otp/src/stores/contract.ts', 'packages/otp/src/stores/contract/**'].map((path) => `--test-coverage-exclude=${path}`),
  '--test-coverage-branches=100', '--test-coverage-lines=100', '--test-coverage-functions=100'
]

const parts = {
  check: () => run('checks', process.execPath, ['scripts/check.mjs']),
  pure: () => tests('pure packages, every branch covered', pure.map((name) => `packages/${name}/src/**/*.test.ts`), [oneProcess, ...coverage]),
  server: () => tests('client, server, simulator, web, devices', ['packages/client/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'apps/web/scripts/*.test.ts', 'devices/*/src/**/*.test.ts'], twoAtOnce, compiled),
  postgres: () => tests('the server once more, on PostgreSQL', ['apps/server/src/**/*.test.ts'], twoAtOnce, { ...compiled, ONCEKEY_TEST_DATABASE: 'postgres' }, standsOnDatabase),
  xs: async () => await xsInstalled?.() === true && tests('the controller on the XS engine', ['xs/*.test.ts'], twoAtOnce),
  attack: () => tests('attacks', ['attack/*.test.ts'], full ? ['--test-concurrency=1'] : twoAtOnce, compiled),
  faults: () => tests('faults: kills, disks, clocks, broken requests', ['faults/**/*.test.ts'], twoAtOnce, compiled),
  image: () => tests('the image, built and run without an engine', ['deploy/test/*.test.ts']),
  journeys: async () => {
    ensureCertutil()
    return tests('journeys in a real browser', ['e2e/**/*.test.ts'], twoAtOnce, { ...compiled, CHROMIUM: await ensureChromium() })
  }
}

if (only !== undefined && !(only in parts)) {
  console.error(`There is no part "${only}"; parts are ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}

// Compiled beside the parts that come before it.
const xsInstalled = only === undefined || only === 'xs' ? beginXs() : null
// One server of each kind for all parts: a test that needs one finds it by a variable.
const postgres = ['check', 'xs', 'image'].includes(only) ? null : await startPostgres()
if (postgres !== null) env[SHARED] = postgres.shared
const redis = only === undefined || only === 'pure' || only === 'journeys' ? await startRedis() : null
if (redis !== null) env[SHARED_REDIS] = redis.socket
await runAll(Object.entries(parts).filter(([name]) => only === undefined || only === name).map(([, part]) => part))
await redis?.stop()
await postgres?.stop()

/** Tests of the server that build a house: the others are the same on every database. */
function standsOnDatabase (path) {
  return /testing\/(house|world|verifier|database)\.ts|\.\/(house|world|verifier|database)\.ts/.test(readFileSync(join(root, path), 'utf8'))
}

function tests (title, globs, flags = [], more = {}, isWanted = () => true) {
  const files = globs.flatMap((glob) => globSync(glob, { cwd: root, exclude: (name) => name === 'node_modules' })).filter(isWanted).sort()
  if (files.length === 0) {
    console.error(`No test files match ${globs.join(', ')}.`)
    return false
  }
  return run(title, process.execPath, ['--test', '--test-reporter=./scripts/reporter.mjs', '--test-reporter-destination=stdout', ...flags, ...files], { env: { ...env, ...more } })
}
