import { freshBudget } from '../budget.ts'
import { put, type Change, type CodeName, type Facts, type LiveCode, type Look, type SpentCode, type SpentReason, type Store } from '../store.ts'

/**
 * What the store needs of a PostgreSQL driver: one connection. A `Client` of `pg` fits, and a client that was taken out
 * of a pool; a `Pool` does not, because it runs each query on another connection. Whole numbers may come back as
 * numbers or as text.
 */
export type PostgresDriver = {
  query: (text: string, values?: PostgresValue[]) => Promise<{ readonly rows: readonly PostgresRow[], readonly rowCount: number | null }>
}

export type PostgresValue = string | number | readonly string[] | null
export type PostgresRow = { readonly [column: string]: unknown }

export type PostgresOptions = {
  /**
   * 'own': each call is a transaction of its own; calls at the same time take turns, because there is one connection.
   * 'caller': the calls run inside the transaction that the caller has begun and commits, together with writes of his
   * own. READ COMMITTED is enough, and the only level that never asks for another try.
   */
  readonly transaction: 'own' | 'caller'
}

/**
 * The tables, to be created by a migration of the host or by `client.query(postgresSchema)`. Safe to run again. A code is
 * one row from its issue until its reason is forgotten.
 */
export const postgresSchema = `
CREATE TABLE IF NOT EXISTS otp_codes (
  tenant     TEXT COLLATE "C" NOT NULL,
  scope      TEXT COLLATE "C" NOT NULL,
  hash       TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  id         TEXT COLLATE "C" NOT NULL,
  slot       TEXT COLLATE "C" NOT NULL,
  valid_from BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  data       TEXT COLLATE "C" NOT NULL,
  spent      TEXT COLLATE "C" CHECK (spent IN ('used', 'expired', 'revoked', 'superseded')),
  spent_at   BIGINT,
  PRIMARY KEY (tenant, scope, hash, generation)
);
CREATE INDEX IF NOT EXISTS otp_codes_slot ON otp_codes (tenant, slot) WHERE spent IS NULL;
CREATE INDEX IF NOT EXISTS otp_codes_expiry ON otp_codes (tenant, expires_at) WHERE spent IS NULL;
CREATE INDEX IF NOT EXISTS otp_codes_spent ON otp_codes (tenant, spent_at) WHERE spent IS NOT NULL;

CREATE TABLE IF NOT EXISTS otp_budgets (
  tenant       TEXT COLLATE "C" NOT NULL,
  scope        TEXT COLLATE "C" NOT NULL,
  generation   BIGINT NOT NULL,
  run          BIGINT NOT NULL,
  failures     TEXT COLLATE "C" NOT NULL,
  lockouts     TEXT COLLATE "C" NOT NULL,
  locked_until BIGINT NOT NULL,
  forget_at    BIGINT NOT NULL,
  PRIMARY KEY (tenant, scope)
);
CREATE INDEX IF NOT EXISTS otp_budgets_forget ON otp_budgets (tenant, forget_at);
`

/**
 * A store in a PostgreSQL database that has the tables of `postgresSchema`. Several connections and processes may share
 * it: a change takes its scope's lock first. That is an advisory lock of the transaction, not a row's: a scope that was
 * never used has no row, and making one for each stranger's guess would let strangers fill the disk.
 */
export function postgresStore (db: PostgresDriver, { transaction }: PostgresOptions): Store<'async'> {
  let last: Promise<unknown> = Promise.resolve()
  /** One connection has one transaction at a time. */
  const inTransaction = <T>(work: () => Promise<T>, level = 'READ COMMITTED'): Promise<T> => {
    if (transaction === 'caller') return work()
    const turn = last.then(() => within(db, level, work))
    last = turn.catch(() => {})
    return turn
  }

  return {
    mode: 'async',
    change (look, decide, question) {
      return inTransaction(async () => {
        await lock(db, look.tenant, [look.scope])
        const facts = await factsOf(db, look)
        const { changes, result } = decide(facts, await put(question, facts))
        for (const change of changes) await apply(db, look, change)
        return result
      })
    },
    read (look, view) {
      return inTransaction(async () => view(await factsOf(db, look)), 'REPEATABLE READ READ ONLY')
    },
    kept ({ tenant, scopes }) {
      return inTransaction(async () => (await db.query('SELECT scope FROM otp_budgets WHERE tenant = $1 AND scope = ANY($2)', [tenant, scopes])).rows.map(scopeOf))
    },
    revokeSlots ({ tenant, slotPrefix, now }) {
      return inTransaction(async () => {
        // U+10FFFF sorts behind every other character in UTF-8, the order of COLLATE "C".
        const slots = [tenant, slotPrefix, `${slotPrefix}\u{10ffff}`]
        const scopes = await db.query('SELECT DISTINCT scope FROM otp_codes WHERE tenant = $1 AND slot >= $2 AND slot < $3 AND spent IS NULL', slots)
        await lock(db, tenant, scopes.rows.map(scopeOf))
        const { rows } = await db.query(`${codes} AND slot >= $2 AND slot < $3 AND spent IS NULL AND scope = ANY($4) ORDER BY scope, generation`, [...slots, scopes.rows.map(scopeOf)])
        return spendRows(db, tenant, rows, 'revoked', now)
      })
    },
    sweep ({ tenant, now, spentBefore, limit }) {
      return inTransaction(async () => {
        // A name that no scope can have: of two sweeps at the same time the second waits.
        await lock(db, tenant, ['\nsweep'])
        const forgotten = await db.query(`DELETE FROM otp_codes WHERE (tenant, scope, hash, generation) IN (
          SELECT tenant, scope, hash, generation FROM otp_codes WHERE tenant = $1 AND spent_at < $2 AND spent IS NOT NULL ORDER BY spent_at LIMIT $3)`, [tenant, spentBefore, limit])
        const due = await db.query('SELECT scope FROM otp_codes WHERE tenant = $1 AND expires_at <= $2 AND spent IS NULL ORDER BY expires_at, scope, generation LIMIT $3', [tenant, now, limit])
        const idle = await db.query(`SELECT scope FROM otp_budgets AS b WHERE tenant = $1 AND forget_at <= $2 AND ${unused} ORDER BY forget_at LIMIT $3`, [tenant, now, limit])
        const scopes = [...due.rows, ...idle.rows].map(scopeOf)
        await lock(db, tenant, scopes)
        const { rows } = await db.query(`${codes} AND expires_at <= $2 AND spent IS NULL AND scope = ANY($4) ORDER BY expires_at, scope, generation LIMIT $3`, [tenant, now, limit, scopes])
        const expired = await spendRows(db, tenant, rows, 'expired', now)
        const gone = await db.query(`DELETE FROM otp_budgets AS b WHERE tenant = $1 AND forget_at <= $2 AND scope = ANY($3) AND ${unused}`, [tenant, now, idle.rows.map(scopeOf)])
        return { expired, forgotten: Number(forgotten.rowCount), scopes: Number(gone.rowCount) }
      })
    }
  }
}

const codes = 'SELECT scope, id, slot, hash, generation, valid_from, expires_at, data, spent, spent_at FROM otp_codes WHERE tenant = $1'
const unused = 'NOT EXISTS (SELECT 1 FROM otp_codes AS c WHERE c.tenant = b.tenant AND c.scope = b.scope)'

/** Takes the locks of scopes, in the order of their keys: two that want the same ones never wait for each other crosswise. */
async function lock (db: PostgresDriver, tenant: string, scopes: readonly string[]): Promise<void> {
  await db.query(`SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('otp' || chr(10) || $1 || chr(10) || scope, 0) AS key FROM unnest($2::text[]) AS t (scope) ORDER BY key
  ) AS keys`, [tenant, scopes])
}

async function factsOf (db: PostgresDriver, look: Look): Promise<Facts> {
  const { tenant, scope, countAfter } = look
  const { rows: [kept] } = await db.query('SELECT generation, run, failures, lockouts, locked_until, forget_at FROM otp_budgets WHERE tenant = $1 AND scope = $2', [tenant, scope])
  const asked = codesOf(look)
  const rows = asked === null ? [] : (await db.query(...asked)).rows
  const counted = countAfter === undefined ? null : await db.query('SELECT count(*) AS live FROM otp_codes WHERE tenant = $1 AND scope = $2 AND expires_at > $3 AND spent IS NULL', [tenant, scope, countAfter])
  return {
    ...kept === undefined
      ? { generation: 0, budget: freshBudget, forgetAt: 0 }
      : {
          generation: Number(kept.generation),
          budget: { run: Number(kept.run), failures: times(kept.failures), lockouts: times(kept.lockouts), lockedUntil: Number(kept.locked_until) },
          forgetAt: Number(kept.forget_at)
        },
    codes: rows.filter(row => row.spent === null).map(liveCode),
    spent: rows.filter(row => row.spent !== null).map(spentCode).reverse(),
    // count(*) always gives a row.
    live: counted === null ? 0 : Number(counted.rows[0]!.live)
  }
}

/** The query for the codes of a look, with nothing in it that the look does not name: a typed code is found by the primary key alone. */
function codesOf ({ tenant, scope, hashes = [], slot, id, all = false }: Look): [text: string, values: PostgresValue[]] | null {
  if (all) return [`${codes} AND scope = $2 ORDER BY generation`, [tenant, scope]]
  const values: PostgresValue[] = [tenant, scope]
  const named: string[] = []
  if (hashes.length > 0) named.push(`hash = ANY($${values.push(hashes)})`)
  if (slot !== undefined) named.push(`spent IS NULL AND slot = $${values.push(slot)}`)
  if (id !== undefined) named.push(`spent IS NULL AND id = $${values.push(id)}`)
  return named.length === 0 ? null : [`${codes} AND scope = $2 AND (${named.join(' OR ')}) ORDER BY generation`, values]
}

async function apply (db: PostgresDriver, { tenant, scope }: Look, change: Change): Promise<void> {
  switch (change.do) {
    case 'addCode': {
      const { id, slot, hash, generation, validFrom, expiresAt, data } = change.code
      await db.query('INSERT INTO otp_codes (tenant, scope, id, slot, hash, generation, valid_from, expires_at, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
        [tenant, scope, id, slot, hash, generation, validFrom, expiresAt, data])
      break
    }
    case 'spendCode': await spend(db, tenant, scope, change.code, change.reason, change.at); break
    case 'keepScope': {
      const { run, failures, lockouts, lockedUntil } = change.budget
      await db.query(`INSERT INTO otp_budgets (tenant, scope, generation, run, failures, lockouts, locked_until, forget_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (tenant, scope) DO UPDATE SET generation = excluded.generation, run = excluded.run, failures = excluded.failures, lockouts = excluded.lockouts,
          locked_until = excluded.locked_until, forget_at = excluded.forget_at`,
      [tenant, scope, change.generation, run, failures.join(' '), lockouts.join(' '), lockedUntil, change.forgetAt])
    }
  }
}

async function spend (db: PostgresDriver, tenant: string, scope: string, { hash, generation }: LiveCode, reason: SpentReason, at: number): Promise<void> {
  // What the caller gave goes at once; only the reason is still of use.
  await db.query("UPDATE otp_codes SET spent = $1, spent_at = $2, slot = '', data = '' WHERE tenant = $3 AND scope = $4 AND hash = $5 AND generation = $6", [reason, at, tenant, scope, hash, generation])
}

async function spendRows (db: PostgresDriver, tenant: string, rows: readonly PostgresRow[], reason: SpentReason, at: number): Promise<CodeName[]> {
  const names: CodeName[] = []
  for (const row of rows) {
    const scope = scopeOf(row)
    const code = liveCode(row)
    await spend(db, tenant, scope, code, reason, at)
    names.push({ id: code.id, scope, slot: code.slot, data: code.data })
  }
  return names
}

function scopeOf (row: PostgresRow): string {
  return String(row.scope)
}

function liveCode (row: PostgresRow): LiveCode {
  return {
    id: String(row.id),
    slot: String(row.slot),
    hash: String(row.hash),
    generation: Number(row.generation),
    validFrom: Number(row.valid_from),
    expiresAt: Number(row.expires_at),
    data: String(row.data)
  }
}

function spentCode (row: PostgresRow): SpentCode {
  return { id: String(row.id), hash: String(row.hash), generation: Number(row.generation), reason: spentReason(String(row.spent)), at: Number(row.spent_at) }
}

function spentReason (text: string): SpentReason {
  // The table's CHECK admits no fifth one.
  return text === 'used' || text === 'expired' || text === 'revoked' ? text : 'superseded'
}

function times (text: unknown): number[] {
  return text === '' ? [] : String(text).split(' ').map(Number)
}

async function within<T> (db: PostgresDriver, level: string, work: () => Promise<T>): Promise<T> {
  await db.query(`BEGIN ISOLATION LEVEL ${level}`)
  try {
    const result = await work()
    await db.query('COMMIT')
    return result
  } catch (error) {
    // The connection may be lost, and the transaction with it; the first error is the one to tell.
    await db.query('ROLLBACK').catch(() => {})
    throw error
  }
}
