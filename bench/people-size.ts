/**
 * `node bench/people-size.ts [PEOPLE] [--postgres]`: what many people cost. The program as people run it gets PEOPLE (100,000) by
 * importing lists of at most 10,000, of which the last is timed while somebody changes and looks at things; then its list and its
 * searches are asked for page by page, through HTTP. Times in ms; standard output has them as JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { desk } from '@oncekey/client/desk'
import { Client as Postgres } from 'pg'
import { sharedPostgres } from '../scripts/postgres.mjs'
import { startProgram } from './processes.ts'

const AT_ONCE = 10_000
/** With grants, codes and sessions, as the busiest of a site have them. */
const BUSY = 5_000
const TURNS = 200
const login = { login: 'bench@bench.example', password: 'nobody guesses this' }
const first = ['Maria', 'Marco', 'Martha', 'Markus', 'Jonas', 'Zoë', 'Ömer', 'Léa', 'Ivan', 'Ana', 'Paul', 'Ines', 'Tom', 'Ute', 'Wei', 'Nia']
const last = ['Lopez', 'López', 'Müller', 'Novák', 'Schmidt', 'Silva', 'Costa', 'Nguyen', 'Kowalski', 'Brown', 'Rossi', 'Haas', 'Berg', 'Vogel']

/** Half of all people have a first name that begins with "mar", and none is like another. */
function listOf (from: number, count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const n = from + i
    const name = `${n % 2 === 0 ? first[(n >> 1) % 4] : first[4 + (n >> 1) % 12]} ${last[(n * 7) % last.length]}${n % 5 === 0 ? ` ${last[(n * 3) % last.length]}` : ''}`
    return `${name},person${n}@site${n % 50}.example,${n % 3 === 0 ? `user.${n}` : ''},${n % 1000 === 0 ? 'operator' : 'member'}`
  })
  return `name,email,username,role\n${rows.join('\n')}`
}

async function peopleSize (people: number, isPostgres: boolean): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  const url = isPostgres ? await (await sharedPostgres()).url('people_size') : null
  const start = async () => startProgram({
    command: process.execPath, args: ['--max-semi-space-size=8', join(import.meta.dirname, '../apps/server/bin/oncekey.mjs'), 'start'], ready: /(http:\S+)/,
    env: { ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0', ...url === null ? {} : { ONCEKEY_DATABASE_URL: url } }
  })
  let server = await start()
  try {
    const { origin, searchParams } = new URL(server.found)
    const cookies = fetchWithCookies()
    let client = createClient({ base: origin, fetch: cookies })
    const { imports } = desk({ base: origin, fetch: cookies })
    await client.setup.start({ token: searchParams.get('token') ?? '', name: 'Bench', email: login.login, password: login.password, siteName: 'Bench', timeZone: 'UTC', demonstration: true })
    const seconds: number[] = []
    const meanwhile = { change: [] as number[], look: [] as number[] }
    for (let from = 0; from < people; from += AT_ONCE) {
      const isLast = from + AT_ONCE >= people
      seconds.push(await importList(client, imports, listOf(from, Math.min(AT_ONCE, people - from)), isLast ? meanwhile : null))
      console.error(`  ${Math.min(people, from + AT_ONCE).toLocaleString('en')} people, the last of them in ${seconds.at(-1)?.toFixed(1)} s`)
    }
    await server.stop()
    await makeBusy(folder, url)
    server = await start()
    client = createClient({ base: new URL(server.found).origin, fetch: fetchWithCookies() })
    await client.session.start(login)
    return {
      database: isPostgres ? 'PostgreSQL' : 'SQLite', people, importSeconds: { first: round(seconds[0] ?? 0), last: round(seconds.at(-1) ?? 0) },
      duringImport: { change: spread(meanwhile.change), look: spread(meanwhile.look) }, ...await ask(client, people)
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Client = ReturnType<typeof createClient>
type Imports = ReturnType<typeof desk>['imports']

/** From the upload to the last row; meanwhile, a change that waits in the same queue as a door's question, and a page. */
async function importList (client: Client, imports: Imports, list: string, meanwhile: { change: number[], look: number[] } | null): Promise<number> {
  const seen = await imports.preview(list)
  if (seen.faulty > 0 || seen.here > 0) throw new Error(`The list has faults: ${JSON.stringify(seen.faults.slice(0, 3))}`)
  const me = await client.me.get()
  const begun = performance.now()
  let state = imports.start(list)
  for (let turn = 0; ; turn++) {
    if (meanwhile !== null) {
      meanwhile.change.push(await timed(() => client.people.change(me.id, { name: `Bench ${turn}` })))
      meanwhile.look.push(await timed(() => client.people.list()))
    } else await sleep(50)
    const { id } = await state
    const now = await imports.get(id)
    if (now.state === 'done') break
    if (now.state !== 'running') throw new Error(`The import ${now.state}.`)
    state = Promise.resolve(now)
  }
  return (performance.now() - begun) / 1000
}

/** Grants, live codes, a history of codes and sessions for some thousands: what rows of a page have to count. */
async function makeBusy (folder: string, url: string | null): Promise<void> {
  const client = url === null ? null : new Postgres({ connectionString: url })
  await client?.connect()
  const database = url === null ? new DatabaseSync(join(folder, 'oncekey.db')) : null
  const run = async (sql: string): Promise<void> => { if (client === null) database?.exec(sql); else await client.query(sql) }
  const busy = `SELECT id FROM people WHERE email LIKE 'person%' ORDER BY id LIMIT ${BUSY}`
  const now = Date.now()
  const text = url === null ? (sql: string) => sql : (sql: string) => sql.replaceAll(/hex\(randomblob\(16\)\)/g, 'gen_random_uuid()::text')
  await run(text(`INSERT INTO grants (id, person_id, access_point_id, starts_at, ends_at, given_by, created_at, ended_at)
    SELECT hex(randomblob(16)), p.id, a.id, NULL, NULL, p.id, ${now}, NULL FROM (${busy}) p CROSS JOIN (SELECT id FROM access_points ORDER BY id LIMIT 3) a`))
  for (const [state, expires, count] of [['issued', now + 86_400_000, 2], ['used', now - 86_400_000, 8]] as const) {
    await run(text(`INSERT INTO codes (id, access_point_id, controller_id, holder_id, grant_id, issued_by, mode, state, created_at, valid_from, expires_at, otp_id)
      SELECT hex(randomblob(16)), a.id, a.controller_id, p.id, NULL, p.id, 'pulse', '${state}', ${now}, ${now}, ${expires}, hex(randomblob(16)) FROM (${busy}) p CROSS JOIN (SELECT id, controller_id FROM access_points ORDER BY id LIMIT ${count}) a`))
  }
  await run(text(`INSERT INTO sessions (token_hash, person_id, created_at, last_seen_at, address, agent, idle_ms, ends_at, proven_at) SELECT hex(randomblob(16)), p.id, ${now}, ${now}, '127.0.0.1', 'bench', 3600000, ${now + 43_200_000}, ${now} FROM (${busy}) p CROSS JOIN (SELECT 1 FROM access_points LIMIT 2) a`))
  // PostgreSQL does so by itself within a minute or two.
  if (client !== null) await run('ANALYZE')
  await client?.end()
  database?.close()
}

/** Each kind of question, many times, through HTTP, one after the other. */
async function ask (client: Client, people: number): Promise<Record<string, unknown>> {
  const deep = await pageAt(client, {}, Math.min(100, Math.floor(people / 400)))
  const deepSearch = await pageAt(client, { q: 'mar' }, Math.min(60, Math.floor(people / 800)))
  const kinds: [string, (i: number) => Parameters<Client['people']['list']>[0]][] = [
    ['first page', () => ({})], ['first page of 200', () => ({ limit: 200 })], ['a page deep inside', () => ({ after: deep })],
    ['operators', () => ({ role: 'operator' })], ['invited members', () => ({ role: 'member', state: 'invited' })], ['suspended (nobody)', () => ({ state: 'suspended' })],
    ['"mar" (half of all)', () => ({ q: 'mar' })], ['"mar", deep inside', () => ({ q: 'mar', after: deepSearch })], ['"m"', () => ({ q: 'm' })], ['"example" (all)', () => ({ q: 'example' })],
    ['a whole address', (i) => ({ q: `person${(i * 379) % people}@site` })], ['"mar lop"', () => ({ q: 'mar lop' })], ['"mar user" (two that are many)', () => ({ q: 'mar user' })],
    ['"zoe mar" (many, together none)', () => ({ q: 'zoe mar' })], ['"mar", operators', () => ({ q: 'mar', role: 'operator' })], ['"mar", suspended', () => ({ q: 'mar', state: 'suspended' })], ['nobody', (i) => ({ q: `xyz${i}` })]
  ]
  const pages: Record<string, unknown> = {}
  const all: number[] = []
  for (const [name, query] of kinds) {
    const times: number[] = []
    for (let i = 0; i < TURNS; i++) times.push(await timed(() => client.people.list(query(i))))
    all.push(...times)
    pages[name] = spread(times)
    console.error(`  ${name.padEnd(34)} p50 ${spread(times).p50} ms, p95 ${spread(times).p95} ms`)
  }
  return { pages, allPages: spread(all) }
}

async function pageAt (client: Client, query: { q?: string }, page: number): Promise<string> {
  let after: string | undefined
  for (let i = 0; i < page; i++) {
    const { next } = await client.people.list({ ...query, limit: 200, ...after !== undefined && { after } })
    if (next === null) break
    after = next
  }
  return after ?? ''
}

async function timed (what: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await what()
  return performance.now() - begun
}

function spread (times: readonly number[]): { p50: number, p95: number, most: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { p50: at(0.5), p95: at(0.95), most: at(1) }
}

function round (number: number): number {
  return Math.round(number * 10) / 10
}

if (import.meta.main) {
  const words = process.argv.slice(2)
  console.log(JSON.stringify(await peopleSize(Number(words.find((word) => /^\d+$/.test(word)) ?? 100_000), words.includes('--postgres')), null, 2))
}
