import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBase } from './base.ts'
import { ensureTools, mustRun, npmEnvironment } from './tools.ts'

const root = join(import.meta.dirname, '../..')
/** What the Dockerfile begins with. */
const BASE = 'docker.io/library/node:24-bookworm-slim'

/** As the image says it; see the specification of Docker's images. */
export type ImageConfig = {
  User: string, Env: string[], Entrypoint: string[], Cmd: string[], WorkingDir: string, StopSignal: string
  ExposedPorts: Record<string, unknown>, Volumes: Record<string, unknown>, Labels: Record<string, string>, Healthcheck: { Test: string[] }
}

export type Image = {
  config: ImageConfig
  /** Folder with the root file system of a container that was made of it, and of the base under it. */
  files: string
  baseFiles: string
  log: string
  /** What this machine's npm was told, and the build was lent: nothing of it may be left anywhere. */
  lent: string[]
  seconds: { base: number, build: number }
  remove: () => void
}

/**
 * Builds deploy/Dockerfile as it is, by buildah and without an engine.
 * @throws Error that says what to install, or what did not work
 */
export function buildImage (): Image {
  ensureTools()
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-image-'))
  const buildah = builder(folder)
  const remove = (): void => {
    buildah('umount', '--all')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const begun = performance.now()
    const base = ensureBase()
    buildah('build', '--quiet', '--isolation', 'chroot', '--format', 'docker', '--tag', BASE, '--file', join(base, 'Containerfile'), base)
    const based = performance.now()
    const { words, lent } = npmSecrets(folder)
    const log = buildah('build', '--isolation', 'chroot', '--format', 'docker', '--pull-never', ...words, '--tag', 'oncekey', '--file', join(root, 'deploy/Dockerfile'), root)
    const built = performance.now()
    const filesOf = (image: string): string => buildah('mount', buildah('from', '--pull-never', image).trim()).trim()
    const { Docker }: { Docker: { config: ImageConfig } } = JSON.parse(buildah('inspect', '--type', 'image', 'localhost/oncekey'))
    return { config: Docker.config, files: filesOf('localhost/oncekey'), baseFiles: filesOf(BASE), log, lent, seconds: { base: (based - begun) / 1000, build: (built - based) / 1000 }, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** buildah with a store of its own, so that images of this machine are neither used nor touched. */
function builder (folder: string): (...words: string[]) => string {
  mkdirSync(join(folder, 'tmp'))
  // What RUN --mount=type=cache keeps is there, too.
  const options = { cwd: folder, env: { ...process.env, TMPDIR: join(folder, 'tmp') } }
  const store = (driver: string): string[] => ['--root', join(folder, 'store'), '--runroot', join(folder, 'run'), '--storage-driver', driver]
  // Layers upon layers where the kernel can do that in this folder, else copies of them.
  const driver = spawnSync('buildah', [...store('overlay'), 'images'], options).status === 0 ? 'overlay' : 'vfs'
  return (...words) => mustRun('buildah', [...store(driver), ...words], options)
}

/** How this machine's npm reaches its packages, lent for the moment of installing, as the Dockerfile offers it to everybody. */
function npmSecrets (folder: string): { words: string[], lent: string[] } {
  const setting = (name: string, ...more: string[]): string | null => {
    const env = more.length === 0 ? npmEnvironment() : { PATH: process.env['PATH'] ?? '' }
    const said = spawnSync('npm', ['config', 'get', name, ...more], { cwd: folder, encoding: 'utf8', env }).stdout.trim()
    return ['', 'null', 'undefined'].includes(said) ? null : said
  }
  const authority = setting('cafile') ?? process.env['NODE_EXTRA_CA_CERTS'] ?? null
  const registry = setting('registry') ?? ''
  const user = setting('userconfig')
  const own = user !== null && existsSync(user) ? readFileSync(user, 'utf8').split('\n').filter((line) => !/^(cafile|registry)\b/.test(line)) : []
  const file = join(folder, 'npmrc')
  writeFileSync(file, [`registry=${registry}`, ...authority === null ? [] : ['cafile=/run/secrets/npm-ca'], ...own].join('\n'), { mode: 0o600 })
  const values = [...own.map((line) => line.split(/\s*=\s*/)[1] ?? ''), ...authority === null ? [] : readFileSync(authority, 'utf8').split('\n').slice(1, 3)]
  // The registry that everybody has is named by many packages.
  const isOwnRegistry = registry !== setting('registry', '--userconfig=/dev/null', '--globalconfig=/dev/null')
  return {
    words: ['--secret', `id=npmrc,src=${file}`, ...authority === null ? [] : ['--secret', `id=npm-ca,src=${authority}`]],
    // Short values are words like "true".
    lent: [...values.filter((value) => value.length > 8), ...isOwnRegistry ? [registry] : []]
  }
}
