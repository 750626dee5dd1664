import { createHash, type Hash } from 'node:crypto'
import { parsed } from '../audit/format.ts'
import type { Value } from '../platform/db.ts'
import { BadBackup } from './frame.ts'

/** A table, in an order in which nothing comes before what it refers to. */
export type TableHead = { name: string, columns: string[], rows: number }

/** The first thing in a backup. `madeAt`: ms since 1970 UTC; `record`: the head of the chain of that moment. */
export type BackupHeader = {
  madeAt: number, by: string, program: string, database: 'sqlite' | 'postgres', house: string | null, generation: number
  record: { seq: number, mac: string }, migrations: string[], tables: TableHead[], files: { path: string, bytes: number }[]
}

export type Item =
  | { is: 'header', header: BackupHeader }
  | { is: 'file', path: string, bytes: Buffer }
  | { is: 'table', name: string }
  | { is: 'row', values: Value[] }

/** Longer than anything that we write: a file in parts of 48 kB, a text of at most some 64 kB. */
const MOST_LINE = 8 * 1024 * 1024
/** Lines are handed on in pieces of about this size. */
const PIECE = 64 * 1024

/** A backup as lines of JSON with their digest at the end, in pieces. */
export async function * writeItems (items: AsyncIterable<Item>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let text = ''
  const flush = (): Buffer => {
    const piece = Buffer.from(text)
    text = ''
    hash.update(piece)
    return piece
  }
  for await (const item of items) {
    text += lineOf(item) + '\n'
    if (text.length >= PIECE) yield flush()
  }
  yield flush()
  yield Buffer.from(JSON.stringify({ type: 'end', sha256: hash.digest('hex') }) + '\n')
}

/**
 * What was written, in its order.
 * @throws BadBackup when a line is none of ours, or the digest at the end is missing or another one
 */
export async function * readItems (bytes: AsyncIterable<Buffer>): AsyncGenerator<Item> {
  const hash = createHash('sha256')
  let isOver = false
  let isFirst = true
  for await (const line of linesOf(bytes)) {
    if (isOver) throw damaged('something follows its end')
    if (line[0] === 0x7b && endOf(line, hash)) {
      isOver = true
      continue
    }
    hash.update(line).update('\n')
    const item = itemIn(line)
    if (isFirst !== (item.is === 'header')) throw damaged('its header is not where it belongs')
    isFirst = false
    yield item
  }
  if (!isOver) throw damaged('its end is missing')
}

function damaged (why: string, cause?: unknown): BadBackup {
  return new BadBackup('damaged', `The backup is not as it was written: ${why}. Take another copy of it, or an older backup.`, { cause })
}

function lineOf (item: Item): string {
  if (item.is === 'row') return JSON.stringify(item.values)
  if (item.is === 'file') return JSON.stringify({ type: 'file', path: item.path, bytes: item.bytes.toString('base64') })
  if (item.is === 'table') return JSON.stringify({ type: 'table', name: item.name })
  return JSON.stringify({ type: 'header', ...item.header })
}

function endOf (line: Buffer, hash: Hash): boolean {
  if (!line.subarray(0, 13).equals(Buffer.from('{"type":"end"'))) return false
  const end = parsed(line.toString('utf8'))
  if (end?.['sha256'] !== hash.copy().digest('hex')) throw damaged('the digest at its end is another one')
  return true
}

function itemIn (line: Buffer): Item {
  let told: unknown
  try {
    told = JSON.parse(line.toString('utf8'))
  } catch (cause) {
    throw damaged('a line is no JSON', cause)
  }
  if (Array.isArray(told)) {
    if (!told.every((one): one is Value => one === null || typeof one === 'string' || typeof one === 'number')) throw damaged('a row holds what no column can')
    return { is: 'row', values: told }
  }
  if (typeof told !== 'object' || told === null) throw damaged('a line is none of ours')
  const { type, path, bytes, name, ...rest }: Record<string, unknown> = { ...told }
  if (type === 'file' && typeof path === 'string' && typeof bytes === 'string') return { is: 'file', path, bytes: Buffer.from(bytes, 'base64') }
  if (type === 'table' && typeof name === 'string') return { is: 'table', name }
  if (type === 'header') return { is: 'header', header: headerIn(rest) }
  throw damaged('a line is none of ours')
}

function headerIn (told: Record<string, unknown>): BackupHeader {
  const { madeAt, by, program, database, house, generation, record, migrations, tables, files } = told
  const { seq, mac }: Record<string, unknown> = { ...Object(record) }
  if (!isCount(madeAt) || typeof by !== 'string' || typeof program !== 'string' || (database !== 'sqlite' && database !== 'postgres') || !(house === null || typeof house === 'string') ||
    !isCount(generation) || !isCount(seq) || typeof mac !== 'string' || !isListOf(migrations, isText) || !isListOf(tables, isTable) || !isListOf(files, isFile)) throw damaged('its header is not whole')
  return { madeAt, by, program, database, house, generation, record: { seq, mac }, migrations, tables, files }
}

function isListOf<One> (told: unknown, isOne: (one: unknown) => one is One): told is One[] {
  return Array.isArray(told) && told.every(isOne)
}

function isText (told: unknown): told is string {
  return typeof told === 'string'
}

function isCount (told: unknown): told is number {
  return typeof told === 'number' && Number.isSafeInteger(told) && told >= 0
}

function isTable (told: unknown): told is TableHead {
  const { name, columns, rows }: Record<string, unknown> = { ...Object(told) }
  return isName(name) && isListOf(columns, isName) && columns.length > 0 && isCount(rows)
}

/** Names go into SQL: nothing but letters and lines. */
function isName (told: unknown): told is string {
  return typeof told === 'string' && /^[a-z][a-z0-9_]{0,62}$/.test(told)
}

function isFile (told: unknown): told is { path: string, bytes: number } {
  const { path, bytes }: Record<string, unknown> = { ...Object(told) }
  return isText(path) && isCount(bytes)
}

async function * linesOf (bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let length = 0
  for await (const chunk of bytes) {
    let at = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, at)) {
      const line = chunk.subarray(at, end)
      yield held.length === 0 ? line : Buffer.concat([...held, line])
      held = []
      length = 0
      at = end + 1
    }
    held.push(chunk.subarray(at))
    length += chunk.length - at
    if (length > MOST_LINE) throw damaged('a line is longer than any that we write')
  }
  if (length > 0) throw damaged('its last line is not whole')
}
