import { freshBudget } from '../budget.ts'
import { put, type Change, type CodeName, type Facts, type LiveCode, type Look, type SpentCode, type SpentReason, type Store, type Sweep } from '../store.ts'

/** What the store needs of a SQLite driver. `DatabaseSync` of node:sqlite fits. */
export type SqliteDriver = {
  exec: (sql: string) => unknown
  prepare: (sql: string) => SqliteStatement
}

export type SqliteStatement = {
  get: (...values: SqliteValue[]) => SqliteRow | undefined
  all: (...values: SqliteValue[]) => SqliteRow[]
  run: (...values: SqliteValue[]) => { readonly changes: number | bigint }
}

export type SqliteValue = string | number
export type SqliteRow = { readonly [column: string]: unknown }

export type SqliteOptions = {
  /**
   * 'own': each call is a transaction of its own (BEGIN IMMEDIATE). 'caller': the calls run inside a transaction that
   * the caller has begun with BEGIN IMMEDIATE and commits, together with writes of his own.
   */
  readonly transaction: 'own' | 'caller'
}

/**
 * The tables, to be created by a migration of the host or by `db.exec(sqliteSchema)`. Safe to run again. A code is one
 * row from its issue until its reason is forgotten: to spend it changes that row and three small indexes.
 */
export const sqliteSchema = `
CREATE TABLE IF NOT EXISTS otp_codes (
  tenant     TEXT NOT NULL,
  scope      TEXT NOT NULL,
  hash       TEXT NOT NULL,
  generation INTEGER NOT NULL,
  id         TEXT NOT NULL,
  slot       TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  data       TEXT NOT NULL,
  spent      TEXT CHECK (spent IN ('used', 'expired', 'revoked', 'superseded')),
  spent_at   INTEGER,
  PRIMARY KEY (tenant, scope, hash, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS otp_codes_slot ON otp_codes (tenant, slot) WHERE spent IS NULL;
CREATE INDEX IF NOT EXISTS otp_codes_expiry ON otp_codes (tenant, expires_at) WHERE spent IS NULL;
CREATE INDEX IF NOT EXISTS otp_codes_spent ON otp_codes (tenant, spent_at) WHERE spent IS NOT NULL;

CREATE TABLE IF NOT EXISTS otp_budgets (
  tenant       TEXT NOT NULL,
  scope        TEXT NOT NULL,
  generation   INTEGER NOT NULL,
  run          INTEGER NOT NULL,
  failures     TEXT NOT NULL,
  lockouts     TEXT NOT NULL,
  locked_until INTEGER NOT NULL,
  forget_at    INTEGER NOT NULL,
  PRIMARY KEY (tenant, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS otp_budgets_forget ON otp_budgets (tenant, forget_at);
`

/**
 * A store in a SQLite database that has the tables of `sqliteSchema`. Several connections and processes may share the
 * file; give the driver a busy time-out, so that they wait for each other. Durable as far as the connection is: use
 * WAL with `PRAGMA synchronous = FULL`, or a power cut may bring a used code back.
 */
export function sqliteStore (db: SqliteDriver, { transaction }: SqliteOptions): Store<'sync'> {
  const sql = prepareAll(db)
  const inTransaction = <T>(begin: string, work: () => T): T => transaction === 'own' ? within(db, begin, work) : work()

  return {
    mode: 'sync',
    change (look, decide, question) {
      return inTransaction('BEGIN IMMEDIATE', () => {
        const facts = factsOf(sql, look)
        const { changes, result } = decide(facts, put(question, facts))
        for (const change of changes) apply(sql, look, change)
        return result
      })
    },
    read (look, view) {
      return inTransaction('BEGIN', () => view(factsOf(sql, look)))
    },
    kept ({ tenant, scopes }) {
      const found: string[] = []
      // A list of one length, its rest filled with what is in it: one statement for all.
      for (let i = 0; i < scopes.length; i += KEPT_AT_ONCE) {
        const some = scopes.slice(i, i + KEPT_AT_ONCE)
        for (const row of sql.kept.all(tenant, ...Array.from({ length: KEPT_AT_ONCE }, (_, k) => some[k] ?? some[0]!))) found.push(String(row.scope))
      }
      return found
    },
    revokeSlots ({ tenant, slotPrefix, now }) {
      return inTransaction('BEGIN IMMEDIATE', () => sql.ofSlots.all(tenant, slotPrefix, `${slotPrefix}\u{10ffff}`)
        .map(row => spendRow(sql, tenant, row, 'revoked', now)))
    },
    sweep ({ tenant, now, spentBefore, limit }) {
      return inTransaction('BEGIN IMMEDIATE', (): Sweep => ({
        expired: sql.expired.all(tenant, now, limit).map(row => spendRow(sql, tenant, row, 'expired', now)),
        forgotten: Number(sql.forgetSpent.run(tenant, spentBefore, limit).changes),
        scopes: Number(sql.forgetScopes.run(tenant, now, limit).changes)
      }))
    }
  }
}

const KEPT_AT_ONCE = 8

type Statements = ReturnType<typeof prepareAll>

function prepareAll (db: SqliteDriver) {
  const codes = 'SELECT scope, id, slot, hash, generation, valid_from, expires_at, data, spent, spent_at FROM otp_codes WHERE tenant = ?'
  return {
    scope: db.prepare('SELECT generation, run, failures, lockouts, locked_until, forget_at FROM otp_budgets WHERE tenant = ? AND scope = ?'),
    kept: db.prepare(`SELECT scope FROM otp_budgets WHERE tenant = ? AND scope IN (${'?, '.repeat(KEPT_AT_ONCE).slice(0, -2)})`),
    byHash: db.prepare(`${codes} AND scope = ? AND hash = ? ORDER BY generation`),
    byId: db.prepare(`${codes} AND scope = ? AND id = ? AND spent IS NULL`),
    ofSlot: db.prepare(`${codes} AND slot = ? AND scope = ? AND spent IS NULL ORDER BY generation`),
    ofScope: db.prepare(`${codes} AND scope = ?`),
    // U+10FFFF sorts behind every other character in UTF-8, SQLite's binary order.
    ofSlots: db.prepare(`${codes} AND slot >= ? AND slot < ? AND spent IS NULL ORDER BY scope, generation`),
    expired: db.prepare(`${codes} AND expires_at <= ? AND spent IS NULL ORDER BY expires_at, scope, generation LIMIT ?`),
    live: db.prepare('SELECT count(*) AS live FROM otp_codes WHERE tenant = ? AND scope = ? AND expires_at > ? AND spent IS NULL'),
    addCode: db.prepare('INSERT INTO otp_codes (tenant, scope, id, slot, hash, generation, valid_from, expires_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    // What the caller gave goes at once; only the reason is still of use.
    spend: db.prepare("UPDATE otp_codes SET spent = ?, spent_at = ?, slot = '', data = '' WHERE tenant = ? AND scope = ? AND hash = ? AND generation = ?"),
    keepScope: db.prepare('INSERT OR REPLACE INTO otp_budgets (tenant, scope, generation, run, failures, lockouts, locked_until, forget_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    forgetSpent: db.prepare(`DELETE FROM otp_codes WHERE (tenant, scope, hash, generation) IN (
      SELECT tenant, scope, hash, generation FROM otp_codes WHERE tenant = ? AND spent_at < ? AND spent IS NOT NULL ORDER BY spent_at LIMIT ?)`),
    forgetScopes: db.prepare(`DELETE FROM otp_budgets WHERE (tenant, scope) IN (SELECT tenant, scope FROM otp_budgets AS b WHERE tenant = ? AND forget_at <= ?
      AND NOT EXISTS (SELECT 1 FROM otp_codes AS c WHERE c.tenant = b.tenant AND c.scope = b.scope) ORDER BY forget_at LIMIT ?)`)
  }
}

function factsOf (sql: Statements, { tenant, scope, hashes = [], slot, id, all = false, countAfter }: Look): Facts {
  const kept = sql.scope.get(tenant, scope)
  const rows = all
    // A challenge has one, nearly always: cheaper to sort here than to have SQLite prepare for more.
    ? sql.ofScope.all(tenant, scope).sort((a, b) => Number(a.generation) - Number(b.generation))
    : [
        ...hashes.flatMap(hash => sql.byHash.all(tenant, scope, hash)),
        ...slot === undefined ? [] : sql.ofSlot.all(tenant, slot, scope),
        ...id === undefined ? [] : sql.byId.all(tenant, scope, id)
      ]
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
    live: countAfter === undefined ? 0 : Number(sql.live.get(tenant, scope, countAfter)!.live)
  }
}

function apply (sql: Statements, { tenant, scope }: Look, change: Change): void {
  switch (change.do) {
    case 'addCode': {
      const { id, slot, hash, generation, validFrom, expiresAt, data } = change.code
      sql.addCode.run(tenant, scope, id, slot, hash, generation, validFrom, expiresAt, data)
      break
    }
    case 'spendCode': spend(sql, tenant, scope, change.code, change.reason, change.at); break
    case 'keepScope': {
      const { run, failures, lockouts, lockedUntil } = change.budget
      sql.keepScope.run(tenant, scope, change.generation, run, failures.join(' '), lockouts.join(' '), lockedUntil, change.forgetAt)
    }
  }
}

function spend (sql: Statements, tenant: string, scope: string, { hash, generation }: LiveCode, reason: SpentReason, at: number): void {
  sql.spend.run(reason, at, tenant, scope, hash, generation)
}

function spendRow (sql: Statements, tenant: string, row: SqliteRow, reason: SpentReason, at: number): CodeName {
  const scope = String(row.scope)
  const code = liveCode(row)
  spend(sql, tenant, scope, code, reason, at)
  return { id: code.id, scope, slot: code.slot, data: code.data }
}

function liveCode (row: SqliteRow): LiveCode {
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

function spentCode (row: SqliteRow): SpentCode {
  return { id: String(row.id), hash: String(row.hash), generation: Number(row.generation), reason: spentReason(String(row.spent)), at: Number(row.spent_at) }
}

function spentReason (text: string): SpentReason {
  // The table's CHECK admits no fifth one.
  return text === 'used' || text === 'expired' || text === 'revoked' ? text : 'superseded'
}

function times (text: unknown): number[] {
  return text === '' ? [] : String(text).split(' ').map(Number)
}

function within<T> (db: SqliteDriver, begin: string, work: () => T): T {
  db.exec(begin)
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // After some errors (a full disk) SQLite has rolled back by itself and refuses this; the first error is the one to tell.
    try { db.exec('ROLLBACK') } catch {}
    throw error
  }
}
