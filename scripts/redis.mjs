// A Redis of one's own for tests and measurements: on a socket in a temporary folder, with the durability that is asked
// for. It stops and leaves nothing behind, also when whoever started it is killed.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { canInstall, install } from './debian.mjs'

/** Where a server's socket stands for the tests that a runner starts. */
export const SHARED = 'ONCEKEY_TEST_REDIS'

/**
 * Starts a Redis or Valkey server. `settings` are lines of redis.conf, as `{ appendonly: 'yes' }`; `folder` is that of an
 * earlier one whose data is to be there again. `stop` ends it and removes the folder, `kill` ends it as a power cut would
 * and leaves the folder.
 * @returns {Promise<import('./redis.mjs').OwnRedis>}
 * @throws Error that says what to install
 */
export async function startRedis ({ settings = {}, folder = mkdtempSync(join(tmpdir(), 'oncekey-redis-')) } = {}) {
  const program = ensureRedis()
  const socket = join(folder, 'socket')
  rmSync(socket, { force: true })
  const lines = { port: '0', unixsocket: socket, dir: folder, save: '', appendonly: 'no', logfile: join(folder, 'log'), ...settings }
  // The shell lives as long as its input is open, so the server ends with us however we end.
  const script = '"$@" & server=$!; cat > /dev/null; kill -9 $server; wait $server'
  const child = spawn('sh', ['-c', script, 'sh', program, ...Object.entries(lines).flatMap(([name, value]) => [`--${name}`, value])], { stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = new Promise((resolve) => { child.once('exit', resolve) })
  const kill = async () => {
    child.ref()
    child.stdin.end()
    await ended
  }
  const stop = async () => {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  }
  for (let tries = 0; !await answers(socket); tries++) {
    if (child.exitCode !== null || tries === 500) {
      const said = existsSync(lines.logfile) ? readFileSync(lines.logfile, 'utf8') : ''
      await stop()
      throw new Error(`${program} did not start: ${said.slice(-2000).trim()}`)
    }
    await wait(20)
  }
  // Whoever forgets to stop it can end nevertheless.
  for (const handle of [child, child.stdin]) handle.unref()
  return { socket, folder, pid: child.pid ?? 0, kill, stop }
}

/**
 * The server that the tests' runner has started, or one of our own, which ends with this process. Several files may use
 * it at once: each takes a prefix of its own.
 * @returns {Promise<{ socket: string, stop: () => Promise<void> }>}
 */
export async function sharedRedis () {
  const socket = process.env[SHARED]
  return socket === undefined ? startRedis() : { socket, stop: async () => {} }
}

/** The path of redis-benchmark, which comes with the server. */
export function redisBenchmark () {
  ensureRedis()
  return find('redis-benchmark', 'valkey-benchmark') ?? 'redis-benchmark'
}

/** The path of the server's program. @throws Error that says what to install */
export function redisProgram () {
  return ensureRedis()
}

function ensureRedis () {
  const found = find('redis-server', 'valkey-server')
  if (found !== null) return found
  if (canInstall()) {
    install('the tests of the Redis store', 'redis-server')
    const installed = find('redis-server', 'valkey-server')
    if (installed !== null) return installed
  }
  throw new Error('The tests of the Redis store need Redis 7 or Valkey. Install it ("sudo apt-get install redis-server"), or put redis-server on the PATH.')
}

function find (...names) {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  return places.filter((path) => path !== '').flatMap((path) => names.map((name) => join(path, name))).find((path) => existsSync(path)) ?? null
}

function answers (path) {
  return new Promise((resolve) => {
    const socket = connect(path, () => { socket.write('PING\r\n') })
    // While it loads its data it says so instead.
    socket.once('data', (said) => { socket.destroy(); resolve(String(said).startsWith('+PONG')) }).once('error', () => { resolve(false) })
  })
}
