// Everything that can be said about the code without running it: types, lint, import rules, dead code, file lengths.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, runAll, tool } from './steps.mjs'
import { outsideSubset } from './subset.mjs'

const projects = ['packages/otp', 'packages/protocol', 'packages/controller', 'packages/drivers', 'packages/host', 'packages/vision', 'packages/client', 'apps/server', 'apps/simulator', 'devices/esp32', 'devices/raspberry-pi', 'tsconfig.tests.json']
const sources = ['packages', 'apps', 'devices', 'e2e', 'attack', 'faults', 'bench', 'deploy', 'xs', 'examples']
const longest = 400

await runAll([
  () => run('types', process.execPath, ['scripts/types.mjs', ...projects]),
  () => run('types of apps/web', process.execPath, [tool('svelte-check/bin/svelte-check'), '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human'], { cwd: join(root, 'apps/web'), quiet: true }),
  () => run('lint', process.execPath, [tool('oxlint/bin/oxlint'), '--deny-warnings', '.']),
  () => run('import rules', process.execPath, [tool('dependency-cruiser/bin/dependency-cruiser.mjs'), '--config', '.dependency-cruiser.mjs', ...sources]),
  plantedViolations,
  languageOfTheDevice,
  () => run('dead code', process.execPath, [tool('knip/bin/knip.js')]),
  fileLengths,
  lockFile
])

/** A checker that finds nothing is worth nothing unless it finds what was planted for it. */
function plantedViolations () {
  const title = 'planted violations of the import rules'
  const { expected } = JSON.parse(readFileSync(join(root, 'scripts/planted/expected.json'), 'utf8'))
  const found = spawnSync(process.execPath, [tool('dependency-cruiser/bin/dependency-cruiser.mjs'), '--config', join(root, '.dependency-cruiser.mjs'), '--output-type', 'json', 'packages', 'apps'], { cwd: join(root, 'scripts/planted'), encoding: 'utf8', maxBuffer: 64e6 })
  const violations = JSON.parse(found.stdout).summary.violations.map((one) => `${one.rule.name}: ${one.from}`)
  const missed = expected.filter((one) => !violations.includes(one))
  console.log(`\n== ${title}: ${missed.length === 0 ? `ok, all ${expected.length} found` : `FAILED, not found:\n  ${missed.join('\n  ')}\nfound:\n  ${violations.join('\n  ')}`}`)
  return missed.length === 0
}

/** What runs on a microcontroller is written in the language of its engine; and each way out of it that was planted is seen. */
function languageOfTheDevice () {
  const said = (violations) => violations.map(({ file, line, what }) => `${file}:${line}: ${what}`)
  const found = said(outsideSubset(['packages/controller/src/index.ts', 'packages/controller/src/slots.ts', 'packages/drivers/src/index.ts', 'packages/host/src/index.ts', 'packages/protocol/src/access/index.ts']))
  const planted = 'scripts/planted/subset/violations.ts'
  const expected = readFileSync(join(root, planted), 'utf8').split('\n').flatMap((text, i) => (/ \/\/ (.+)$/.exec(text)?.[1] ?? '').split('; ').filter((what) => what !== '').map((what) => `${planted}:${i + 1}: ${what}`))
  const seen = [...new Set(said(outsideSubset([planted])))]
  const faults = [...found, ...expected.filter((one) => !seen.includes(one)).map((one) => `planted, not found: ${one}`), ...seen.filter((one) => !expected.includes(one)).map((one) => `found, but not planted: ${one}`)]
  console.log(`\n== language of the device: ${faults.length === 0 && expected.length > 0 ? `ok, and all ${expected.length} planted violations found` : `FAILED\n  ${faults.join('\n  ')}`}`)
  return faults.length === 0 && expected.length > 0
}

function fileLengths () {
  const files = spawnSync('git', ['ls-files', '*.ts', '*.svelte', '*.mjs', '*.css'], { cwd: root, encoding: 'utf8' }).stdout.trim().split('\n')
  const long = files.map((file) => ({ file, lines: linesOf(join(root, file)) })).filter(({ lines }) => lines > longest)
  console.log(`\n== file lengths: ${long.length === 0 ? `ok, none of ${files.length} over ${longest} lines` : `FAILED\n${long.map(({ file, lines }) => `  ${lines} ${file}`).join('\n')}`}`)
  return long.length === 0
}

/** An optional package that was not to be had where the lock file was written is missing in it, and then `npm ci` refuses the whole file. */
function lockFile () {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const missing = Object.entries(packages).flatMap(([path, one]) => Object.keys(one.optionalDependencies ?? {}).filter((name) => !isLocked(packages, path, name)))
  console.log(`\n== lock file: ${missing.length === 0 ? 'ok, complete' : `FAILED, "npm ci" needs these too; take versions that have them all:\n  ${missing.join('\n  ')}`}`)
  return missing.length === 0
}

function isLocked (packages, path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true
    if (folder === '') return false
  }
}

function linesOf (path) {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}
