/**
 * `node bench/expired-size.ts [ROWS]`: what verifications cost that are over. Two servers that differ in nothing but the number of
 * expired verifications that they keep, one and ROWS (100,000; ten million take half an hour and 10 GB in the temporary folder), are
 * asked the same things in turns by one who comes alone: starts, and checks of right codes. JSON lines on standard output; on
 * standard error also how far the rounds lie apart.
 */
import { statSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { figure, quantile } from './figures.ts'
import { load } from './load.ts'
import { startOncekey, type Oncekey } from './oncekey.ts'
import { line } from './page.ts'

const AT_ONCE = 500_000
const ROUNDS = 40
const WARM_UP = 5
/** Of each kind in one round. */
const COUNT = 40
/** They are kept for 30 days, and forgotten after that, which would be work beside what is measured. */
const DAYS = 29

/** As the program leaves them behind: each ended without a check, its mail sent and wiped. What is not named here is as in the one that is there. */
function fillExpired (path: string, count: number): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY')
  // Made again at the end in one go: row by row they cost several times as much.
  const indexes = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name IN ('verifications', 'outbox') AND sql IS NOT NULL").all()
  for (const one of indexes) database.exec(`DROP INDEX ${String(one['name'])}`)
  const verification = copier(database, 'verifications', ['id', 'recipient', 'recipient_key', 'status', 'created_at', 'expires_at', 'ended_at', 'code_hash'])
  const mail = copier(database, 'outbox', ['id', 'dedupe_key', 'verification_id', 'recipient', 'state', 'text', 'sealed', 'next_at', 'created_at', 'ended_at'])
  const step = DAYS * 86_400_000 / count
  const first = Date.now() - 60_000 - DAYS * 86_400_000
  for (let made = 0; made < count;) {
    database.exec('BEGIN')
    for (const end = Math.min(count, made + AT_ONCE); made < end; made++) {
      const at = Math.floor(first + made * step)
      // The middle of its 128 bits is of no matter here.
      const id = `${at.toString(36).padStart(9, '0')}${String(made * 7919 % 1e9).padStart(22, '0')}`
      const to = `expired${made}@bench.example`
      verification(id, to, `${(made * 48_271 % 2_147_483_647).toString(36).padStart(8, '0')}${String(made).padStart(35, '0')}`, 'expired', at, at + 600_000, at + 600_000, null)
      mail(`${at.toString(16).padStart(12, '0')}${made}`, `verification:${id}:1`, id, to, 'sent', null, null, at, at, at + 500)
    }
    database.exec('COMMIT')
    console.error(`  ${made.toLocaleString('en')} expired`)
  }
  for (const one of indexes) database.exec(String(one['sql']))
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  console.error(`  ${Math.round(statSync(path).size / 1e6)} MB`)
}

/** Adds rows like the one that is there, but for these columns: also when a later version has more of them. */
function copier (database: DatabaseSync, table: string, columns: readonly string[]): (...values: SQLInputValue[]) => void {
  const all = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all().map((row) => String(row['name']))
  const row = database.prepare(`SELECT * FROM ${table} WHERE ${table === 'outbox' ? 'verification_id IS NOT NULL' : 'true'} LIMIT 1`).get() ?? {}
  const insert = database.prepare(`INSERT INTO ${table} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})`)
  return (...values) => { insert.run(...all.map((name) => columns.includes(name) ? values[columns.indexOf(name)] ?? null : row[name] ?? null)) }
}

type Times = { start: number, check: number }

/** The p50 of one round in ms, of each. */
async function round (server: Oncekey): Promise<Times> {
  const starts = server.starts(COUNT)
  const begun = await load(server.url, starts, 1)
  if (begun.statuses[201] !== COUNT) throw new Error(`Starting: ${JSON.stringify(begun.statuses)}`)
  const checks = await server.checks(starts, begun.bodies)
  const checked = await load(server.url, checks, 1)
  if (checked.bodies.some((body) => !body.includes('approved'))) throw new Error(`Checking: ${JSON.stringify(checked.statuses)}`)
  return { start: quantile(begun.millis, 0.5), check: quantile(checked.millis, 0.5) }
}

async function expiredSize (rows: number): Promise<void> {
  const [few, many] = [await startOncekey({ fill: (path) => { fillExpired(path, 1) } }), await startOncekey({ fill: (path) => { fillExpired(path, rows) } })]
  try {
    const pairs: { few: Times, many: Times }[] = []
    for (let i = 1 - WARM_UP; i <= ROUNDS; i++) {
      // Whoever comes second finds another machine: each comes first every other time.
      const first = await round(i % 2 === 0 ? few : many)
      const second = await round(i % 2 === 0 ? many : few)
      if (i > 0) pairs.push(i % 2 === 0 ? { few: first, many: second } : { few: second, many: first })
    }
    for (const name of ['start', 'check'] as const) {
      const one = figure(`${name} beside ${rows.toLocaleString('en')} expired, p50`, 'ms', 'the same beside one', pairs.map((pair) => pair.many[name]), pairs.map((pair) => pair.few[name]))
      console.log(JSON.stringify(one))
      const ratios = pairs.map((pair) => pair.many[name] / pair.few[name])
      console.error(`${line(one)}\n  pair by pair: ${[0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(3)).join(' / ')} (quartiles of ${ROUNDS})`)
    }
  } finally {
    await few.stop()
    await many.stop()
  }
}

const rows = Number(process.argv[2] ?? 100_000)
if (!Number.isInteger(rows) || rows < 1) throw new Error('The number of expired verifications is a whole number, e.g. 10000000.')
await expiredSize(rows)
