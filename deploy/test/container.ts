import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from './build.ts'

/** What of a service in a compose file the kernel can be told without an engine. */
export type Service = { read_only: boolean, cap_drop: string[], security_opt: string[], tmpfs: string[], volumes: string[], environment: Record<string, string> }

export type Container = {
  /** Of its first process, as this machine counts. */
  pid: number
  printed: () => string
  /** Runs a command in it, as its user, as `docker exec` does. */
  exec: (words: readonly string[], env?: Record<string, string>) => { status: number | null, stdout: string, stderr: string }
  /** A `fetch` from within its network. @param ca PEM of the only authority that it trusts */
  fetchWith: (ca: string | null) => typeof fetch
  /** Sends its stop signal; @returns the exit code */
  stop: () => Promise<number | null>
}

/**
 * Runs an image as a service of the compose file says: what an engine would do, done by the kernel's own tools. Its processes
 * see nothing but its files, and no network but their own loopback; its root file system can not be written to by a mount that
 * says so; the volume and what is in memory can; the first process is the image's entry point, under the image's user, without
 * any capability, and nothing it starts can get one.
 * @param volume a folder, empty at first: it gets what the image has at that place, with its owner, as a new volume does
 */
export async function runContainer (image: Image, service: Service, volume: string): Promise<Container> {
  const { User, Env, Entrypoint, Cmd, WorkingDir, StopSignal } = image.config
  const [uid = '', gid = ''] = User.split(':')
  const place = service.volumes[0]?.split(':')[1] ?? ''
  const limits = [...service.cap_drop.includes('ALL') ? ['--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all'] : [], ...service.security_opt.includes('no-new-privileges:true') ? ['--no-new-privs'] : []]
  const drop = ['/usr/bin/setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...limits, '--', '/usr/bin/env', '--chdir', WorkingDir]
  const env = { ...Object.fromEntries(Env.map((one) => one.split(/=(.*)/s, 2) as [string, string])), ...service.environment, HOSTNAME: 'oncekey' }
  const mounts = [
    `mount --bind '${image.files}' '${image.files}'`, `cd '${image.files}'`,
    `mount --bind '${volume}' ./${place}`,
    ...service.tmpfs.map((one) => one.split(':')).map(([path, options = 'rw']) => `mount -t tmpfs -o '${options}' tmpfs ./${path}`),
    'mount -t proc proc ./proc', 'mount -t tmpfs -o size=64k,mode=755 tmpfs ./dev',
    ...['null', 'zero', 'full', 'random', 'urandom'].map((name) => `touch ./dev/${name} && mount --bind /dev/${name} ./dev/${name}`),
    ...service.read_only ? [`mount -o remount,bind,ro '${image.files}'`, 'mount -o remount,ro ./dev'] : [],
    'ip link set lo up', 'hostname oncekey'
  ]
  spawnSync('cp', ['--archive', '--no-target-directory', '--no-clobber', join(image.files, place), volume])
  const script = `set -e\n${mounts.join('\n')}\nexec env --ignore-environment "$@"`
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const child = spawn('unshare', ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child', 'sh', '-c', script, 'sh', ...variables, '/usr/sbin/chroot', image.files, ...drop, ...Entrypoint, ...Cmd], { stdio: ['ignore', 'pipe', 'pipe'] })
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
  const inside = ['--target', String(pid), '--mount', '--net', '--pid', '--ipc', '--uts']
  const exec: Container['exec'] = (words, more = {}) => {
    const { status, stdout, stderr } = spawnSync('nsenter', [...inside, '/usr/sbin/chroot', image.files, '/usr/bin/env', '--ignore-environment', ...variables, ...Object.entries(more).map(([name, value]) => `${name}=${value}`), ...drop, ...words], { encoding: 'utf8', timeout: 60_000 })
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
