import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Image } from './build.ts'
import { mustRun } from './tools.ts'

/** What of a service in a compose file the kernel can be told without an engine. */
export type Service = { read_only: boolean, cap_drop: string[], security_opt: string[], tmpfs: string[], volumes: string[], environment: Record<string, string> }

export type Container = {
  /** Of its first process, as this machine counts. */
  pid: number
  printed: () => string
  /** Runs a command in it, as its user, as `docker exec` does. */
  exec: (program: readonly string[], env?: Record<string, string>) => { status: number | null, stdout: string, stderr: string }
  /** A `fetch` from within its network. @param ca PEM of the only authority that it trusts */
  fetchWith: (ca: string | null) => typeof fetch
  /** Sends its stop signal; @returns the exit code */
  stop: () => Promise<number | null>
}

type Place = { image: Image, service: Service, volume: string }

/**
 * The words that run a program as a service of the compose file says: what an engine would do, done by the kernel's own tools.
 * Its processes see nothing but the image's files, and no network but a loopback of their own; its root file system can not be
 * written to by a mount that says so; the volume and what is in memory can; its first process runs under the image's user,
 * without any capability, and nothing that it starts can get one. `enter`: the same for one more process in it.
 */
function wordsOf ({ image, service, volume }: Place): { run: (program: readonly string[]) => string[], enter: (pid: number, program: readonly string[], env: Record<string, string>) => string[] } {
  const { User, Env, WorkingDir } = image.config
  const [uid = '', gid = ''] = User.split(':')
  const limits = [...service.cap_drop.includes('ALL') ? ['--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all'] : [], ...service.security_opt.includes('no-new-privileges:true') ? ['--no-new-privs'] : []]
  const env = { ...Object.fromEntries(Env.map((one) => one.split(/=(.*)/s, 2) as [string, string])), ...service.environment, HOSTNAME: 'oncekey' }
  const inside = (program: readonly string[], more: Record<string, string>): string[] => [
    '/usr/bin/env', '--ignore-environment', ...Object.entries({ ...env, ...more }).map(([name, value]) => `${name}=${value}`),
    '/usr/sbin/chroot', image.files, '/usr/bin/setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...limits, '--', '/usr/bin/env', '--chdir', WorkingDir, ...program
  ]
  const mounts = [
    `mount --bind '${image.files}' '${image.files}'`, `cd '${image.files}'`, `mount --bind '${volume}' ./${placeOf(service)}`,
    ...service.tmpfs.map((one) => one.split(':')).map(([path, options = 'rw']) => `mount -t tmpfs -o '${options}' tmpfs ./${path}`),
    'mount -t proc proc ./proc', 'mount -t tmpfs -o size=64k,mode=755 tmpfs ./dev',
    ...['null', 'zero', 'full', 'random', 'urandom'].map((name) => `touch ./dev/${name} && mount --bind /dev/${name} ./dev/${name}`),
    ...service.read_only ? [`mount -o remount,bind,ro '${image.files}'`, 'mount -o remount,ro ./dev'] : [],
    'ip link set lo up', 'hostname oncekey'
  ]
  return {
    run: (program) => ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child', 'sh', '-c', `set -e\n${mounts.join('\n')}\nexec "$@"`, 'sh', ...inside(program, {})],
    enter: (pid, program, more) => ['--target', String(pid), '--mount', '--net', '--pid', '--ipc', '--uts', ...inside(program, more)]
  }
}

/** A new volume gets what the image has at its place, with its owner. */
export function newVolume (image: Image, service: Service): string {
  const volume = mkdtempSync(join(tmpdir(), 'oncekey-volume-'))
  mustRun('cp', ['--archive', '--no-target-directory', join(image.files, placeOf(service)), volume])
  return volume
}

function placeOf (service: Service): string {
  return service.volumes[0]?.split(':')[1] ?? ''
}

/** One program instead of the image's own, to its end. */
export function runOnce (place: Place, program: readonly string[], input?: Buffer): { status: number | null, stdout: Buffer, stderr: string } {
  const { status, stdout, stderr } = spawnSync('unshare', wordsOf(place).run(program), { timeout: 60_000, maxBuffer: 256e6, ...input !== undefined && { input } })
  return { status, stdout, stderr: String(stderr) }
}

/** Starts the image's own program and resolves when it has printed where it is. @throws Error with what it printed when it ends before */
export async function runContainer (place: Place): Promise<Container> {
  const { Entrypoint, Cmd, StopSignal } = place.image.config
  const words = wordsOf(place)
  const child = spawn('unshare', words.run([...Entrypoint, ...Cmd]), { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const ended = new Promise<number | null>((resolve) => { child.once('close', resolve) })
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part) => {
        text += String(part)
        if (/http\S+/.test(text)) resolve()
      })
    }
    void ended.then((code) => { reject(new Error(`The container ended with ${code}: ${text}`)) })
  })
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())
  const exec: Container['exec'] = (program, more = {}) => {
    const { status, stdout, stderr } = spawnSync('nsenter', words.enter(pid, program, more), { encoding: 'utf8', timeout: 60_000 })
    return { status, stdout, stderr }
  }
  return {
    pid, exec,
    printed: () => text,
    fetchWith: (ca) => async (input, init) => {
      const { url, method, headers, body } = new Request(input, init)
      const asked = { url, method, headers: Object.fromEntries(headers), body: body === null ? '' : await new Response(body).text(), ca }
      const { stdout, stderr } = spawnSync('nsenter', ['--target', String(pid), '--net', process.execPath, join(import.meta.dirname, 'visitor.mjs')], { input: JSON.stringify(asked), encoding: 'utf8', timeout: 60_000 })
      if (stdout === '') throw new Error(`Nothing came from ${url}: ${stderr}`)
      const answer: { status: number, headers: [string, string][], body: string } = JSON.parse(stdout)
      return new Response(answer.status === 204 ? null : answer.body, { status: answer.status, headers: answer.headers })
    },
    async stop () {
      process.kill(pid, StopSignal || 'SIGTERM')
      return ended
    }
  }
}
