import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { Point } from '@oncekey/vision'

/** A photo of somebody. `near`: which of several faces is meant, px; null for the largest. `group`: '' for none. */
export type Photo = { path: string, person: string, group: string, near: Point | null }

/** Two photos by their places in the list, and whether they are one person's. */
export type Pair = { a: number, b: number, isSame: boolean, fold: number }

export type PhotoList = { photos: Photo[], pairs: Pair[] }

/** A list that can not be used, and what would be right. */
export class ListError extends Error {}

/**
 * The layout in which Labeled Faces in the Wild is published (Huang et al. 2007): a folder for each person, and a file of
 * pairs, whose first line has how many folds there are and how many pairs of a kind in each.
 * @throws ListError naming the line
 */
export function readPairs (folder: string, file: string): PhotoList {
  if (!existsSync(file)) throw new ListError(`There is no ${file}. Name the file of pairs with --pairs, or a list of photos with --csv.`)
  const [head = '', ...lines] = readFileSync(file, 'utf8').split(/\r?\n/).map((line) => line.trim())
  const counts = head.split(/\s+/).map(Number)
  if (counts.length > 2 || counts.some((one) => !Number.isInteger(one) || one < 1)) throw new ListError(`Line 1 of ${file} is "${head}": it has to be the number of folds and of pairs of a kind in each, such as "10 300".`)
  const perFold = (counts[1] ?? counts[0] ?? 0) * 2
  const photos: Photo[] = []
  const places = new Map<string, number>()
  const place = (person: string, number: string): number => {
    const path = join(folder, person, `${person}_${number.padStart(4, '0')}.jpg`)
    let at = places.get(path)
    if (at === undefined) {
      at = photos.push({ path, person, group: '', near: null }) - 1
      places.set(path, at)
    }
    return at
  }
  const pairs = lines.flatMap((line, i): Pair[] => {
    if (line === '') return []
    const words = line.split(/\s+/)
    const [first = '', n1 = '', second = '', n2 = ''] = words.length === 3 ? [words[0], words[1], words[0], words[2]] : words
    if (words.length < 3 || words.length > 4 || !/^\d{1,4}$/.test(n1) || !/^\d{1,4}$/.test(n2)) throw new ListError(`Line ${i + 2} of ${file} is "${line}": it has to be "name 1 2" or "name 1 othername 2".`)
    return [{ a: place(first, n1), b: place(second, n2), isSame: words.length === 3, fold: 0 }]
  })
  return { photos, pairs: pairs.map((pair, i) => ({ ...pair, fold: Math.floor(i / perFold) })) }
}

/**
 * A list of photos: columns `file` and `person`, and where they are wanted `group`, and `x` and `y` of the face that is meant
 * (px). Paths begin in `folder`, or where the list lies.
 * @throws ListError naming the line
 */
export function readPhotos (file: string, folder = dirname(file)): PhotoList {
  if (!existsSync(file)) throw new ListError(`There is no ${file}.`)
  let rows: Record<string, string>[]
  try {
    rows = parse(readFileSync(file), { columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()), bom: true, skip_empty_lines: true, trim: true })
  } catch (cause) {
    throw new ListError(`${file} is no list with commas: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
  const photos = rows.map(({ file: path = '', person = '', group = '', x = '', y = '' }, i): Photo => {
    if (path === '' || person === '') throw new ListError(`Line ${i + 2} of ${file} names no ${path === '' ? 'file' : 'person'}: the first line has to have the columns "file" and "person", and each further line both.`)
    const near = { x: Number(x), y: Number(y) }
    if ((x === '') !== (y === '') || !Number.isFinite(near.x) || !Number.isFinite(near.y)) throw new ListError(`Line ${i + 2} of ${file}: "x" and "y" are where the face is, in px, or both empty.`)
    return { path: join(folder, path), person, group, near: x === '' ? null : near }
  })
  if (new Set(photos.map(({ person }) => person)).size < 2) throw new ListError(`${file} needs photos of two people or more.`)
  return { photos, pairs: [] }
}
