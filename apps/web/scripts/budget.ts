/**
 * What a first visit loads, in bytes after gzip, and whether that keeps to the budget: 45 kB for the pages that
 * holders and keypads use on bad networks, 120 kB for every other. Counted is everything that the page fetches
 * by itself, without a further press: the page, its icon, JavaScript, style sheets and the wordier language's
 * texts, whether it needs them to be drawn or asks for them right after. Answers of the API are not counted.
 *
 *     node apps/web/scripts/budget.ts [dist] [--files]     prints the table; exit code 1 above the budget
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { routes } from '../src/routes.ts'

type Chunk = { file: string, imports?: string[], dynamicImports?: string[], css?: string[] }
type Visit = {
  /** Whose visit; several may visit one page. */
  who: string
  path: string
  /** Most bytes before the page is drawn, and with what it fetches right after. */
  budget: { drawn: number, all: number }
  /** Lazy parts of the page that this visitor does not get by just looking. */
  without?: readonly string[]
  /** Lazy parts of the frame that come with this page. */
  with?: readonly string[]
}
export type Load = Visit & { drawn: number, all: number, files: { file: string, bytes: number }[] }

const lean = 45_000
const any = 120_000
/** Display and keys keep to the lean budget; with the controller's program and its way to the broker it is this. */
const doorWithProgram = 63_000
const doorBeside = 'src/access/DoorBeside.svelte'
const visits: readonly Visit[] = [
  { who: 'sign-in', path: '/sign-in', budget: { drawn: lean, all: lean } },
  { who: 'invitation', path: '/invitation/:token', budget: { drawn: lean, all: lean } },
  { who: 'contact', path: '/contact', budget: { drawn: lean, all: lean } },
  // Doors without hardware are shown beside the cards to those who own a demonstration, on wide screens.
  { who: 'holder', path: '/access', budget: { drawn: lean, all: lean }, without: [doorBeside] },
  { who: 'inbox', path: '/inbox', budget: { drawn: lean, all: lean } },
  { who: 'me', path: '/me', budget: { drawn: lean, all: lean } },
  // The keypad is of no use before the controller's program and its way to the broker are there.
  { who: 'door', path: '/door/:controllerId', budget: { drawn: lean, all: doorWithProgram }, with: ['src/access/CodeStrip.svelte'] },
  { who: 'owner of a demonstration', path: '/access', budget: { drawn: any, all: any }, with: ['src/texts/en/door.json'] },
  ...routes.filter(each => ['/start', '/live', '/people', '/places', '/audit'].includes(each.path)).map(each => ({ who: 'operator', path: each.path, budget: { drawn: any, all: any } }))
]
const languages = ['en', 'de']
const always = ['index.html', 'icon.svg']

/** @param dist folder that `vite build` wrote, with its manifest */
export function loads (dist: string): Load[] {
  const manifest: Record<string, Chunk> = JSON.parse(readFileSync(path.join(dist, '.vite/manifest.json'), 'utf8'))
  const sizes = new Map<string, number>()

  /** As the build stores it for the server. */
  function size (file: string): number {
    const known = sizes.get(file) ?? gzipSync(readFileSync(path.join(dist, file)), { level: 9 }).length
    sizes.set(file, known)
    return known
  }
  /** The files of a chunk and of all that it imports; with `lazily` also of what it asks for later. */
  function gather (key: string, into: Set<string>, lazily: ((key: string) => boolean) | null, seen: Set<string>): Set<string> {
    const chunk = manifest[key]
    if (!chunk) throw new Error(`The build has no ${key}. Was it renamed?`)
    if (seen.has(key)) return into
    seen.add(key)
    for (const file of [chunk.file, ...chunk.css ?? []]) into.add(file)
    for (const next of [...chunk.imports ?? [], ...lazily ? (chunk.dynamicImports ?? []).filter(lazily) : []]) gather(next, into, lazily, seen)
    return into
  }

  return visits.map(visit => {
    const route = routes.find(each => each.path === visit.path)
    const page = /import\("?'?\.\/([^"')]+)/.exec(String(route?.load))?.[1]
    if (!route || !page) throw new Error(`The page of ${visit.path} is not a plain import.`)
    for (const key of visit.without ?? []) if (!manifest[key]) throw new Error(`The build has no ${key}. Was it renamed?`)
    // The frame leads to every page, so what it asks for later is not followed; but what comes with this page is.
    const frame = new Set<string>()
    const drawn = gather('index.html', new Set(always), null, frame)
    const all = new Set<string>()
    gather(`src/${page}`, all, key => !visit.without?.includes(key), new Set(frame))
    gather(`src/${page}`, drawn, null, frame)
    const texts = ['common', ...route.texts ?? []]
    const wordiest = languages.map(language => texts.map(part => manifest[`src/texts/${language}/${part}.json`]?.file ?? ''))
      .toSorted((a, b) => sum(b.map(size)) - sum(a.map(size)))[0] ?? []
    for (const file of wordiest) drawn.add(file)
    for (const key of visit.with ?? []) gather(key, all, () => true, new Set(frame))
    const files = [...drawn.union(all)].map(file => ({ file, bytes: size(file) })).toSorted((a, b) => b.bytes - a.bytes)
    return { ...visit, drawn: sum([...drawn].map(size)), all: sum(files.map(each => each.bytes)), files }
  })
}

/** Above the budget, when drawn or with what follows. */
export function isOver ({ drawn, all, budget }: Pick<Load, 'drawn' | 'all' | 'budget'>): boolean {
  return drawn > budget.drawn || all > budget.all
}

function sum (numbers: number[]): number {
  return numbers.reduce((all, each) => all + each, 0)
}

if (import.meta.main) {
  const print = (line: string): void => { process.stdout.write(line + '\n') }
  const [dist = path.join(import.meta.dirname, '../dist')] = process.argv.slice(2).filter(word => !word.startsWith('--'))
  const table = loads(dist)
  const column = (bytes: number): string => String(bytes).padStart(7)
  print('        drawn of budget      all of budget')
  for (const load of table) {
    const { who, path, drawn, all, budget, files } = load
    print(`${isOver(load) ? 'OVER' : 'ok  '} ${column(drawn)} ${column(budget.drawn)}   ${column(all)} ${column(budget.all)}  ${path}, ${who}`)
    if (process.argv.includes('--files')) for (const each of files) print(`                                     ${column(each.bytes)}  ${each.file}`)
  }
  print(`The door's page is drawn within ${lean} bytes, but of no use before its program runs: all of it weighs more than that.`)
  if (table.some(isOver)) process.exitCode = 1
}
