import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parts, type Part } from './parts.ts'
import { unpack } from './unpack.ts'

/** What has been done of what there is to do. */
export type Progress = (done: number, of: number, what: string) => void

/** The folder below the data folder that everything of faces is in; nothing of it is in a backup. */
export function facesFolder (dataDir: string): string {
  return join(dataDir, 'faces')
}

/**
 * What is there is what was pinned, every file of it: looked at before anything of it runs.
 * @returns paths below the folder that are missing or are something else
 */
export function damaged (folder: string, wanted: readonly Part[] = parts): string[] {
  return wanted.flatMap(({ files }) => files).filter(({ to, sha256 }) => !existsSync(join(folder, to)) || sha256Of(readFileSync(join(folder, to))) !== sha256).map(({ to }) => to)
}

/**
 * Brings what faces need from the package registry, by npm, so that whatever an operator has set up for it (a mirror, a proxy,
 * certificates) holds here, too. Nothing of a package runs; each file is checked against what is pinned here before it is put
 * into its place, so a registry or a mirror can give nothing else.
 * @param npm the command, in parts
 * @returns how many files were put in place; 0 when all were there
 * @throws Error with a cure; what was there stays
 */
export async function installFaces (folder: string, { tell = () => {}, npm = ['npm'], wanted = parts }: { tell?: Progress, npm?: readonly string[], wanted?: readonly Part[] } = {}): Promise<number> {
  const missing = wanted.filter((part) => damaged(folder, [part]).length > 0)
  let put = 0
  for (const [i, part] of missing.entries()) {
    tell(i, missing.length, `${part.name} ${part.version}`)
    const packed = await fetchPackage(part, npm)
    const integrity = `sha512-${createHash('sha512').update(packed).digest('base64')}`
    if (integrity !== part.integrity) throw new Error(`${part.name} ${part.version} is not the package that this version of Oncekey knows. Nothing was installed of it; look at which registry npm asks ("npm config get registry").`)
    const found = unpack(packed, part.files.map(({ from }) => from))
    for (const { from, to, sha256 } of part.files) {
      const bytes = found.get(from)
      if (bytes === undefined || sha256Of(bytes) !== sha256) throw new Error(`${from} of ${part.name} is not what is pinned.`)
      putFile(join(folder, to), bytes)
      put++
    }
  }
  tell(missing.length, missing.length, '')
  return put
}

/** Whole or not at all, and for nobody else to write to. */
function putFile (path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = `${path}.new`
  writeFileSync(fresh, bytes, { mode: 0o600, flush: true })
  chmodSync(fresh, 0o600)
  renameSync(fresh, path)
}

async function fetchPackage ({ name, version }: Part, [command = 'npm', ...words]: readonly string[]): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-faces-'))
  try {
    const said = await run(command, [...words, 'pack', `${name}@${version}`, '--ignore-scripts', '--json', '--pack-destination', folder], folder)
    const told: unknown = JSON.parse(said)
    const file: unknown = Array.isArray(told) ? told[0] : Object.values(told ?? {})[0]
    const path = typeof file === 'object' && file !== null && 'filename' in file ? String(file.filename).replace('@', '').replace('/', '-') : ''
    return readFileSync(join(folder, path))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** How long a package may take: 40 MB over a slow line. */
const LONGEST_MS = 900_000
const MOST_SAID = 4000

function run (command: string, words: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    // Not spawn's own: after a program that is not there its timer would go on.
    const patience = setTimeout(() => { child.kill() }, LONGEST_MS)
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { err = (err + text).slice(-MOST_SAID) })
    child.once('error', (cause) => {
      clearTimeout(patience)
      reject(new Error(`npm can not be run (${cause.message}). Install it, or run "oncekey faces install" where it is and copy the folder "faces" into the data folder.`, { cause }))
    })
    child.once('close', (code, signal) => {
      clearTimeout(patience)
      if (code === 0) resolve(out)
      else reject(new Error(`npm could not bring it (${code === null ? `ended by ${signal}` : `exit code ${code}`}): ${err.trim().split('\n').filter((line) => !line.includes(' warn ')).slice(0, 4).join(' ')} Look at the network, and at the registry that npm asks.`))
    })
  })
}

function sha256Of (bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
