import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun, npmEnvironment } from './tools.ts'

/** As in the official image of that time. */
const NPM = '11.19.1'
/** For the next run: a minute of work. Not in the shared folder for temporary files, where others could leave one for us. */
const cache = join(import.meta.dirname, '../../node_modules/.cache/image')

/**
 * A stand-in for node:24-bookworm-slim, because no registry of images is asked: Debian 12 with this process's Node, npm and
 * a user `node` with the number 1000.
 * @returns a folder with its files in one archive, and a Containerfile that makes an image of them
 */
export function ensureBase (): string {
  const recipe = `${readFileSync(import.meta.filename, 'utf8')}\n${process.version}\n${process.arch}`
  const place = join(cache, createHash('sha256').update(recipe).digest('hex').slice(0, 16))
  if (existsSync(place)) return place
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'making-'))
  const parts = join(folder, 'parts')
  mkdirSync(join(parts, 'bin'), { recursive: true })
  copyFileSync(process.execPath, join(parts, 'bin/node'))
  mustRun('npm', ['install', '--global', '--prefix', parts, '--ignore-scripts', `npm@${NPM}`], { env: npmEnvironment() })
  const hooks = [
    'chroot "$1" useradd --uid 1000 --create-home --shell /bin/bash node',
    `cp --recursive --no-dereference --no-preserve=ownership '${parts}/.' "$1/usr/local"`,
    'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/etc/apt/sources.list*'
  ]
  mustRun('mmdebstrap', [
    '--quiet', '--mode=root', '--variant=minbase', ...hooks.map((hook) => `--customize-hook=${hook}`),
    ...['doc', 'man', 'info', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`), 'bookworm', join(folder, 'base.tar')
  ])
  rmSync(parts, { recursive: true })
  writeFileSync(join(folder, 'Containerfile'), 'FROM scratch\nADD base.tar /\nENTRYPOINT ["node"]\n')
  renameSync(folder, place)
  return place
}
