import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import type { AuditQuery, AuditRow } from '@oncekey/protocol/schemas'
import type { Database } from './databases.ts'
import type { Order, Reply } from './server-child.ts'

/** One process of the server. */
export type Process = {
  url: string
  mqttPort: number
  /** Moves its clock; whoever has several moves them all. */
  setAhead: (ms: number) => Promise<void>
  /** Resident bytes, after garbage collection. */
  weigh: () => Promise<number>
  kill: (signal: NodeJS.Signals) => Promise<void>
  isAlive: () => boolean
}

/** Processes of the server on one database, set up, with the owner signed in at each. */
export type Fleet = {
  processes: Process[]
  /** The owner's client at each process. */
  owners: Client[]
  owner: Client
  folder: string
  /** All that was logged and printed so far. */
  logged: () => string
  /** One more process on the same database, e.g. after one was killed. */
  start: () => Promise<Process>
  /** Moves the clocks of all processes to `ms` ahead of the real one. */
  setAhead: (ms: number) => Promise<void>
  /** A client of nobody at the first process, with its own cookies. */
  stranger: () => Client
  /** All rows of the record that the query names, newest first. */
  record: (query?: AuditQuery) => Promise<AuditRow[]>
  /** Stops everything, removes what was made, and throws if the log has told of a defect while it ran. */
  end: () => Promise<void>
}

export const owner = { name: 'Rosa Vale', email: 'rosa@example.org', password: 'seven quiet lanterns' }

/** Starts `count` processes on a fresh database of that kind. */
export async function startFleet (database: Database, count: number, env: Record<string, string> = {}): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-attack-'))
  const settings = { ...await database.settings(), ...env }
  const lines: string[] = []
  const first = await startProcess(folder, settings, lines)
  const rosa = createClient({ base: first.url, fetch: fetchWithCookies() })
  const token = new URL(first.setupLink ?? 'http://none/').searchParams.get('token') ?? ''
  await rosa.setup.start({ token, ...owner, siteName: 'Harbour Hall', timeZone: 'Europe/Lisbon', demonstration: true })
  const processes: Process[] = [first]
  const owners = [rosa]
  while (processes.length < count) {
    const next = await startProcess(folder, settings, lines)
    const client = createClient({ base: next.url, fetch: fetchWithCookies() })
    await client.session.start({ login: owner.email, password: owner.password })
    processes.push(next)
    owners.push(client)
  }
  return {
    processes, owners, owner: rosa, folder,
    logged: () => lines.join(''),
    async start () {
      const next = await startProcess(folder, settings, lines)
      processes.push(next)
      return next
    },
    async setAhead (ms) { await Promise.all(processes.filter((one) => one.isAlive()).map((one) => one.setAhead(ms))) },
    stranger: () => createClient({ base: first.url, fetch: fetchWithCookies() }),
    async record (query = {}) {
      // Hours may have passed for her session.
      await rosa.session.start({ login: owner.email, password: owner.password })
      return wholeRecord(rosa, query)
    },
    async end () {
      const defects = lines.join('').split('\n').filter((line) => /database is locked|"level":"error"|deadlock|unhandled/i.test(line))
      await Promise.all(processes.map((one) => one.kill('SIGTERM')))
      rmSync(folder, { recursive: true, force: true })
      if (defects.length > 0) throw new Error(`The log tells of ${defects.length} defects, the first:\n${defects.slice(0, 3).join('\n')}`)
    }
  }
}

async function wholeRecord (client: Client, query: AuditQuery): Promise<AuditRow[]> {
  const rows: AuditRow[] = []
  for (let before: number | null | undefined; before !== null;) {
    const page = await client.audit.page({ ...query, limit: 200, ...before === undefined ? {} : { before } })
    rows.push(...page.rows)
    before = page.next
  }
  return rows
}

async function startProcess (folder: string, settings: Record<string, string>, lines: string[]): Promise<Process & { setupLink: string | null }> {
  const child = fork(join(import.meta.dirname, 'server-child.ts'), {
    execArgv: ['--expose-gc', '--max-semi-space-size=8'], stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir(), ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0', ...settings }
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => { lines.push(bytes.toString()) })
  // A test that fails is not to leave a server behind.
  const endIt = (): void => { child.kill('SIGKILL') }
  process.once('exit', endIt)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', endIt)
      resolve()
    })
  })
  const ready = await firstReply(child, lines)
  const order = orders(child)
  return {
    ...ready,
    setAhead: async (aheadMs) => { await order({ do: 'clock', aheadMs }) },
    weigh: () => order({ do: 'weigh' }),
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async kill (signal) {
      child.kill(signal)
      await ended
    }
  }
}

function firstReply (child: ChildProcess, lines: string[]): Promise<Extract<Reply, { is: 'ready' }>> {
  return new Promise((resolve, reject) => {
    child.once('message', (reply: Reply) => {
      if (reply.is === 'ready') resolve(reply)
      else reject(new Error('A server spoke before it was ready.'))
    })
    child.once('exit', (code) => { reject(new Error(`A server ended with ${code} before it was ready:\n${lines.join('')}`)) })
  })
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never

function orders (child: ChildProcess): (order: Unnumbered<Order>) => Promise<number> {
  const waiting = new Map<number, (bytes: number) => void>()
  let last = 0
  child.on('message', (reply: Reply) => {
    if (reply.is !== 'done') return
    waiting.get(reply.id)?.(reply.bytes)
    waiting.delete(reply.id)
  })
  return (order) => new Promise((resolve) => {
    const id = ++last
    waiting.set(id, resolve)
    child.send({ ...order, id })
  })
}
