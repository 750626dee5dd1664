// All tests of the project, with nothing on the machine but Node and Debian's package manager. `--full`: the sizes that
// the documentation quotes. `--only=journeys` (check | pure | image | journeys | faults | attack | xs | postgres | server) runs
// one part. What each part is stands below in `parts`; all their jobs go through one pool, a few at once.
import { ensureCertutil, ensureChromium, ensurePdftoppm } from './chromium.mjs'
import { command, runPool, testFile, testFilesTogether } from './pool.mjs'
import { SHARED, startPostgres } from './postgres.mjs'
import { SHARED as SHARED_REDIS, startRedis } from './redis.mjs'
import { root } from './steps.mjs'
import { beginXs } from './xs.mjs'
import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

const full = process.argv.includes('--full')
const only = process.argv.find((word) => word.startsWith('--only='))?.slice(7)
const isWanted = (...names) => only === undefined || names.includes(only)
/** For every test that is started below. */
process.env['ONCEKEY_TEST_SIZE'] = full ? 'full' : 'quick'
/** Compiled once for some hundred processes that load the same modules. Not where branches are counted: V8 sees less of what it did not compile. */
const compiled = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/tests') }

const pure = ['otp', 'protocol', 'controller', 'drivers', 'host', 'vision']
const coverage = [
  '--experimental-test-coverage',
  ...['packages/otp/src/**/*.ts', 'packages/protocol/src/access/**/*.ts', 'packages/protocol/src/messages/**/*.ts', 'packages/protocol/src/topics.ts', 'packages/controller/src/**/*.ts', 'packages/drivers/src/**/*.ts', 'packages/host/src/**/*.ts', 'packages/vision/src/*.ts'].map((path) => `--test-coverage-include=${path}`),
  ...['**/*.test.ts', '**/testing/**', 'packages/otp/src/stores/contract.ts', 'packages/otp/src/stores/contract/**'].map((path) => `--test-coverage-exclude=${path}`),
  '--test-coverage-branches=100', '--test-coverage-lines=100', '--test-coverage-functions=100'
]
/** They compare times of a few milliseconds, hold a whole start to a budget, or a look or an answer to a part of a second: nothing runs beside them. */
const alone = ['attack/answers.test.ts', 'e2e/first-day.test.ts', 'e2e/first-start.test.ts', 'e2e/watch-size.test.ts', ...['people/passwords', 'challenges/used-up-name', 'verifications/log', 'webhooks/post'].map((name) => `apps/server/src/${name}.test.ts`)]

/** A part is a list of jobs. The long ones come first, so that at the end no core waits for one of them. */
const parts = {
  check: () => [command('types, lint, import rules, dead code', ['scripts/check.mjs'], { isPatient: !full })],
  // In one process, ten times faster for many small files; not for files with hooks, which would run around the tests of all others.
  pure: () => [command('pure packages, every branch covered', ['--test', '--test-reporter=./scripts/reporter.mjs', '--test-reporter-destination=stdout', '--test-isolation=none', ...coverage, ...files(pure.map((name) => `packages/${name}/src/**/*.test.ts`))], { isPatient: !full })],
  image: () => testFiles(['deploy/test/*.test.ts']),
  journeys: () => testFiles(['e2e/**/*.test.ts'], { env: compiled }),
  faults: () => testFiles(['faults/**/*.test.ts'], { env: compiled }),
  attack: () => testFiles(['attack/*.test.ts'], { env: compiled }),
  xs: () => testFiles(['xs/*.test.ts'], { ready: xsInstalled }),
  postgres: () => mostlyTogether(['apps/server/src/**/*.test.ts'], { env: { ...compiled, ONCEKEY_TEST_DATABASE: 'postgres' }, where: standsOnDatabase }),
  server: () => mostlyTogether(['packages/client/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'apps/web/scripts/*.test.ts', 'devices/*/src/**/*.test.ts'], { env: compiled })
}

if (only !== undefined && !(only in parts)) {
  console.error(`There is no part "${only}"; parts are ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}

// Compiled beside the parts that come before it; the first of its files waits for that, and tells how it went.
const compiling = isWanted('xs') ? beginXs() : undefined
let installed
const xsInstalled = () => installed ??= compiling()
if (isWanted('journeys')) {
  ensureCertutil()
  ensurePdftoppm()
  process.env['CHROMIUM'] = await ensureChromium()
}
// One server of each kind for all parts: a test that needs one finds it by a variable.
const postgres = ['check', 'xs', 'image'].includes(only) ? undefined : await startPostgres()
if (postgres !== undefined) process.env[SHARED] = postgres.shared
const redis = isWanted('pure', 'journeys') ? await startRedis() : undefined
if (redis !== undefined) process.env[SHARED_REDIS] = redis.socket

const jobs = Object.entries(parts).filter(([part]) => isWanted(part)).flatMap(([part, list]) => list().map((job) => ({ part, ...job })))
// No more than there are cores, unless these leave one unused: beside others that work, too, programs ran out of the patience
// that tests gave them. Full sizes measure, too.
const isWell = await runPool(jobs.map((job) => ({ ...job, isAlone: alone.includes(job.name) || (full && job.part === 'attack') })), full ? { atOnce: 2, more: 0 } : { atOnce: Math.max(2, availableParallelism()), more: 2 })
await redis?.stop()
await postgres?.stop()
if (!isWell) process.exitCode = 1

/** Tests of the server that build a house: the others are the same on every database. */
function standsOnDatabase (path) {
  return /testing\/(house|world|verifier|database)\.ts|\.\/(house|world|verifier|database)\.ts/.test(readFileSync(join(root, path), 'utf8'))
}

function testFiles (globs, { where = () => true, ...more } = {}) {
  return files(globs).filter(where).map((path) => testFile(path, more))
}

/** The same, but files without hooks share processes: a dozen each, so that one which fails is soon found. */
function mostlyTogether (globs, { where = () => true, ...more } = {}) {
  const [own, shared] = [[], []]
  for (const path of files(globs).filter(where)) (hasHooks(path) || alone.includes(path) ? own : shared).push(path)
  const groups = Object.values(Object.groupBy(shared, (_, i) => Math.floor(i / 12)))
  return [...groups.map((paths) => testFilesTogether(paths, more)), ...own.map((path) => testFile(path, more))]
}

function hasHooks (path) {
  return /^(?:before|after)(?:Each)?\(/m.test(readFileSync(join(root, path), 'utf8'))
}

function files (globs) {
  const found = globs.flatMap((glob) => globSync(glob, { cwd: root, exclude: (name) => name === 'node_modules' })).sort()
  if (found.length === 0) throw new Error(`No test files match ${globs.join(', ')}.`)
  return found
}
