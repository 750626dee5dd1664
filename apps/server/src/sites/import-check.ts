import { CompartmentSize, HeightMm, Name, type FaultyPlace, type FileFault, type PlaceRow, type PlacesPreview } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { readList } from '../platform/lists.ts'
import { Problem } from '../platform/problems.ts'
import type { Measures } from './access-points.ts'
import { MOST_NAMES, namesOfRange } from './range.ts'

/** Of the whole file. */
export const MOST_BYTES = 1024 * 1024
const MOST_FAULTS = 200

type Column = 'name' | 'bank' | 'size' | 'height'
type RawPlace = { line: number } & Record<Column, string>
export type ReadPlaces = { fault: { what: FileFault, line: number | null } } | { fault: null, rows: RawPlace[], leftOut: string[] }
type Place = { name: string } & Measures
/** `bankId`: null for a bank that is to be made. `changed`: those that are here with another size or height. */
type BankPlan = { name: string, bankId: string | null, added: Place[] }
/** What is to come of a file. */
export type PlacesPlan = { banks: BankPlan[], doors: string[], changed: ({ id: string } & Measures)[], here: number, rows: PlaceRow[], faults: FaultyPlace[] }

const names: Readonly<Record<string, Column>> = {
  name: 'name', compartment: 'name', compartments: 'name', door: 'name', range: 'name', fach: 'name', fächer: 'name', tür: 'name', bereich: 'name',
  bank: 'bank', cabinet: 'bank', schrank: 'bank',
  size: 'size', größe: 'size', grösse: 'size',
  height: 'height', heightmm: 'height', höhe: 'height', höhemm: 'height'
}

/** Reads a list of doors and compartments: as many rows as one write should make. @param text null when the bytes were not UTF-8 */
export async function readPlaces (text: string | null): Promise<ReadPlaces> {
  const list = await readList(text, { names, needed: ['name', 'bank'], mostRows: MOST_NAMES })
  if (list.fault !== null) return list
  const rows = list.rows.map(({ line, cell }) => ({ line, name: cell('name'), bank: cell('bank'), size: cell('size'), height: cell('height') }))
  // What can not be read as a range is a fault of its row, later.
  const all = rows.reduce((sum, row) => sum + (row.bank === '' ? 1 : rangeOf(row.name)?.length ?? 1), 0)
  return all > MOST_NAMES ? { fault: { what: 'tooManyRows', line: null } } : { fault: null, rows, leftOut: list.leftOut }
}

/** Looks at every row, alone, beside the others, and beside what is here. Writes nothing. @param on a transaction, for a plan that holds until it ends */
export async function planPlaces (on: House['db']['read'], siteId: string, rows: readonly RawPlace[]): Promise<PlacesPlan> {
  const banks = new Map((await on.selectFrom('banks').select(['id', 'name']).where('site_id', '=', siteId).where('removed_at', 'is', null).execute()).map((bank): [string, BankPlan] => [lower(bank.name), { name: bank.name, bankId: bank.id, added: [] }]))
  const points = await on.selectFrom('access_points').select(['id', 'name', 'bank_id', 'size', 'height_mm']).where('site_id', '=', siteId).where('removed_at', 'is', null).execute()
  const here = new Map(points.map((point) => [key(point.bank_id, point.name), point]))
  const seen = new Map<string, number>()
  const plan: PlacesPlan = { banks: [], doors: [], changed: [], here: 0, rows: [], faults: [] }
  for (const row of rows) {
    const read = readRow(row)
    if ('fault' in read) { plan.faults.push(read); continue }
    const twice = read.places.find((name) => seen.has(key(lower(row.bank), name)))
    if (twice !== undefined) { plan.faults.push({ line: row.line, fault: 'nameTwice', value: shown(twice), otherLine: seen.get(key(lower(row.bank), twice)) ?? 0 }); continue }
    const bank = row.bank === '' ? null : banks.get(lower(row.bank)) ?? { name: row.bank, bankId: null, added: [] }
    if (bank !== null) banks.set(lower(row.bank), bank)
    const does: PlaceRow = { line: row.line, name: row.name, bank: bank?.name ?? null, added: 0, changed: 0, here: 0 }
    for (const name of read.places) {
      seen.set(key(lower(row.bank), name), row.line)
      const point = bank !== null && bank.bankId === null ? undefined : here.get(key(bank?.bankId ?? null, name))
      if (point === undefined) {
        does.added++
        if (bank === null) plan.doors.push(name)
        else bank.added.push({ name, ...read.measures })
      } else if ((read.measures.size ?? point.size) !== point.size || (read.measures.heightMm ?? point.height_mm) !== point.height_mm) {
        does.changed++
        plan.changed.push({ id: point.id, ...read.measures })
      } else {
        does.here++
        plan.here++
      }
    }
    plan.rows.push(does)
  }
  plan.banks = [...banks.values()].filter((bank) => bank.added.length > 0)
  return plan
}

export function sumsOf (plan: PlacesPlan): { banks: number, added: number, changed: number, here: number } {
  return {
    banks: plan.banks.filter((bank) => bank.bankId === null).length, added: plan.doors.length + plan.banks.reduce((sum, bank) => sum + bank.added.length, 0),
    changed: plan.changed.length, here: plan.here
  }
}

export function previewOf (plan: PlacesPlan, leftOut: string[]): PlacesPreview {
  return { fault: null, ...sumsOf(plan), faulty: plan.faults.length, faults: plan.faults.slice(0, MOST_FAULTS), rows: plan.rows, leftOut }
}

/** As the database's own `lower` does it: two names that it takes for one are one here. */
const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
const key = (bank: string | null, name: string): string => `${bank ?? ''}\n${lower(name)}`
const shown = (text: string): string => text.slice(0, 80)
const rule = (schema: object, name: string): unknown => Reflect.get(schema, name)
const fits = (schema: object, text: string): boolean => Array.from(text).length <= Number(rule(schema, 'maxLength')) && new RegExp(String(rule(schema, 'pattern')), 'u').test(text)

function readRow ({ line, name, bank, size, height }: RawPlace): FaultyPlace | { places: string[], measures: Measures } {
  const fault = (what: FaultyPlace['fault'], value: string): FaultyPlace => ({ line, fault: what, value: shown(value) })
  if (name === '') return fault('nameMissing', '')
  if (bank !== '' && !fits(Name, bank)) return fault('bankWrong', bank)
  // A door may be called "Level 1-3": only compartments come by range.
  const places = bank === '' ? [name] : rangeOf(name)
  if (places === null || !places.every((each) => fits(Name, each))) return fault('nameWrong', name)
  if (bank === '' && size + height !== '') return fault('sizeOfDoor', size || height)
  if (size !== '' && !fits(CompartmentSize, size)) return fault('sizeWrong', size)
  if (height !== '' && !(/^\d{1,4}$/.test(height) && Number(height) <= Number(rule(HeightMm, 'maximum')))) return fault('heightWrong', height)
  return { places, measures: { ...size !== '' && { size }, ...height !== '' && { heightMm: Number(height) } } }
}

function rangeOf (text: string): string[] | null {
  try {
    return namesOfRange(text)
  } catch (error) {
    if (error instanceof Problem) return null
    throw error
  }
}
