import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Request } from './load.ts'
import { freePort } from '../scripts/free-port.mjs'
import { startProgram, type Served } from './processes.ts'

/** Something else that sends and checks codes: a server, and makers of starts and of their right checks, as `Oncekey` has them. */
export type Peer = Served & { name: string, starts: (count: number) => Request[], checks: (starts: readonly Request[], bodies: readonly string[]) => Promise<Request[]>, isQuick?: boolean }

const here = join(import.meta.dirname, 'peers')

/** The same framework with the same two routes and nothing behind them; or one durable commit of one row (SQLite, WAL, synchronous FULL). */
export async function bareFastify ({ commits = false }: { commits?: boolean } = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  const { found, child, stop } = await startProgram({ command: process.execPath, args: [join(here, 'bare-check.mjs')], ready: /(http:\S+)/, env: commits ? { BENCH_DATABASE: join(folder, 'rows.db') } : {} })
  return {
    url: found, pids: () => [child.pid ?? 0],
    async stop () {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** The same framework and database with what can not be left out of a durable verification on record, by hand in one file: the floor of the parts under us. */
export async function least (): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  const secret = randomBytes(32).toString('base64url')
  const headers = { authorization: `Bearer ${secret}` }
  const { found: url, child, stop } = await startProgram({ command: process.execPath, args: ['--no-parallel-scavenge', join(here, 'least.mjs')], ready: /(http:\S+)/, env: { BENCH_DATABASE: join(folder, 'least.db'), BENCH_SECRET: secret } })
  let made = 0
  return {
    name: 'the least that a durable verification on record does', isQuick: true, url, pids: () => [child.pid ?? 0],
    starts: (count) => Array.from({ length: count }, () => ({ path: '/api/v1/verifications', body: JSON.stringify({ to: `somebody${String(made++).padStart(6, '0')}@bench.example` }), headers })),
    async checks (_starts, bodies) {
      const codes: Record<string, string> = JSON.parse(await (await fetch(url + '/codes', { headers })).text())
      return bodies.map((body) => {
        const { id }: { id: string } = JSON.parse(body)
        return { path: `/api/v1/verifications/${id}/check`, body: JSON.stringify({ code: codes[id] }), headers }
      })
    },
    async stop () {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** The same framework with the routes of an account and nothing behind them. */
export async function bareAccount (): Promise<Served> {
  const { found, child, stop } = await startProgram({ command: process.execPath, args: [join(here, 'bare-account.mjs')], ready: /(http:\S+)/ })
  return { url: found, pids: () => [child.pid ?? 0], stop }
}

/** Better Auth, installed on demand into the temporary folder, by its pinned version. @throws Error when it can not be had */
export async function betterAuth (): Promise<Peer> {
  const home = join(tmpdir(), 'oncekey-bench-better-auth-1.7.24')
  mkdirSync(home, { recursive: true })
  for (const file of ['package.json', 'server.mjs']) copyFileSync(join(here, 'better-auth', file), join(home, file))
  if (!existsSync(join(home, 'node_modules/better-auth'))) mustRun('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], home)
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  const { found: url, child, stop } = await startProgram({ command: process.execPath, args: ['--disable-warning=ExperimentalWarning', 'server.mjs'], cwd: home, ready: /(http:\S+)/, env: { BENCH_DATABASE: join(folder, 'auth.db') } })
  let made = 0
  return {
    name: 'Better Auth 1.7.24, sign-in by e-mail OTP, SQLite', url, pids: () => [child.pid ?? 0],
    starts: (count) => Array.from({ length: count }, () => ({ path: '/api/auth/email-otp/send-verification-otp', body: JSON.stringify({ email: `somebody${made++}@bench.example`, type: 'sign-in' }) })),
    async checks (starts) {
      const codes: Record<string, string> = JSON.parse(await (await fetch(url + '/codes')).text())
      return starts.map(({ body }) => {
        const { email }: { email: string } = JSON.parse(body)
        return { path: '/api/auth/sign-in/email-otp', body: JSON.stringify({ email, otp: codes[email] }) }
      })
    },
    async stop () {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Flask under gunicorn before Redis, all from Debian: installed when this is root. @throws Error when it can not be had */
export async function flaskAndRedis (): Promise<Peer> {
  if (!['/usr/bin/redis-server', '/usr/bin/gunicorn'].every((path) => existsSync(path))) {
    if (process.getuid?.() !== 0) throw new Error('redis-server, gunicorn, python3-flask and python3-redis are not installed, and only root may')
    mustRun('apt-get', ['update', '-qq'])
    mustRun('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server', 'gunicorn', 'python3-flask', 'python3-redis'])
  }
  const port = await freePort()
  const redis = await startProgram({ command: '/usr/bin/redis-server', args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], ready: /(Ready to accept connections)/ })
  try {
    const app = await startProgram({
      // Threads, because gunicorn's plain workers close every connection; one process, as ours is.
      command: '/usr/bin/gunicorn', args: ['-k', 'gthread', '-w', '1', '--threads', '64', '--keep-alive', '75', '-b', '127.0.0.1:0', 'app:app'],
      cwd: join(here, 'seed-design'), ready: /(http:\S+)/, env: { BENCH_REDIS_PORT: String(port), PYTHONDONTWRITEBYTECODE: '1' }
    })
    let made = 0
    return {
      name: 'Flask, gunicorn and Redis, not durable', url: app.found, pids: () => [app.child.pid ?? 0, redis.child.pid ?? 0],
      starts: (count) => Array.from({ length: count }, () => ({ path: '/generate-otp', body: JSON.stringify({ phone: `+1555${made++}` }) })),
      checks: (starts, bodies) => Promise.resolve(starts.map(({ body }, i) => ({ path: '/verify-otp', body: JSON.stringify({ phone: JSON.parse(body).phone, otp: JSON.parse(bodies[i] ?? '').otp }) }))),
      async stop () {
        await app.stop()
        await redis.stop()
      }
    }
  } catch (error) {
    await redis.stop()
    throw error
  }
}

function mustRun (command: string, args: string[], cwd?: string): void {
  const done = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, ...cwd === undefined ? {} : { cwd } })
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} did not work: ${(done.stderr || (done.error?.message ?? '')).trim().slice(-300)}`)
}
