/**
 * What a first visit loads, in bytes after gzip, and whether that keeps to the budget: 45 kB for the pages that
 * holders use on bad networks, 51.65 kB for the door, 120 kB for every other. Counted is everything that the page fetches
 * by itself, without a further press: the page, its icon, JavaScript, style sheets and the wordiest language's
 * texts, whether it needs them to be drawn or asks for them right after. Answers of the API are not counted.
 *
 *     node apps/web/scripts/budget.ts [dist] [--files]     prints the table; exit code 1 above the budget
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { pages as morePages } from '../src/more-pages.ts'
import { routes } from '../src/routes.ts'

type Chunk = { file: string, imports?: string[], dynamicImports?: string[], css?: string[], assets?: string[] }
type Visit = {
  /** Whose visit; several may visit one page. */
  who: string
  path: string
  /** Most bytes that the page may fetch by itself. */
  budget: number
  /** Lazy parts of the page that this visitor does not get by just looking. */
  without?: readonly string[]
  /** Words that come with a part of this page. */
  words?: readonly string[]
}
export type Load = Visit & { /** What the page needs to be drawn. */ drawn: number, /** With what it fetches right after. */ all: number, files: { file: string, bytes: number }[] }

const lean = 45_000
/** The document of a door carries the whole program of a controller, what it checks without its server included. Arabic words weigh 240 bytes more than the German ones that were the wordiest. */
const wholeController = 51_650
const any = 120_000
/** Come when somebody presses something: a code is asked for, a captcha solved, a passkey used, a QR code drawn, a board set up and written, labels printed, updates looked at; some only in browsers that need them. */
const pressed = ['src/session/CodeStep.svelte', 'src/session/solve.ts', 'src/session/passkeys.ts', '../../node_modules/@simplewebauthn/browser/esm/index.js', '../../node_modules/uqr/dist/index.mjs', 'src/esp32/SetUpEsp32.svelte', 'src/esp32/flash.ts', 'src/updates/Updates.svelte', 'src/places/Labels.svelte']
const doorBeside = 'src/access/DoorBeside.svelte'
const visits: readonly Visit[] = [
  { who: 'sign-in', path: '/sign-in', budget: lean },
  { who: 'sign-in by code', path: '/sign-in/code', budget: lean },
  { who: 'second factor', path: '/sign-in/second', budget: lean },
  { who: 'registration', path: '/register', budget: lean },
  { who: 'recovery', path: '/recover', budget: lean },
  { who: 'invitation', path: '/invitation/:token', budget: lean },
  // Whoever is signed in also gets what they have asked before.
  { who: 'contact', path: '/contact', budget: lean, without: ['src/contact/OwnQuestions.svelte'] },
  { who: 'visitor to the demo', path: '/try', budget: any },
  // Doors without hardware are shown beside the cards to those who own a demonstration, on wide screens.
  { who: 'holder', path: '/access', budget: lean, without: [doorBeside] },
  { who: 'holder at a door', path: '/at/:id', budget: lean },
  { who: 'inbox', path: '/inbox', budget: lean },
  { who: 'me', path: '/me', budget: lean },
  { who: 'the pages behind me', path: '/me/:part', budget: any },
  { who: 'door', path: '/door/:controllerId', budget: wholeController },
  { who: 'owner of a demonstration', path: '/access', budget: any, words: ['door'] },
  ...routes.filter(each => ['/start', '/live', '/alerts', '/people', '/places', '/audit', '/insights', '/verifications', '/developers'].includes(each.path)).map(each => ({ who: 'operator', path: each.path, budget: any }))
]
const always = 'icon.svg'

/** @param dist folder that `vite build` wrote, with its manifest */
export function loads (dist: string): Load[] {
  const manifest = manifestOf('manifest.json')
  const manifestOfDoor = manifestOf('door.json')
  const sizes = new Map<string, number>()

  function manifestOf (name: string): Record<string, Chunk> {
    return JSON.parse(readFileSync(path.join(dist, '.vite', name), 'utf8'))
  }
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

  /** Of the languages' texts, the files of the one with most bytes. */
  function wordiest (parts: readonly string[]): string[] {
    // The only folder there, see catalogues.ts.
    const name = readdirSync(path.join(dist, 'assets'), { withFileTypes: true }).find(entry => entry.isDirectory())?.name ?? ''
    const folder = `assets/${name}`
    return readdirSync(path.join(dist, folder)).map(language => parts.map(part => `${folder}/${language}/${part}.json`))
      .toSorted((a, b) => sum(b.map(size)) - sum(a.map(size)))[0] ?? []
  }
  function toLoad (visit: Visit, drawn: Set<string>, later: Set<string>): Load {
    const files = [...drawn.union(later)].map(file => ({ file, bytes: size(file) })).toSorted((a, b) => b.bytes - a.bytes)
    return { ...visit, drawn: sum([...drawn].map(size)), all: sum(files.map(each => each.bytes)), files }
  }

  return visits.map(visit => {
    if (visit.path.startsWith('/door/')) return toLoad(visit, ofDoor(), new Set())
    const route = routes.find(each => each.path === visit.path)
    const more = Object.entries(morePages).find(([path]) => path === visit.path)?.[1]
    const page = /import\("?'?\.\/([^"')]+)/.exec(String(more ?? route?.load))?.[1]
    if (!route || !page) throw new Error(`The page of ${visit.path} is not a plain import.`)
    for (const key of [...pressed, ...visit.without ?? []]) if (!manifest[key]) throw new Error(`The build has no ${key}. Was it renamed?`)
    // The frame leads to every page, so what it asks for later is not followed; but what comes with this page is.
    const frame = new Set<string>()
    const drawn = gather('index.html', new Set([always, 'index.html']), null, frame)
    // That table leads to other pages, too, and is followed as little.
    if (more) gather('src/more-pages.ts', drawn, null, frame)
    const all = new Set<string>()
    gather(`src/${page}`, all, key => !pressed.includes(key) && !visit.without?.includes(key), new Set(frame))
    gather(`src/${page}`, drawn, null, frame)
    for (const file of wordiest(['basics', 'common', ...route.texts ?? [], ...visit.words ?? []])) drawn.add(file)
    return toLoad(visit, drawn, all)
  })

  /** A document of its own, in one piece: nothing of it comes later. */
  function ofDoor (): Set<string> {
    const { file, css = [], assets = [], imports = [], dynamicImports = [] } = manifestOfDoor['door.html'] ?? { file: '' }
    const rest = [...imports, ...dynamicImports, ...assets]
    if (rest.length > 0) throw new Error(`The door fetches more than is counted here: ${rest.join(', ')}`)
    return new Set(['door.html', always, file, ...css, ...wordiest(['basics', 'door'])])
  }
}

export function isOver ({ all, budget }: Pick<Load, 'all' | 'budget'>): boolean {
  return all > budget
}

function sum (numbers: number[]): number {
  return numbers.reduce((all, each) => all + each, 0)
}

if (import.meta.main) {
  const print = (line: string): void => { process.stdout.write(line + '\n') }
  const [dist = path.join(import.meta.dirname, '../dist')] = process.argv.slice(2).filter(word => !word.startsWith('--'))
  const table = loads(dist)
  const column = (bytes: number): string => String(bytes).padStart(7)
  print('        drawn     all of budget')
  for (const load of table) {
    const { who, path, drawn, all, budget, files } = load
    print(`${isOver(load) ? 'OVER' : 'ok  '} ${column(drawn)} ${column(all)} ${column(budget)}  ${path}, ${who}`)
    if (process.argv.includes('--files')) for (const each of files) print(`              ${column(each.bytes)}  ${each.file}`)
  }
  if (table.some(isOver)) process.exitCode = 1
}
