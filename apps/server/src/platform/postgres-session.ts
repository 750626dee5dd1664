import { Client, types as pgTypes, type ClientConfig, type CustomTypesConfig } from 'pg'
import { Problem } from './problems.ts'

/**
 * Connections to PostgreSQL: how they are made, what their errors mean to callers, and what is wrong when the start fails.
 */

/** Versions before it have no support any more. */
const OLDEST_VERSION = 14
/** A server that is being started or restarted gets this long at our own start. */
const PATIENCE_MS = 20_000
const PAUSE_MS = 1_000

/** A lock that nobody gives back, a query that never ends, a process that stopped in the middle: none of them holds the house up for ever. */
const SESSION = '-c lock_timeout=10s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s -c standard_conforming_strings=on -c client_min_messages=warning'

/** Whole numbers as numbers: ours are milliseconds, counts and row numbers, far below 2^53. */
const types = {
  getTypeParser (oid: number, format?: 'text' | 'binary') {
    return oid === pgTypes.builtins.INT8 || oid === pgTypes.builtins.NUMERIC ? Number : pgTypes.getTypeParser(oid, format)
  }
} as CustomTypesConfig // The type has one overload for each format; we only ask for text.

export function configOf (url: string, more = ''): ClientConfig {
  return { connectionString: url, application_name: 'oncekey', connectionTimeoutMillis: 5_000, keepAlive: true, options: `${SESSION} ${more}`.trim(), types }
}

/**
 * Waits until the database answers and is one that we can use.
 * @param tell hears once in a while that we are still waiting
 * @throws Error with the cure
 */
export async function checkPostgres (url: string, tell: (what: string) => void, patienceMs: number = PATIENCE_MS): Promise<void> {
  const until = performance.now() + patienceMs
  for (;;) {
    const client = new Client(configOf(url))
    // A connection that breaks while nobody asks it anything says so by this event alone.
    client.on('error', () => {})
    try {
      await client.connect()
      await checkServer(client, url)
      return
    } catch (error) {
      if (!isAway(error) || performance.now() >= until) throw startError(error, url)
      tell(`PostgreSQL at ${placeOf(url)} does not answer yet (${codeOf(error) || messageOf(error)}); trying again.`)
      await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS) })
    } finally {
      await client.end().catch(() => {})
    }
  }
}

/** A connection, for whoever has nobody waiting. @throws Error with the cure */
export async function connectTo (url: string, more = ''): Promise<Client> {
  const client = new Client(configOf(url, more))
  client.on('error', () => {})
  await client.connect().catch((error: unknown) => { throw startError(error, url) })
  return client
}

async function checkServer (client: Client, url: string): Promise<void> {
  const { rows: [row] } = await client.query(`SELECT current_setting('server_version_num')::int / 10000 AS version, current_setting('server_version') AS called,
    current_setting('server_encoding') AS encoding, CASE WHEN pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' THEN 1 ELSE 0 END AS read_only,
    CASE WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 1 ELSE 0 END AS creates, current_user AS me`)
  const place = placeOf(url)
  if (row.version < OLDEST_VERSION) throw new StartError(`PostgreSQL at ${place} is version ${row.called}; Oncekey needs ${OLDEST_VERSION} or newer. Upgrade the server, or set ONCEKEY_DATABASE_URL to another one.`)
  if (row.encoding !== 'UTF8') throw new StartError(`The database ${place} has the encoding ${row.encoding}; Oncekey needs UTF8. Make another one: CREATE DATABASE oncekey ENCODING 'UTF8' TEMPLATE template0, and name it in ONCEKEY_DATABASE_URL.`)
  if (row.read_only === 1) throw new StartError(`PostgreSQL at ${place} only reads: it is a standby, or set to read only. Set ONCEKEY_DATABASE_URL to the primary server.`)
  if (row.creates !== 1) throw new StartError(`The user ${row.me} may not make tables in the database ${place}. As its owner: GRANT CREATE ON SCHEMA public TO "${row.me}".`)
}

/** A sentence that says what to do, and no more is known. */
class StartError extends Error {}

function startError (error: unknown, url: string): Error {
  if (error instanceof StartError) return error
  const place = placeOf(url)
  const code = codeOf(error)
  const unchanged = 'Nothing was changed.'
  // The driver's own words, without a code: it has no password to answer with, or is not let speak TLS.
  if (/password must be a (non-empty )?string/.test(messageOf(error))) return new Error(`PostgreSQL at ${place} wants a password, and ONCEKEY_DATABASE_URL has none: postgres://user:password@host:5432/database. ${unchanged}`, { cause: error })
  if (/does not support SSL/.test(messageOf(error))) return new Error(`PostgreSQL at ${place} does not speak TLS, and the sslmode in ONCEKEY_DATABASE_URL asks for it. Set ssl = on there, or take the sslmode out where the way between is your own. ${unchanged}`, { cause: error })
  if (code === '28P01' || code === '28000') return new Error(`PostgreSQL at ${place} does not let this user in: ${messageOf(error)}. Correct user and password in ONCEKEY_DATABASE_URL. ${unchanged}`, { cause: error })
  if (code === '3D000') return new Error(`The database of ONCEKEY_DATABASE_URL does not exist at ${place}. Make it: ${makingOf(url)}. ${unchanged}`, { cause: error })
  if (code === '53300') return new Error(`PostgreSQL at ${place} has no connection left: ${messageOf(error)}. Raise max_connections there, or stop what holds them; Oncekey takes six. ${unchanged}`, { cause: error })
  return new Error(`PostgreSQL at ${place} does not answer (${code || messageOf(error)}). Start it, or correct ONCEKEY_DATABASE_URL. ${unchanged}`, { cause: error })
}

/** The command that makes the database which a URL names; for its user, who could make no tables in another one's. */
function makingOf (url: string): string {
  const parsed = URL.parse(url)
  const name = (part: string | undefined): string => part !== undefined && /^[a-z_][a-z0-9_]*$/.test(part) ? part : 'oncekey'
  return `CREATE DATABASE ${name(parsed?.pathname.slice(1))} OWNER ${name(parsed?.username)} ENCODING 'UTF8' TEMPLATE template0`
}

/** Server and database of a URL, without user and password. */
export function placeOf (url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? 'the given address' : `${parsed.host === '' ? parsed.searchParams.get('host') ?? 'localhost' : parsed.host}${parsed.pathname}`
}

/** The database is not there, or has just gone; another try may find it. */
export function isAway (error: unknown): boolean {
  const code = codeOf(error)
  // 08: connection; 57P01..57P03: being shut down or started; 53300: no connection left.
  return /^(08|57P0|53300|ECONN|ENOTFOUND|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOENT)/.test(code) ||
    /connection terminated|timeout expired|connection error|timeout exceeded when trying to connect/i.test(messageOf(error))
}

/** The server undid the transaction because another one was in its way. */
export function isCrossed (error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

/** What callers hear of an error of the database. */
export function problemOf (cause: unknown): unknown {
  if (cause instanceof Problem) return cause
  const code = codeOf(cause)
  if (isAway(cause)) return new Problem('busy', { detail: 'The database does not answer right now.', retryAfterSeconds: 5, cause })
  // Lock and statement time-outs as well: whoever comes later finds the way free.
  if (isCrossed(cause) || code === '55P03' || code === '57014' || code === '25P03') return new Problem('busy', { retryAfterSeconds: 1, cause })
  // Full disk, out of memory, read only, input or output.
  if (/^(53[12]|25006|58030)/.test(code)) return new Problem('storageFull', { retryAfterSeconds: 30, cause })
  // A character that PostgreSQL can not keep (NUL), a number beyond 64 bits: no text or number of ours.
  if (['22021', '22P05', '22003', '22P02'].includes(code)) return new Problem('badRequest', { detail: 'A character or number in it can not be stored.', cause })
  return cause
}

function codeOf (error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
