import type { Kysely } from 'kysely'
import type { Flight } from './flight.ts'
import { Problem } from './problems.ts'
import type { Tables } from './tables.ts'

/**
 * What a write gets: queries inside the group's transaction. Its function awaits each of its queries and nothing
 * else; mail, broker and pages are told by `after`, which runs once the commit is durable. It may run more than once,
 * when the database asks for another try or another write of its group failed, so what it changes in memory belongs
 * into `after`, too.
 */
export type Trx = {
  sql: Kysely<Tables>
  /** Prepared statements of the writing connection, for the hot path. */
  prepare: Prepare
  after: (what: () => void) => void
  /** Puts something down that the group writes once at its end, if this write does not throw. */
  note: <Item>(ledger: Ledger<Item>, item: Item) => void
  /** What this write, or an earlier one of the group that did not throw, has put or learned. */
  look: <Value>(sheet: Sheet<Value>, name: string) => Value | undefined
  /** Changes a row that the group writes once at its end, if this write does not throw: for all that look it up it is so from now on. Only in writes that are alone. */
  put: <Value>(sheet: Sheet<Value>, name: string, value: Value) => void
  /** Remembers for the group what the database said. */
  learn: <Value>(sheet: Sheet<Value>, name: string, value: Value) => void
}

/** SQL that SQLite and PostgreSQL both understand, with `?` for values. */
export type Prepare = (sql: string) => Statement
export type Statement = {
  get: (...values: Value[]) => Awaitable<Row | undefined>
  all: (...values: Value[]) => Awaitable<Row[]>
  run: (...values: Value[]) => Awaitable<{ changes: number }>
}
export type Value = string | number | null
export type Row = Record<string, Value>
/** SQLite answers at once, PostgreSQL later. */
export type Awaitable<T> = T | Promise<T>

/** What follows on an answer: at once where it is there at once. */
export function following<T, Next> (answer: Awaitable<T>, next: (value: T) => Awaitable<Next>): Awaitable<Next> {
  return answer instanceof Promise ? answer.then(next) : next(answer)
}

/** What the writes of a group have in common and is written once for all of them: numbers of the day, the record's chain. */
export type Ledger<Item> = {
  /** Ledgers are written in this order: what other processes wait for longest comes last. */
  rank: number
  /** Writes what the group's writes noted, in their order, inside the same transaction. */
  write (trx: Pick<Trx, 'sql' | 'prepare'>, items: readonly Item[]): Promise<void>
}

/**
 * Rows that nearly every write of a group reads, or reads and changes: read once for all of them and written once. Whoever
 * changes such a row does so by `put`, nowhere else. What is only read here may be changed by another write of the group: none
 * of them has been answered yet, so each may be taken for the earlier one.
 */
export type Sheet<Value> = {
  /** Writes what was put, by name, before any ledger is written; absent where rows are only read. */
  write? (trx: Pick<Trx, 'sql' | 'prepare'>, changed: ReadonlyMap<string, Value>): Promise<void>
}

export type WriteOptions = {
  /**
   * What this write reads, decides on and changes, e.g. `reader:<id>`: it then runs beside writes of other processes
   * that name other subjects. Only for writes whose every check holds as long as nobody else writes to their subjects,
   * and for reading alone ([]). Without it a write is alone, as all are in SQLite.
   */
  beside?: readonly string[]
}

export type Db = {
  kind: 'sqlite' | 'postgres'
  /** Queries outside a write, on a connection that only reads. */
  read: Kysely<Tables>
  /** Prepared statements of a connection that only reads, for what every request asks. */
  ask: Prepare
  /**
   * Runs `change` in a transaction and resolves after its durable commit. Writes that arrive together share
   * one commit; a throw undoes only its own.
   * @throws Problem busy (queue full, or the database is away) or storageFull; and whatever `change` throws
   */
  write: <T>(change: (trx: Trx) => Promise<T>, options?: WriteOptions) => Promise<T>
  /** Rises with each group of writes, before any of them is answered; null where other processes write to the same database. */
  readonly writes: number | null
  close: () => Promise<void>
}

/** A database as the queue needs it. All of this happens on its one writing connection. */
export type Engine = {
  kind: Db['kind']
  sql: Kysely<Tables>
  read: Kysely<Tables>
  ask: Prepare
  prepare: Prepare
  flight: Flight
  /** @param subjects whose locks are taken, in an order of the engine's own; null: nobody else may write at all */
  begin: (subjects: readonly string[] | null) => Awaitable<unknown>
  /** Rises with whatever has to be undone when its write fails: a changed row, and a failed query where that ends the transaction. */
  changes: () => number
  savepoint: () => Awaitable<unknown>
  release: () => Awaitable<unknown>
  /** Undoes what happened since the savepoint, and drops it. */
  undo: () => Awaitable<unknown>
  commit: () => Awaitable<unknown>
  rollback: () => Awaitable<unknown>
  /** False when the database has ended the transaction by itself: a full disk, a lost connection. */
  isInTransaction: () => boolean
  /** What callers hear of a database's error. */
  problemOf: (error: unknown) => unknown
  /** Whether the same writes may well succeed in another try: a lock that was taken crosswise, a lost connection. */
  isPassing: (error: unknown) => boolean
  close: () => Awaitable<void>
}

const LONGEST_QUEUE = 1024
/** Most writes that share one commit: bounds how long the first of them waits. */
const LARGEST_GROUP = 128
const MOST_TRIES = 5
const FIRST_PAUSE_MS = 40

type Job = { run: (trx: Trx) => Promise<unknown>, subjects: readonly string[] | null, settle: (outcome: Outcome) => void }
type Notes = Map<Ledger<unknown>, unknown[]>
type Sheets = Map<Sheet<unknown>, Map<string, { value: unknown, isChanged: boolean }>>
type Outcome = { value: unknown, after: (() => void)[], notes: Notes } | { error: unknown, isToUndo?: boolean }
type Group = { outcomes: Outcome[] } | { error: unknown, isPassing: boolean }

/** The one queue in front of a database's writing connection. */
export function createDb (engine: Engine): Db {
  const queue: Job[] = []
  let turning: Promise<void> | null = null
  let isClosed = false
  /** Whether the last group was of one write. */
  let isQuiet = true
  let writes = 0

  async function turn (): Promise<void> {
    while (queue.length > 0) {
      const group = queue.splice(0, LARGEST_GROUP)
      isQuiet = group.length === 1
      const done = await persistOrRead(engine, group)
      writes++
      group.forEach((job, i) => { job.settle('error' in done ? done : done.outcomes[i] ?? { error: new Error('No outcome.') }) })
      // Lets requests in that arrived meanwhile: they make up the next group.
      await nextTurn()
    }
    turning = null
  }

  return {
    kind: engine.kind,
    read: engine.read,
    ask: engine.ask,
    get writes () { return engine.kind === 'sqlite' ? writes : null },
    write (change, { beside } = {}) {
      if (isClosed || queue.length >= LONGEST_QUEUE) return Promise.reject(new Problem('busy', { retryAfterSeconds: 1 }))
      return new Promise((resolve, reject) => {
        queue.push({
          run: change,
          subjects: beside ?? null,
          settle (outcome) {
            if ('error' in outcome) {
              reject(outcome.error instanceof Error ? outcome.error : new Error('A write failed.', { cause: outcome.error }))
              return
            }
            try {
              for (const what of outcome.after) what()
            } catch (error) {
              // A defect, told to whoever called: thrown from here it would leave all other writes without an answer.
              return reject(error instanceof Error ? error : new Error('What follows a commit failed.', { cause: error }))
            }
            // The value is what this very `change` returned; the queue only carries it.
            resolve(outcome.value as Awaited<ReturnType<typeof change>>)
          }
        })
        // Where writes come one by one nobody is worth waiting for; where they come in crowds, those of this turn go together.
        turning ??= (isQuiet ? Promise.resolve() : nextTurn()).then(turn)
      })
    },
    async close () {
      isClosed = true
      await turning
      await engine.close()
    }
  }
}

/** Of the event loop: everything that has arrived has been heard then. */
function nextTurn (): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve) })
}

/** Whoever only reads is answered also where the writes of its group have failed: on a full disk everything can still be read. */
async function persistOrRead (engine: Engine, group: readonly Job[]): Promise<Group> {
  const done = await persist(engine, group)
  const reading = group.filter(({ subjects }) => subjects?.length === 0)
  if (!('error' in done) || reading.length === 0 || reading.length === group.length) return done
  const alone = await persist(engine, reading)
  return 'error' in alone ? done : { outcomes: group.map((job) => alone.outcomes[reading.indexOf(job)] ?? { error: done.error }) }
}

/** Runs a group until it is durable, or fails as a whole. */
async function persist (engine: Engine, group: readonly Job[]): Promise<Group> {
  for (let tries = 1; ; tries++) {
    const done = await tryGroup(engine, group)
    if (!('error' in done) || !done.isPassing || tries === MOST_TRIES) return done
    await new Promise((resolve) => { setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random())) })
  }
}

/** A transaction that ended under a write which noticed nothing: its connection is gone. */
class EndedEarly extends Error {}

/**
 * Few writes fail, so a group is first tried without a savepoint for each: that saves copies of pages, or round trips. When
 * one fails after it has changed something, all of it is undone and done again with savepoints.
 */
async function tryGroup (engine: Engine, group: readonly Job[], withSavepoints = false): Promise<Group> {
  const outcomes: Outcome[] = []
  const sheets: Sheets = new Map()
  let isCommitting = false
  try {
    await engine.begin(subjectsOf(group))
    for (const job of group) {
      const outcome = await runOne(engine, job, sheets, withSavepoints)
      outcomes.push(outcome)
      if (!engine.isInTransaction()) throw new EndedEarly('The transaction ended early.')
      if ('error' in outcome && outcome.isToUndo === true) {
        await engine.rollback()
        return group.length === 1 ? { outcomes } : await tryGroup(engine, group, true)
      }
    }
    await writeSheets(engine, sheets)
    await writeLedgers(engine, outcomes)
    isCommitting = true
    await engine.commit()
    return { outcomes }
  } catch (caught) {
    // What ended the transaction tells more than that it has ended.
    const last = outcomes.at(-1)
    const cause = last !== undefined && 'error' in last && !engine.isInTransaction() ? last.error : caught
    if (engine.isInTransaction()) await engine.rollback()
    // Once COMMIT was sent nobody knows whether it happened; a second try could do everything twice.
    return { error: engine.problemOf(cause), isPassing: !isCommitting && (cause instanceof EndedEarly || engine.isPassing(cause)) }
  }
}

async function runOne (engine: Engine, job: Job, sheets: Sheets, withSavepoint: boolean): Promise<Outcome> {
  const after: (() => void)[] = []
  const notes: Notes = new Map()
  /** What this write alone knows: nobody else does if it throws. */
  const own: Sheets = new Map()
  const trx: Trx = {
    sql: engine.sql,
    prepare: engine.prepare,
    after (what) { after.push(what) },
    note (ledger, item) {
      const known = notes.get(ledger)
      if (known === undefined) notes.set(ledger, [item])
      else known.push(item)
    },
    // What is kept for a sheet was put or learned for that very sheet.
    look: <Value>(sheet: Sheet<Value>, name: string) => (own.get(sheet)?.get(name) ?? sheets.get(sheet)?.get(name))?.value as Value | undefined,
    put (sheet, name, value) { keepIn(own, sheet, name, { value, isChanged: true }) },
    learn (sheet, name, value) { keepIn(own, sheet, name, { value, isChanged: false }) }
  }
  if (withSavepoint) await engine.savepoint()
  const before = engine.changes()
  try {
    const value = await engine.flight.during(() => job.run(trx))
    if (withSavepoint) await engine.release()
    for (const [sheet, rows] of own) for (const [name, row] of rows) keepIn(sheets, sheet, name, row)
    return { value, after, notes }
  } catch (error) {
    // What is over for the whole group ends it here.
    if (engine.isPassing(error)) throw error
    const isInTransaction = engine.isInTransaction()
    if (withSavepoint && isInTransaction) await engine.undo()
    return { error: engine.problemOf(error), isToUndo: !withSavepoint && isInTransaction && engine.changes() !== before }
  }
}

function keepIn (sheets: Sheets, sheet: Sheet<unknown>, name: string, row: { value: unknown, isChanged: boolean }): void {
  const rows = sheets.get(sheet)
  if (rows === undefined) sheets.set(sheet, new Map([[name, row]]))
  else rows.set(name, row)
}

async function writeSheets (engine: Engine, sheets: Sheets): Promise<void> {
  for (const [sheet, rows] of sheets) {
    const changed = new Map([...rows].filter(([, row]) => row.isChanged).map(([name, { value }]) => [name, value]))
    if (changed.size > 0) await engine.flight.during(() => sheet.write?.(engine, changed) ?? Promise.resolve())
  }
}

async function writeLedgers (engine: Engine, outcomes: readonly Outcome[]): Promise<void> {
  const all: Notes = new Map()
  for (const outcome of outcomes) {
    if (!('notes' in outcome)) continue
    for (const [ledger, items] of outcome.notes) {
      const known = all.get(ledger)
      if (known === undefined) all.set(ledger, [...items])
      else known.push(...items)
    }
  }
  const inOrder = [...all].sort(([a], [b]) => a.rank - b.rank)
  for (const [ledger, items] of inOrder) await engine.flight.during(() => ledger.write(engine, items))
}

/** A single write that has to be alone makes its group so. */
function subjectsOf (group: readonly Job[]): readonly string[] | null {
  const subjects = new Set<string>()
  for (const job of group) {
    if (job.subjects === null) return null
    for (const subject of job.subjects) subjects.add(subject)
  }
  return [...subjects]
}
