// A PostgreSQL of one's own for tests and measurements: a new cluster in a temporary folder, durable as a real one
// (fsync on), on a free port of 127.0.0.1. It stops and leaves nothing behind, also when whoever started it is killed.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, closeSync, existsSync, globSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { canInstall, install } from './debian.mjs'
import { freePort } from './free-port.mjs'

const run = promisify(execFile)
const USER = 'oncekey'
/** Where a cluster's address stands for the tests that a runner starts. */
export const SHARED = 'ONCEKEY_TEST_POSTGRES'
const isRoot = process.getuid?.() === 0

/**
 * Starts a PostgreSQL server. `url(name)` makes a new, empty database (an older one of that name goes) and resolves to
 * its address, password included; names are a-z, 0-9 and _. `at(name)` is the address of one that is there. `stop` ends the
 * server and removes its folder.
 * `shared` is the text for the environment variable of the same name, by which `sharedPostgres` finds this server; `pid`
 * is of the process whose descendants they all are.
 * @returns {Promise<{ url: (name: string) => Promise<string>, at: (name: string) => string, shared: string, pid: number, stop: () => Promise<void> }>}
 * @throws Error that says what to install
 */
export async function startPostgres () {
  const bin = ensurePostgres()
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-postgres-'))
  const password = randomBytes(12).toString('hex')
  const owner = unprivileged()
  const as = { ...owner, cwd: folder }
  try {
    writeFileSync(join(folder, 'password'), password, { mode: 0o600 })
    if (owner.uid !== undefined) for (const path of [folder, join(folder, 'password')]) chownSync(path, owner.uid, owner.gid)
    const data = join(folder, 'data')
    // A sorting order of people, not of bytes: code that leans on the order of bytes has to say so.
    const order = versionOf(bin) >= 15 ? ['--locale-provider=icu', '--icu-locale=en-US'] : []
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', USER, '--pwfile', join(folder, 'password'), '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8', ...order, '--no-sync', '--no-instructions'], { ...as, stdio: 'pipe' })
    const { port, pid, stop } = await serve(bin, data, folder, as)
    const shared = JSON.stringify({ bin, port, password })
    return { ...addressesOf(shared), shared, pid, stop }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * The server that the tests' runner has started, or one of our own, which ends with this process.
 * @returns {Promise<{ url: (name: string) => Promise<string>, at: (name: string) => string, shared: string, stop: () => Promise<void> }>}
 */
export async function sharedPostgres () {
  const shared = process.env[SHARED]
  return shared === undefined ? startPostgres() : { ...addressesOf(shared), shared, stop: async () => {} }
}

function addressesOf (shared) {
  const { bin, port, password } = JSON.parse(shared)
  const tool = (name, ...args) => run(join(bin, name), ['-h', '127.0.0.1', '-p', String(port), '-U', USER, ...args], { env: { ...process.env, PGPASSWORD: password } })
  const at = (name) => `postgres://${USER}:${password}@127.0.0.1:${port}/${name}`
  const url = async (name) => {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new RangeError(`"${name}" is no name for a database here.`)
    await tool('dropdb', '--if-exists', '--force', name)
    await tool('createdb', name)
    return at(name)
  }
  return { at, url }
}

/** @returns when it takes connections */
async function serve (bin, data, folder, as) {
  const port = await freePort()
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'on', max_connections: 400, shared_buffers: '64MB', timezone: 'UTC' }
  // A file, because nobody reads a pipe while whoever started the server waits for a child of its own.
  const path = join(folder, 'log')
  const log = openSync(path, 'w')
  // The shell lives as long as its input is open, so the server ends with us however we end.
  const script = 'trap "" INT TERM; "$@" & server=$!; cat > /dev/null; kill -INT $server; wait $server; cd /; rm -rf "$0"'
  const child = spawn('sh', ['-c', script, folder, join(bin, 'postgres'), '-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])], { ...as, stdio: ['pipe', 'ignore', log] })
  closeSync(log)
  const ended = new Promise((resolve) => { child.once('exit', resolve) })
  const stop = async () => {
    child.ref()
    child.stdin.end()
    await ended
  }
  for (let tries = 0; ; tries++) {
    const said = readFileSync(path, 'utf8')
    if (said.includes('database system is ready')) break
    if (said.includes('FATAL') || tries === 1_500) {
      await stop()
      throw new Error(`PostgreSQL did not start: ${said.slice(-4_000).trim()}`)
    }
    await wait(20)
  }
  // Whoever forgets to stop it can end nevertheless.
  for (const handle of [child, child.stdin]) handle.unref()
  return { port, pid: child.pid ?? 0, stop }
}

/** The folder of PostgreSQL's programs, installed when need be and possible. */
function ensurePostgres () {
  const found = binaries()
  if (found !== null) return found
  if (canInstall()) {
    install('the database tests', 'postgresql')
    const installed = binaries()
    if (installed !== null) return installed
  }
  throw new Error('The database tests need PostgreSQL 14 or newer. Install it ("sudo apt-get install postgresql"), or put its initdb on the PATH.')
}

function binaries () {
  const places = [...(process.env.PATH ?? '').split(':'), ...globSync('/usr/lib/postgresql/*/bin').sort((a, b) => Number(b.split('/')[4]) - Number(a.split('/')[4])), '/opt/homebrew/bin', '/usr/local/pgsql/bin']
  return places.find((path) => path !== '' && ['initdb', 'postgres', 'createdb', 'dropdb'].every((name) => existsSync(join(path, name)))) ?? null
}

function versionOf (bin) {
  return Number(/\(PostgreSQL\) (\d+)/.exec(execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }))?.[1] ?? 0)
}

/** PostgreSQL refuses to run as root: then as the user of its package, or as nobody. */
function unprivileged () {
  if (!isRoot) return {}
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'))
  const user = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody')
  if (user === undefined) throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" here to run it as.')
  return { uid: Number(user[2]), gid: Number(user[3]) }
}
