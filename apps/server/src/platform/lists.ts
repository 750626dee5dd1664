import type { FileFault } from '@oncekey/protocol/schemas'

const LONGEST_ROW = 16_384
/** Characters that are read before other requests get their turn. */
const SLICE = 32_768

/** What a list may have. `names`: what columns may be called, without blanks and signs, in lower case. `mostRows`: apart from the header. */
export type Shape<C extends string> = { names: Readonly<Record<string, C>>, needed: readonly C[], mostRows: number }
/** Rows as they stand there, trimmed; a cell that is not there is empty. `line`: where it begins, from 1. */
export type ReadList<C extends string> =
  { fault: { what: FileFault, line: number | null } } |
  { fault: null, rows: { line: number, cell: (column: C) => string }[], leftOut: string[] }
type Row = { line: number, cells: string[] }

/**
 * Reads a list: commas, semicolons or tabs, told by the header; quotes, line breaks in them, any line ends. The work is
 * done in slices, so that nobody else waits for a large file.
 * @param text null when the bytes were not UTF-8
 */
export async function readList<C extends string> (text: string | null, shape: Shape<C>): Promise<ReadList<C>> {
  if (text === null) return { fault: { what: 'notUtf8', line: null } }
  const plain = text.replace(/^\ufeff/, '')
  if (plain.trim() === '') return { fault: { what: 'empty', line: null } }
  // Twenty thousand rows a year are no reason to have it in memory all day.
  const { parse, CsvError } = await import('csv-parse')
  const parser = parse({ delimiter: delimiterOf(plain), info: true, relax_column_count: true, trim: true, max_record_size: LONGEST_ROW, bom: true })
  const records: Row[] = []
  // With the empty ones, which cost as much to read.
  const mostLines = 2 * shape.mostRows
  let before = 0
  let seen = 0
  const take = (): void => {
    for (let one: unknown = parser.read(); one !== null; one = parser.read()) {
      const { info, record } = one as { info: { lines: number }, record: string[] }
      seen++
      // `lines` counts to the end of the row, which may have line breaks in it.
      if (record.some((cell) => cell !== '')) records.push({ line: before + 1, cells: record })
      before = info.lines
    }
  }
  try {
    await new Promise<void>((resolve, reject) => {
      parser.on('readable', take)
      parser.once('error', reject)
      parser.once('end', resolve)
      const feed = (at: number): void => {
        if (parser.destroyed || records.length > shape.mostRows + 1 || seen > mostLines) return resolve()
        if (at >= plain.length) return void parser.end()
        parser.write(plain.slice(at, at + SLICE))
        setImmediate(feed, at + SLICE)
      }
      feed(0)
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return { fault: { what: 'broken', line: Number(Reflect.get(error, 'lines')) || before + 1 } }
  } finally {
    parser.destroy()
  }
  return seen > mostLines ? { fault: { what: 'tooManyRows', line: null } } : columnsOf(records, shape)
}

function columnsOf<C extends string> (records: readonly Row[], { names, needed, mostRows }: Shape<C>): ReadList<C> {
  const [header, ...rest] = records
  if (header === undefined) return { fault: { what: 'empty', line: null } }
  if (rest.length > mostRows) return { fault: { what: 'tooManyRows', line: null } }
  const columns = header.cells.map((cell) => names[cell.toLowerCase().replaceAll(/[^\p{L}]/gu, '')])
  const known = columns.filter((one) => one !== undefined)
  if (new Set(known).size < known.length) return { fault: { what: 'columnTwice', line: header.line } }
  if (needed.some((column) => !known.includes(column))) return { fault: { what: 'noColumns', line: header.line } }
  if (rest.length === 0) return { fault: { what: 'empty', line: null } }
  return {
    fault: null,
    rows: rest.map(({ line, cells }) => ({ line, cell: (column) => { const i = columns.indexOf(column); return i === -1 ? '' : cells[i] ?? '' } })),
    leftOut: header.cells.filter((cell, i) => columns[i] === undefined && cell !== '').slice(0, 20).map((cell) => cell.slice(0, 80))
  }
}

/** The sign that the first line has most of, outside quotes. */
function delimiterOf (text: string): string {
  const header = (/^[^\r\n]*/.exec(text.trimStart())?.[0] ?? '').replaceAll(/"[^"]*"/g, '')
  const counts = [',', ';', '\t'].map((sign) => ({ sign, count: header.split(sign).length }))
  return counts.sort((a, b) => b.count - a.count)[0]?.sign ?? ','
}
