import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { parsed } from '../audit/format.ts'
import type { RecordPlace } from '../audit/source.ts'
import type { Value } from '../platform/db.ts'
import { readSecrets } from '../platform/secrets.ts'
import { kept, leftOut } from './contents.ts'
import { readItems, type BackupHeader, type Item, type TableHead } from './format.ts'
import { BadBackup, openParts } from './frame.ts'
import type { Loader } from './load.ts'
import { finishRestore, STAGE, whatIsThere, writePlan } from './place.ts'

export type RestoreOrder = {
  place: Exclude<RecordPlace, string>
  file: AsyncIterable<Buffer>
  passphrase: string | null
  /** Whether something that is there may be replaced; it is kept beside. */
  replace: boolean
  by: string
  /** ms since 1970 UTC */
  now: number
}

export type Restored = { header: BackupHeader, aside: string | null }

/** Rows that are put in at once. */
const BATCH = 500
/** The disk keeps so much for the rest. */
const LEAST_FREE = 50 * 1024 * 1024

/** What a restore has made ready beside what is there, and what is to be said of it. */
export type StagedBackup = { header: BackupHeader, note: string, aside: string }

/**
 * Puts a backup back. All of it is read, checked and put beside what is there first; only then is that replaced. Whatever
 * goes wrong before leaves everything as it was, and whatever goes wrong after is made good by the next start. What a new
 * generation ends is ended by the next start, too: see generation.ts.
 * @throws BadBackup for a file that can not be used; Error with the cure for a place that can not be restored to
 */
export async function restoreBackup ({ place, file, passphrase, replace, by, now }: RestoreOrder, onProgress: (rows: number, of: number) => void = () => {}): Promise<Restored> {
  const { dataDir, databaseUrl } = place
  const aside = asideAt(now)
  await finishRestore(place)
  const there = whatIsThere(dataDir)
  if (there.length > 0 && !replace) throw new Error(`The data folder ${dataDir} is not empty (${there.slice(0, 3).join(', ')}${there.length > 3 ? ' …' : ''}). Name an empty one with ONCEKEY_DATA_DIR, or say --replace: what is there is then kept beside, in ${aside}. Nothing was changed.`)
  refuseRunning(dataDir)
  const { header } = await stageInto(place, { file, passphrase, by, now }, { replace, onProgress }, async (loader, note) => {
    if (databaseUrl === null) await finish(loader, note)
    writePlan(dataDir, { note, aside, phase: 'out' })
    if (databaseUrl !== null) await finish(loader, note)
    await finishRestore(place)
  })
  return { header, aside: there.length > 0 ? aside : null }
}

/**
 * The first half of it, for SQLite: beside a server that runs, and changes nothing that it has. It counts for nothing before `putInPlace`
 * has followed: the next start removes what is left of it. Settings that are in the backup become `oncekey.json.restored`: whoever brings
 * a file over the network is not to choose which folders of this machine are served and which files are written.
 * @throws BadBackup, Error as `restoreBackup`
 */
export async function stageBackup ({ dataDir, ...order }: { dataDir: string } & Pick<RestoreOrder, 'file' | 'passphrase' | 'by' | 'now'>, onProgress: (rows: number, of: number) => void = () => {}): Promise<StagedBackup> {
  return { ...await stageInto({ dataDir, databaseUrl: null }, order, { replace: true, onProgress }, async (loader, note) => {
    const settings = join(dataDir, STAGE, 'oncekey.json')
    if (existsSync(settings)) renameSync(settings, settings + '.restored')
    await finish(loader, note)
  }), aside: asideAt(order.now) }
}

/**
 * The second half, with no server there any more: a few names change.
 * @throws Error with the cure when somebody still uses the database; nothing was replaced then
 */
export async function putInPlace (dataDir: string, { note, aside }: Pick<StagedBackup, 'note' | 'aside'>): Promise<void> {
  refuseRunning(dataDir)
  writePlan(dataDir, { note, aside, phase: 'out' })
  await finishRestore({ dataDir, databaseUrl: null })
}

/** Where what was there goes. */
function asideAt (now: number): string {
  return `before-restore-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '')}Z`
}

/** Reads a file to its end and puts all of it into the stage; `keep` makes it last. What fails leaves nothing behind. */
async function stageInto (place: RestoreOrder['place'], { file, passphrase, by, now }: Pick<RestoreOrder, 'file' | 'passphrase' | 'by' | 'now'>, { replace, onProgress }: { replace: boolean, onProgress: (rows: number, of: number) => void }, keep: (loader: Loader, note: string) => Promise<void>): Promise<{ header: BackupHeader, note: string }> {
  const { dataDir } = place
  const stage = join(dataDir, STAGE)
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true, mode: 0o700 })
  let loader: Loader | null = null
  try {
    const taken: { header: BackupHeader | null } = { header: null }
    await pipeline(file, (bytes: AsyncIterable<Buffer>) => openParts(bytes, passphrase), createGunzip(), async (bytes: AsyncIterable<Buffer>) => {
      for await (const item of takeItems(readItems(bytes), stage, onProgress)) {
        if ('header' in item) {
          taken.header = item.header
          loader = await openLoader(item.header, place, { stage, now, replace, aside: asideAt(now) })
        } else {
          // What it says of its size is what somebody wrote: a small file may unpack to a full disk.
          if (roomIn(stage) < LEAST_FREE) throw new Error(tooLittleRoom(dataDir))
          await loader?.rows(item.table, item.rows)
        }
      }
    })
    const { header } = taken
    if (header === null || loader === null) throw new BadBackup('damaged', 'The backup is empty. Take another one.')
    // With a key that is none of this house no code would open, and the record would go on under a key that nobody has.
    checkKeys(stage)
    dropAddresses(join(stage, 'oncekey.json'))
    const note = JSON.stringify({ madeAt: header.madeAt, madeBy: header.by, by, at: now, seq: header.record.seq })
    await keep(loader, note)
    return { header, note }
  } catch (error) {
    await (loader as Loader | null)?.abandon()
    // With a plan nobody knows here whether it counts: a commit may have come before the line broke. The next start asks the database.
    if (!existsSync(join(stage, 'plan.json'))) rmSync(stage, { recursive: true, force: true })
    throw inWords(error, dataDir)
  }
}

/**
 * Reads a backup to its end, as a restore does, and changes nothing.
 * @throws BadBackup for a file that can not be used
 */
export async function checkBackup ({ file, passphrase }: Pick<RestoreOrder, 'file' | 'passphrase'>, onProgress: (rows: number, of: number) => void = () => {}): Promise<BackupHeader> {
  const taken: { header: BackupHeader | null } = { header: null }
  try {
    await pipeline(file, (bytes: AsyncIterable<Buffer>) => openParts(bytes, passphrase), createGunzip(), async (bytes: AsyncIterable<Buffer>) => {
      for await (const item of takeItems(readItems(bytes), null, onProgress)) if ('header' in item) taken.header = item.header
    })
  } catch (error) {
    throw inWords(error, '')
  }
  if (taken.header === null) throw new BadBackup('damaged', 'The backup is empty. Take another one.')
  return taken.header
}

function finish (loader: Loader, note: string): Promise<void> {
  return loader.finish(note)
}

type Taken = { header: BackupHeader } | { table: TableHead, rows: Value[][] }

/** Files go to the stage; the header and rows of tables, some at a time, are handed on. Everything that was announced is there, and nothing else. */
async function * takeItems (items: AsyncIterable<Item>, stage: string | null, onProgress: (rows: number, of: number) => void): AsyncGenerator<Taken> {
  let header: BackupHeader | null = null
  let of = 0
  let done = 0
  let table: TableHead | null = null
  let rows: Value[][] = []
  let inTable = 0
  const waiting: TableHead[] = []
  const files = new Map<string, number>()
  const flush = (): { table: TableHead, rows: Value[][] } | null => {
    if (table === null || rows.length === 0) return null
    const batch = { table, rows }
    rows = []
    return batch
  }
  const wrong = (what: string): never => { throw new BadBackup('damaged', `The backup is not as it was written: ${what}. Take another copy of it, or an older backup.`) }
  for await (const item of items) {
    if (item.is === 'header') {
      header = item.header
      of = header.tables.reduce((sum, one) => sum + one.rows, 0)
      waiting.push(...header.tables)
      for (const { path, bytes } of header.files) files.set(checked(path), bytes)
      yield { header }
    } else if (item.is === 'file') {
      const left = files.get(item.path) ?? wrong(`it has a file that its header does not name (${item.path.slice(0, 80)})`)
      if (item.bytes.length > left) wrong(`${item.path} is longer than its header says`)
      files.set(item.path, left - item.bytes.length)
      if (stage !== null) addToFile(join(stage, item.path), item.bytes)
    } else if (item.is === 'table') {
      const batch = flush()
      if (batch !== null) yield batch
      if (table !== null && inTable !== table.rows) wrong(`"${table.name}" has ${inTable} rows and not ${table.rows}`)
      table = waiting.shift() ?? null
      if (table === null || table.name !== item.name || leftOut.includes(table.name)) wrong(`"${item.name.slice(0, 80)}" is not the table that belongs there`)
      inTable = 0
    } else {
      if (table === null || item.values.length !== table.columns.length) wrong('a row does not fit its table')
      if (++inTable > (table?.rows ?? 0)) wrong(`"${table?.name}" has more rows than its header says`)
      rows.push(item.values)
      if (++done % 1_000 === 0) onProgress(done, of)
      const batch = rows.length < BATCH ? null : flush()
      if (batch !== null) yield batch
    }
  }
  const batch = flush()
  if (batch !== null) yield batch
  if (table !== null && inTable !== table.rows) wrong(`"${table.name}" has ${inTable} rows and not ${table.rows}`)
  if (waiting.length > 0) wrong(`the table "${waiting[0]?.name}" is missing`)
  for (const [path, left] of files) if (left !== 0) wrong(`${path} is shorter than its header says`)
  onProgress(done, of)
}

/** A file's name goes into a path: only those that we keep, and nothing that leads out of the stage. */
function checked (path: string): string {
  const [first = ''] = path.split('/')
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(path) || normalize(path) !== path || path.split('/').includes('..') || !kept.includes(first)) throw new BadBackup('foreign', `The backup names a file that no backup has (${JSON.stringify(path.slice(0, 80))}): it was made by somebody else. Nothing was changed.`)
  return path
}

function addToFile (path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = openSync(path, 'a', 0o600)
  writeSync(file, bytes)
  fsyncSync(file)
  closeSync(file)
}

async function openLoader (header: BackupHeader, { databaseUrl }: Exclude<RecordPlace, string>, { stage, now, replace, aside }: { stage: string, now: number, replace: boolean, aside: string }): Promise<Loader> {
  const bytes = header.files.reduce((sum, one) => sum + one.bytes, 0)
  if (roomIn(stage) < bytes + LEAST_FREE) throw new Error(`There is too little room in ${dirname(stage)}: ${Math.ceil((bytes + LEAST_FREE) / 2 ** 20)} MB at least are needed. Make room, or name a folder on another disk with ONCEKEY_DATA_DIR. Nothing was changed.`)
  if (databaseUrl !== null) return (await import('./load-postgres.ts')).loadPostgres(databaseUrl, header, { now, replace, asideAs: aside.replaceAll('-', '_').toLowerCase() })
  return (await import('./load-sqlite.ts')).loadSqlite(join(stage, 'oncekey.db'), header, now)
}

/** Bytes that are free where this folder is. */
function roomIn (folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function checkKeys (stage: string): void {
  try {
    readSecrets(stage)
  } catch (cause) {
    throw new BadBackup('damaged', 'The backup has no keys in it, or damaged ones: without them live codes and the record can not be checked. Take another backup. Nothing was replaced.', { cause })
  }
}

/** The settings of another machine come along, but for those that say where it has its databases. */
function dropAddresses (path: string): void {
  if (!existsSync(path)) return
  const { ONCEKEY_DATABASE_URL: _, ONCEKEY_REDIS_URL: __, ...settings }: Record<string, unknown> = { ...parsed(readFileSync(path, 'utf8')) }
  writeFileSync(path, JSON.stringify(settings, null, 2) + '\n', { mode: 0o600 })
}

/**
 * A server holds SQLite's file open; only with nobody else can its log be taken home and be ended.
 * @throws Error when somebody uses the database in the folder
 */
function refuseRunning (dataDir: string): void {
  const path = join(dataDir, 'oncekey.db')
  if (!existsSync(path)) return
  let database: DatabaseSync | null = null
  try {
    chmodSync(path, 0o600)
    database = new DatabaseSync(path, { timeout: 500 })
    database.exec('PRAGMA journal_mode = DELETE')
  } catch (cause) {
    // A damaged one is what a backup is for: it is put aside as it is.
    if (cause instanceof Error && /locked|busy/.test(cause.message)) throw new Error(`A server uses the data folder ${dataDir}. Stop it first: what it wrote while the backup is put back would be lost. Nothing was changed.`, { cause })
  } finally {
    database?.close()
  }
}

function tooLittleRoom (dataDir: string): string {
  return `There is too little room in ${dataDir}. Make room, or name a folder on another disk with ONCEKEY_DATA_DIR. Nothing was replaced.`
}

function inWords (error: unknown, dataDir: string): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  if (error.code === 'ENOSPC' || ('errcode' in error && error.errcode === 13)) return new Error(tooLittleRoom(dataDir), { cause: error })
  if (typeof error.code === 'string' && error.code.startsWith('Z_')) return new BadBackup('damaged', 'The backup is not as it was written: its bytes can not be unpacked. Take another copy of it, or an older backup.', { cause: error })
  if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') return new Error(`The data folder ${dataDir} can not be written to (${error.message}). Give this user write access, or set ONCEKEY_DATA_DIR to another folder.`, { cause: error })
  return error
}
