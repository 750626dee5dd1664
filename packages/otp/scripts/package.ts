/**
 * Makes what is published of this folder, in `dist/`, and packs it: `npm run package`. Prints the paths of the
 * tarballs. Workspaces use the sources, and npm does not apply `publishConfig.exports`, so each has a manifest of its own.
 *
 * Two packages, because programs need the one and tests of a store the other, which is as large: `@oncekey/otp`, and its
 * conformance suite `@oncekey/otp-contract`. `@oncekey/otp/contract` is the suite wherever that is installed, too.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

type Manifest = { name: string, version: string, description: string, license: string, exports: Record<string, string> }

const home = join(import.meta.dirname, '..')
const root = join(home, '../..')
const source = join(home, 'src')
const { name, version, description, license, exports }: Manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
const common = { version, license, type: 'module', sideEffects: false, engines: { node: '>=20' } }
/** Of use to this project's own doors, and free to change with them. */
const ownOnly = ['./sha256', './bytes', './offline']
const suite = './contract'

const entries = Object.entries(exports).filter(([entry]) => !ownOnly.includes(entry) && entry !== suite).map(([entry, path]) => ({ entry, path: path.replace('./src/', '').replace(/\.ts$/, '') }))
/** Without what is of this project's own doors, and what the suite's own page says. */
const readme = ['Codes that a door checks without its server', 'A store of your own'].reduce((text, title) => text.replace(sectionOf(title), ''), readFileSync(join(home, 'README.md'), 'utf8'))
const engine = begin('otp')
await build(engine, Object.fromEntries(entries.map(({ path }) => [path, join(source, `${path}.ts`)])))
writeTypes(engine, entries.map(({ path }) => path))
writeFileSync(join(engine, 'contract.js'), `export * from '${name}-contract'\n`)
writeFileSync(join(engine, 'contract.d.ts'), `export * from '${name}-contract'\n`)
const exported = Object.fromEntries([...entries, { entry: suite, path: 'contract' }].map(({ entry, path }) => [entry, { types: `./${path}.d.ts`, default: `./${path}.js` }]))
finish(engine, { name, description, ...common, peerDependencies: { [`${name}-contract`]: version }, peerDependenciesMeta: { [`${name}-contract`]: { optional: true } }, exports: exported }, readme)

const contract = begin('otp-contract')
await build(contract, { index: join(source, 'stores/contract.ts') })
writeTypes(contract, ['stores/contract'])
// The same text, but for where the types of a store are now.
writeFileSync(join(contract, 'index.d.ts'), readFileSync(join(contract, 'stores/contract.d.ts'), 'utf8').replace("'../store.js'", `'${name}'`))
for (const entry of readdirSync(contract)) if (!entry.startsWith('index.')) rmSync(join(contract, entry), { recursive: true })
finish(contract, { name: `${name}-contract`, description: `Tells whether a store of ${name} keeps its promises.`, ...common, peerDependencies: { [name]: version }, exports: { '.': { types: './index.d.ts', default: './index.js' } } }, `# ${name}-contract\n${sectionOf('A store of your own')}`)

/** A section of the README, with its headline. */
function sectionOf (title: string): string {
  const [section] = new RegExp(`^## ${title}\\n[^]*?(?=^## )`, 'm').exec(readFileSync(join(home, 'README.md'), 'utf8')) ?? []
  if (section === undefined) throw new Error(`The README has no section "${title}".`)
  return section
}

function begin (folder: string): string {
  const path = join(home, 'dist', folder)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  return path
}

async function build (to: string, input: Record<string, string>): Promise<void> {
  // The script that runs in Redis, without what explains it.
  const plugin = { name: 'lua', transform: (code: string, id: string) => id.endsWith('/redis-script.ts') ? code.replace(/^ *--.*\n/gm, '').replace(/^ +/gm, '') : null }
  const bundle = await rolldown({ input, external: /^node:/, plugins: [plugin] })
  await bundle.write({ dir: to, format: 'esm', minify: true, chunkFileNames: '[name].js', codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] } })
  await bundle.close()
}

function writeTypes (to: string, paths: string[]): void {
  const options = { noEmit: false, outDir: '.', rootDir: source, declaration: true, emitDeclarationOnly: true, removeComments: true, rewriteRelativeImportExtensions: true, allowImportingTsExtensions: false, types: ['node'] }
  writeFileSync(join(to, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions: options, files: paths.map((path) => join(source, `${path}.ts`)) }))
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', to], { stdio: 'inherit' })
  rmSync(join(to, 'tsconfig.json'))
  const reached = new Set<string>()
  const reach = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/ from '(\.[^']*)\.ts'/g)) reach(join(file, '..', `${path}.d.ts`))
  }
  for (const path of paths) reach(join(to, `${path}.d.ts`))
  for (const file of globSync(join(to, '**/*.d.ts'))) {
    // The compiler rewrites these in JavaScript only.
    if (reached.has(file)) writeFileSync(file, readFileSync(file, 'utf8').replace(/( from '\.[^']*)\.ts'/g, "$1.js'").replace(/^ +/gm, ''))
    else rmSync(file)
  }
}

function finish (folder: string, manifest: object, readme: string): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'README.md'), readme)
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  const [packed]: { filename: string }[] = JSON.parse(execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', join(home, 'dist')], { cwd: folder, encoding: 'utf8' }))
  process.stdout.write(`${join(home, 'dist', packed?.filename ?? '')}\n`)
}
