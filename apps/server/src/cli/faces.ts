import { randomInt } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { attackAll, openPlayers, type AttackReport } from '../faces/attack.ts'
import { openModels } from '../faces/engine.ts'
import { evaluate, type Evaluation } from '../faces/evaluate.ts'
import { damaged, facesFolder, installFaces } from '../faces/install.ts'
import { parts } from '../faces/parts.ts'
import { ListError, readPairs, readPhotos, type PhotoList } from '../faces/pictures-list.ts'
import { openPool } from '../faces/pool.ts'
import { asPage, asText } from '../faces/report.ts'

const usage = `Usage: oncekey faces install [--data-dir DIR]
       oncekey faces evaluate FOLDER [--pairs FILE] [--data-dir DIR] [--workers N] [--json FILE] [--html FILE]
       oncekey faces evaluate --csv FILE [FOLDER] …      columns: file, person; group; x and y of the face that is meant
       oncekey faces attack [--each N] [--seed N] [--data-dir DIR] [--json FILE] [--html FILE]

"install" brings the engine, the models and sample photos from the package registry into the data folder, and looks at each
file. "evaluate" says how well faces are told apart in photos of known people; "attack" plays attacks against the challenge.`

const options = {
  'data-dir': { type: 'string' }, pairs: { type: 'string' }, csv: { type: 'string' }, workers: { type: 'string' }, json: { type: 'string' }, html: { type: 'string' }, each: { type: 'string' }, seed: { type: 'string' }
} as const

/** `oncekey faces …`. Needs no server. @returns 0 done, 1 not, or something came out wrong, 2 for words that make no sense */
export async function faces (words: string[]): Promise<number> {
  let parsed
  try {
    parsed = parseArgs({ args: words, allowPositionals: true, options })
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : ''}\n${usage}`)
    return 2
  }
  const { values, positionals: [what, folder, ...others] } = parsed
  const installed = facesFolder(values['data-dir'] ?? process.env['ONCEKEY_DATA_DIR'] ?? 'data')
  try {
    if (others.length > 0) return unclear()
    if (what === 'install' && folder === undefined) return await install(installed)
    if (what === 'evaluate' && (folder !== undefined || values.csv !== undefined)) {
      const list = values.csv === undefined ? readPairs(folder ?? '', values.pairs ?? join(folder ?? '', 'pairs.txt')) : readPhotos(values.csv, folder)
      return await evaluateList(ready(installed), list, values, countOf('workers', values.workers, Math.max(1, availableParallelism() - 1)))
    }
    if (what === 'attack' && folder === undefined) return await attackPlayers(ready(installed), countOf('each', values.each, 100), countOf('seed', values.seed, randomInt(2 ** 31)), values)
    return unclear()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    console.error(error.message)
    return error instanceof ListError ? 2 : 1
  }
}

function unclear (): number {
  console.error(usage)
  return 2
}

function countOf (name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new ListError(`--${name} is a number from 1 on; "${text}" is not.`)
  return Number(text)
}

function ready (folder: string): string {
  const missing = damaged(folder)
  if (missing.length > 0) throw new Error(`${missing.length} files of faces are missing or damaged in ${folder}. Run "oncekey faces install" first.`)
  return folder
}

async function install (folder: string): Promise<number> {
  const put = await installFaces(folder, { tell: (done, of, what) => { if (what !== '') console.error(`${done + 1} of ${of}: ${what}`) } })
  const all = parts.flatMap(({ files }) => files)
  const bytes = all.reduce((sum, { to }) => sum + statSync(join(folder, to)).size, 0)
  console.log(`${put === 0 ? 'All was there already' : `${put} files were brought`}: ${all.length} files, ${(bytes / 1e6).toFixed(0)} MB in ${folder}, each as it was pinned.`)
  console.log('Faces stay off until an administrator turns them on.')
  return 0
}

type Outputs = { json?: string | undefined, html?: string | undefined }

async function evaluateList (folder: string, list: PhotoList, outputs: Outputs, workers: number): Promise<number> {
  const pool = openPool(folder, { workers, mostWaiting: workers * 2, longestMs: 60_000 })
  const began = Date.now()
  try {
    const evaluation = await evaluate(pool, list, { atOnce: workers, tell: progress(began) })
    tellReport({ evaluation, attacks: null }, outputs)
    for (const { path, why } of evaluation.unreadable.slice(0, 10)) console.error(`${path}: ${why}`)
    for (const path of evaluation.noFace.slice(0, 10)) console.error(`${path}: no face was found.`)
    return 0
  } finally {
    await pool.close()
  }
}

async function attackPlayers (folder: string, each: number, seed: number, outputs: Outputs): Promise<number> {
  console.error(`seed ${seed}`)
  const models = await openModels(folder)
  const attacks = await attackAll(models, await openPlayers(folder, models), { each, seed, tell: progress(Date.now()) })
  tellReport({ evaluation: null, attacks }, outputs)
  return attacks.kinds.some(({ accepted }) => accepted > 0) ? 1 : 0
}

function tellReport (found: { evaluation: Evaluation | null, attacks: AttackReport | null }, { json, html }: Outputs): void {
  const models = Object.fromEntries(parts.flatMap(({ files }) => files).filter(({ to }) => to.endsWith('.onnx')).map(({ to, sha256 }) => [to, sha256]))
  const report = { pack: 'default', models, madeAt: new Date().toISOString(), ...found }
  console.log(asText(report))
  if (json !== undefined) writeFileSync(json, JSON.stringify(report, null, 2) + '\n')
  if (html !== undefined) writeFileSync(html, asPage(report))
}

/** A line a second at most. */
function progress (began: number): (done: number, of: number) => void {
  let toldAt = 0
  return (done, of) => {
    const now = Date.now()
    if (done < of && now - toldAt < 1000) return
    toldAt = now
    const left = Math.round((now - began) / done * (of - done) / 1000)
    process.stderr.write(`${done} of ${of}, ${(done / Math.max(1, now - began) * 1000).toFixed(1)} a second, ${left} s to go\n`)
  }
}
