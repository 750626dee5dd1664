import { spawnSync } from 'node:child_process'
import { canInstall, install } from '../../scripts/debian.mjs'

/** Each program, how it is asked whether it is there, and Debian's package of it. */
const tools = [['buildah', '--version', 'buildah'], ['mmdebstrap', '--version', 'mmdebstrap'], ['ip', '-V', 'iproute2'], ['unshare', '--version', 'util-linux'], ['nsenter', '--version', 'util-linux']] as const

/** Gets what the image is built and run with, where this process may install it. @throws Error that says what to install */
export function ensureTools (): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('The image is built and run by root on Linux: it mounts file systems. Run it there: "sudo npm test -- --only=image".')
  if (missing().length > 0 && canInstall()) install('the image', ...missing())
  if (missing().length > 0) throw new Error(`The image is built by buildah, on a base that mmdebstrap makes. Install what is missing: "sudo apt-get install ${missing().join(' ')}".`)
}

function missing (): string[] {
  return [...new Set(tools.filter(([name, question]) => spawnSync(name, [question]).error !== undefined).map(([,, packageName]) => packageName))]
}

/** @returns what it printed @throws Error with what it said when it went wrong */
export function mustRun (command: string, args: readonly string[], { cwd, env }: { cwd?: string, env?: NodeJS.ProcessEnv } = {}): string {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64e6, ...cwd !== undefined && { cwd }, ...env !== undefined && { env } })
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} did not work: ${(done.error?.message ?? done.stdout + done.stderr).trim().slice(-4_000)}`)
  return done.stdout
}

/** npm tells its scripts where it is; another npm in another folder must not hear that. */
export function npmEnvironment (): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)))
}
