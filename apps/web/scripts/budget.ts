/**
 * What a first visit to each page loads, in bytes after gzip, and whether that keeps to the budget: 45 kB for
 * the pages that holders and keypads use on bad networks, 120 kB for every other. Counted are JavaScript, style
 * sheets and one language's texts: everything that has to arrive before the page is drawn. `later` is what it
 * fetches by itself right after that; both together keep to the larger budget.
 *
 *     node apps/web/scripts/budget.ts [dist]     prints the table; exit code 1 above the budget
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { routes } from '../src/routes.ts'

type Chunk = { file: string, imports?: string[], dynamicImports?: string[], css?: string[] }
export type FirstLoad = { path: string, bytes: number, later: number, budget: number, files: { file: string, bytes: number }[] }

const lean = 45_000
const any = 120_000
const leanPages = ['/sign-in', '/invitation/:token', '/contact', '/access', '/inbox', '/me', '/door/:controllerId']
const languages = ['en', 'de']

/** @param dist folder that `vite build` wrote, with its manifest */
export function firstLoads (dist: string): FirstLoad[] {
  const manifest: Record<string, Chunk> = JSON.parse(readFileSync(path.join(dist, '.vite/manifest.json'), 'utf8'))
  const sizes = new Map<string, number>()

  function size (file: string): number {
    const known = sizes.get(file) ?? gzipSync(readFileSync(path.join(dist, file))).length
    sizes.set(file, known)
    return known
  }
  function gather (key: string, into: Set<string>, followDynamic: boolean, seen = new Set<string>()): void {
    const chunk = manifest[key]
    if (!chunk) throw new Error(`The build has no ${key}. Was it renamed?`)
    if (seen.has(key)) return
    seen.add(key)
    for (const file of [chunk.file, ...chunk.css ?? []]) into.add(file)
    for (const next of [...chunk.imports ?? [], ...followDynamic ? chunk.dynamicImports ?? [] : []]) gather(next, into, followDynamic, seen)
  }

  return routes.map(route => {
    const page = /import\("?'?\.\/([^"')]+)/.exec(String(route.load))?.[1]
    if (!page) throw new Error(`The page of ${route.path} is not a plain import.`)
    const files = new Set<string>()
    // Chunks of the frame lead to every page: what is gathered already is not followed again.
    const seen = new Set<string>()
    gather('index.html', files, false, seen)
    const withLater = new Set<string>()
    gather(`src/${page}`, withLater, true, new Set(seen))
    gather(`src/${page}`, files, false, seen)
    const texts = ['common', ...route.texts ?? []]
    const wordiest = languages.map(language => texts.map(part => manifest[`src/texts/${language}/${part}.json`]?.file ?? ''))
      .toSorted((a, b) => sum(b.map(size)) - sum(a.map(size)))[0] ?? []
    for (const file of wordiest) files.add(file)
    const list = [...files].map(file => ({ file, bytes: size(file) })).toSorted((a, b) => b.bytes - a.bytes)
    const later = sum([...withLater].filter(file => !files.has(file)).map(size))
    return { path: route.path, bytes: sum(list.map(each => each.bytes)), later, budget: leanPages.includes(route.path) ? lean : any, files: list }
  })
}

/** Above the budget, at first or with what follows. */
export function isOver ({ bytes, later, budget }: Pick<FirstLoad, 'bytes' | 'later' | 'budget'>): boolean {
  return bytes > budget || bytes + later > any
}

function sum (numbers: number[]): number {
  return numbers.reduce((all, each) => all + each, 0)
}

if (import.meta.main) {
  const print = (line: string): void => { process.stdout.write(line + '\n') }
  const loads = firstLoads(process.argv[2] ?? path.join(import.meta.dirname, '../dist'))
  for (const { path, bytes, later, budget, files } of loads) {
    print(`${isOver({ bytes, later, budget }) ? 'OVER' : 'ok  '}  ${String(bytes).padStart(7)} of ${budget}  then ${String(later).padStart(6)}  ${path}`)
    if (process.argv.includes('--files')) for (const each of files) print(`        ${String(each.bytes).padStart(7)}  ${each.file}`)
  }
  if (loads.some(isOver)) process.exitCode = 1
}
