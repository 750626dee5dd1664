import { randomUUIDv7 } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { load, type Request } from './load.ts'
import { mailSink } from './mail-sink.ts'
import { freePort } from '../scripts/free-port.mjs'
import { startProgram, type Served } from './processes.ts'

export type Oncekey = Served & {
  /** Starts of so many verifications, each of a recipient of its own. */
  starts: (count: number) => Request[]
  /** The right checks of starts that were answered with `bodies`, once their mails are there. */
  checks: (starts: readonly Request[], bodies: readonly string[]) => Promise<Request[]>
  /** Keeps its mails waiting, for ten seconds at most. */
  holdMail: () => void
  releaseMail: () => void
  /** Makes so many people, has a code mailed to each, and gives the right sign-in of each. Not on PostgreSQL. */
  signIns: (count: number) => Promise<Request[]>
  /** So many reads of who is signed in. */
  reads: (count: number) => Request[]
}

/** Of a PostgreSQL: the address of an empty database, and the process whose descendants count as ours. */
export type Database = { url: string, pid: number }

/**
 * The program as people run it, on a fresh data folder, with mail going to a sink.
 * @param flags for Node, e.g. --cpu-prof
 * @param behindProxy each request may come from a network of its own, as X-Forwarded-For says: the budgets of one would end a run of sign-ins
 * @param fill is given the database of the stopped program, with one verification in it, before it starts again. Not on PostgreSQL
 */
export async function startOncekey ({ flags = [], database, behindProxy = false, fill }: { flags?: string[], database?: Database, behindProxy?: boolean, fill?: (path: string) => void } = {}): Promise<Oncekey> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  const sink = await mailSink()
  const port = await freePort()
  const bin = join(import.meta.dirname, '../apps/server/bin/oncekey.mjs')
  const run = () => startProgram({
    command: process.execPath, args: ['--max-semi-space-size=8', ...flags, bin, 'start'], ready: /(http:\S+)/,
    env: {
      ...behindProxy && { ONCEKEY_TRUSTED_PROXIES: 'loopback', ONCEKEY_PUBLIC_URL: `http://127.0.0.1:${port}` }, ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: String(port), ONCEKEY_MQTT_PORT: '0', ONCEKEY_SMTP_URL: sink.url, ...database === undefined ? {} : { ONCEKEY_DATABASE_URL: database.url }
    }
  })
  let program = await run()
  const { origin: url, searchParams } = new URL(program.found)
  let cookie = ''
  const withCookies = fetchWithCookies()
  const owner = createClient({
    base: url,
    fetch: async (input, init) => {
      const answer = await withCookies(input, init)
      cookie = /oncekey=[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0] ?? cookie
      return answer
    }
  })
  await owner.setup.start({ token: searchParams.get('token') ?? '', name: 'Bench', email: 'bench@bench.example', password: 'nobody guesses this', siteName: 'Bench', timeZone: 'UTC', demonstration: false })
  const { secret } = await owner.apiKeys.make({ name: 'Bench' })
  const headers = { authorization: `Bearer ${secret}` }
  let made = 0
  const starts = (count: number): Request[] => Array.from({ length: count }, () => ({ path: '/api/v1/verifications', body: JSON.stringify({ to: `somebody${String(made++).padStart(6, '0')}@bench.example` }), headers }))
  if (fill !== undefined) {
    await load(url, starts(1), 1)
    await sink.until(1)
    await program.stop()
    fill(join(folder, 'oncekey.db'))
    program = await run()
  }
  return {
    url,
    pids: () => [program.child.pid ?? 0, ...database === undefined ? [] : [database.pid]],
    starts,
    async checks (begun, bodies) {
      await sink.until(made)
      return begun.map(({ body }, i) => ({ path: `/api/v1/verifications/${String(JSON.parse(bodies[i] ?? '').id)}/check`, body: JSON.stringify({ code: sink.codes.get(String(JSON.parse(body).to)) }), headers }))
    },
    holdMail: sink.hold,
    releaseMail: sink.release,
    async signIns (count) {
      const names = Array.from({ length: count }, (_, i) => `person${String(made + i).padStart(6, '0')}@bench.example`)
      made += count
      addPeople(join(folder, 'oncekey.db'), names)
      const { bodies, statuses } = await load(url, names.map((login, i) => ({ path: '/api/v1/sign-in-codes', body: JSON.stringify({ login }), headers: networkOf(made + i) })), 64)
      if (statuses[202] !== count) throw new Error(`Asking for codes: ${JSON.stringify(statuses)} ${bodies.find((body) => !body.includes('challenge')) ?? ''}`)
      await sink.until(made)
      return bodies.map((body, i) => ({ path: '/api/v1/sessions/by-code', body: JSON.stringify({ challenge: String(JSON.parse(body).challenge), code: sink.codes.get(names[i] ?? '') }), headers: networkOf(made + i) }))
    },
    reads: (count) => Array.from({ length: count }, () => ({ method: 'GET', path: '/api/v1/me', body: '', headers: { cookie } })),
    async stop () {
      await program.stop()
      sink.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** People with ids as the program makes them, and with the owner's password: to hash one for each would take longer than what is measured. */
function addPeople (path: string, emails: readonly string[]): void {
  const database = new DatabaseSync(path, { timeout: 5000 })
  try {
    const owner = database.prepare("SELECT site_id, password_hash FROM people WHERE role = 'owner'").get()
    const insert = database.prepare("INSERT INTO people (id, site_id, name, email, role, password_hash, created_at) VALUES (?, ?, 'Somebody', ?, 'member', ?, ?)")
    database.exec('BEGIN IMMEDIATE')
    for (const email of emails) insert.run(randomUUIDv7(), owner?.['site_id'] ?? null, email, owner?.['password_hash'] ?? null, Date.now())
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

function networkOf (i: number): Record<string, string> {
  return { 'x-forwarded-for': `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}` }
}
