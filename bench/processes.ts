import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A server under measurement. `pids`: every process whose time counts, its descendants included. */
export type Served = { url: string, pids: () => number[], stop: () => Promise<void> }

export type Start = { command: string, args: string[], env?: Record<string, string>, cwd?: string, ready: RegExp }

/** Starts a program and resolves with the first group of `ready` in what it prints. @throws Error with what it printed when it ends before */
export async function startProgram ({ command, args, env = {}, cwd, ready }: Start): Promise<{ found: string, child: ChildProcess, stop: () => Promise<void> }> {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'], ...cwd === undefined ? {} : { cwd } })
  const ended = new Promise<void>((resolve) => { child.once('exit', () => { resolve() }) })
  let text = ''
  const found = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${command} was not ready after 60 s: ${text.slice(-2000)}`))
    }, 60_000)
    const look = (chunk: unknown): void => {
      text = (text + String(chunk)).slice(-20_000)
      const match = ready.exec(text)
      if (match === null) return
      clearTimeout(timer)
      resolve(match[1] ?? '')
    }
    child.stdout.on('data', look)
    child.stderr.on('data', look)
    child.once('error', reject)
    child.once('exit', (code) => { reject(new Error(`${command} ended with ${code}: ${text.slice(-2000)}`)) })
  })
  return {
    found, child,
    async stop () {
      child.kill('SIGTERM')
      await ended
    }
  }
}

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100

/** User and system time of processes and their descendants so far, in seconds (Linux: /proc). */
export function cpuSeconds (pids: readonly number[]): number {
  const parents = new Map<number, { parent: number, ticks: number }>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      // The name in brackets may hold anything; what follows the last one does not.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      // proc(5): ppid is field 4; utime, stime, cutime, cstime are 14 to 17.
      parents.set(Number(name), { parent: Number(fields[1]), ticks: [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0) })
    } catch { /* it ended meanwhile */ }
  }
  const isOurs = (pid: number): boolean => pids.includes(pid) || (parents.has(pid) && pid > 1 && isOurs(parents.get(pid)?.parent ?? 0))
  return [...parents].reduce((sum, [pid, { ticks }]) => sum + (isOurs(pid) ? ticks : 0), 0) / ticksPerSecond
}
