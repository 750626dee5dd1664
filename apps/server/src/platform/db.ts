import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import { Problem } from './problems.ts'
import { kyselyOver, openConnection, statementCache, type Prepare } from './sqlite.ts'
import type { Tables } from './tables.ts'

/**
 * What a write gets: queries inside the group's transaction. Its function awaits queries and nothing
 * else; mail, broker and pages are told by `after`, which runs once the commit is durable.
 */
export type Trx = {
  sql: Kysely<Tables>
  /** Prepared statements of the writing connection, for the hot path. */
  prepare: Prepare
  after: (what: () => void) => void
}

export type Db = {
  /** Queries outside a write, on a connection that only reads. */
  read: Kysely<Tables>
  /**
   * Runs `change` in a transaction and resolves after its durable commit. Writes that arrive together share
   * one commit; a throw undoes only its own.
   * @throws Problem busy (queue full) or storageFull; and whatever `change` throws
   */
  write: <T>(change: (trx: Trx) => Promise<T>) => Promise<T>
  /** For the DDL of migrations and for tools, before the queue is in use. */
  writer: DatabaseSync
  path: string
  close: () => Promise<void>
}

const LONGEST_QUEUE = 1024
/** Most writes that share one commit: bounds how long the first of them waits. */
const LARGEST_GROUP = 128

type Job = { run: (trx: Trx) => Promise<unknown>, settle: (outcome: Outcome) => void }
type Outcome = { value: unknown, after: (() => void)[] } | { error: unknown }

/** Opens the embedded database: one writing connection with one queue for everything, one reading connection. */
export function openDb (path: string): Db {
  makePrivate(path)
  const writer = openConnection(path)
  const prepare = statementCache(writer)
  const sql = kyselyOver(prepare)
  const reader = openConnection(path)
  reader.exec('PRAGMA query_only = ON')
  const read = kyselyOver(statementCache(reader))
  const queue: Job[] = []
  let turning: Promise<void> | null = null
  let isClosed = false

  const begin = prepare('BEGIN IMMEDIATE')
  const commit = prepare('COMMIT')
  const savepoint = prepare('SAVEPOINT one')
  const release = prepare('RELEASE one')

  async function runOne (job: Job): Promise<Outcome> {
    const after: (() => void)[] = []
    savepoint.run()
    try {
      const value = await withoutWaiting(job.run({ sql, prepare, after: (what) => { after.push(what) } }))
      release.run()
      return { value, after }
    } catch (error) {
      // A full disk makes SQLite roll the whole transaction back by itself.
      if (writer.isTransaction) writer.exec('ROLLBACK TO one; RELEASE one')
      return { error }
    }
  }

  async function turn (): Promise<void> {
    while (queue.length > 0) {
      const group = queue.splice(0, LARGEST_GROUP)
      const outcomes: Outcome[] = []
      try {
        begin.run()
        for (const job of group) {
          outcomes.push(await runOne(job))
          if (!writer.isTransaction) throw new Error('The transaction ended early.')
        }
        commit.run()
      } catch (cause) {
        if (writer.isTransaction) writer.exec('ROLLBACK')
        const failed = outcomes.find((one) => 'error' in one)
        const error = storageProblem(failed !== undefined && 'error' in failed && !(failed.error instanceof Problem) ? failed.error : cause)
        for (const job of group) job.settle({ error })
        continue
      }
      group.forEach((job, i) => { job.settle(outcomes[i] ?? { error: new Error('No outcome.') }) })
      // Lets requests in that arrived meanwhile: they make up the next group.
      await new Promise((resolve) => { setImmediate(resolve) })
    }
    turning = null
  }

  return {
    read,
    writer,
    path,
    write (change) {
      if (isClosed || queue.length >= LONGEST_QUEUE) return Promise.reject(new Problem('busy', { retryAfterSeconds: 1 }))
      return new Promise((resolve, reject) => {
        queue.push({
          run: change,
          settle (outcome) {
            if ('error' in outcome) {
              reject(outcome.error instanceof Error ? outcome.error : new Error('A write failed.', { cause: outcome.error }))
              return
            }
            for (const what of outcome.after) what()
            // The value is what this very `change` returned; the queue only carries it.
            resolve(outcome.value as Awaited<ReturnType<typeof change>>)
          }
        })
        turning ??= new Promise<void>((done) => { setImmediate(() => { void turn().then(done) }) })
      })
    },
    async close () {
      isClosed = true
      await turning
      await read.destroy()
      await sql.destroy()
      reader.close()
      writer.close()
    }
  }
}

/**
 * Takes the file from group and others; its other files (-wal, -shm) get its mode from SQLite. By name, and before any
 * connection: closing a descriptor of a database that is in use would end its locks.
 */
function makePrivate (path: string): void {
  if (!existsSync(path)) return closeSync(openSync(path, 'a', 0o600))
  try {
    chmodSync(path, 0o600)
  } catch (error) {
    // Another user's file that this one may use: whoever shares it has to look after it.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error
  }
}

/** Refuses a write that waits for anything but queries: it would hold every other write up. */
async function withoutWaiting<T> (work: Promise<T>): Promise<T> {
  let timer: NodeJS.Immediate | undefined
  const waited = new Promise<never>((_resolve, reject) => {
    timer = setImmediate(() => { timer = setImmediate(() => { reject(new Error('A write waited for something else than its queries.')) }) })
  })
  try {
    return await Promise.race([work, waited])
  } finally {
    clearImmediate(timer)
  }
}

function storageProblem (cause: unknown): unknown {
  const code = typeof cause === 'object' && cause !== null && 'errcode' in cause ? Number(cause.errcode) & 0xff : 0
  // SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
  return [8, 10, 13, 14].includes(code) ? new Problem('storageFull', { cause, retryAfterSeconds: 30 }) : cause
}
