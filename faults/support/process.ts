/** The program as its users start it: a process of its own that can be killed, stopped and traced. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export type ServerProcess = {
  /** The server's own process, also under a tracer. */
  process: ChildProcess
  /** Where its pages are; null when it could not start. */
  url: string | null
  setupLink: string | null
  /** What it wrote, on both streams. */
  printed: () => string
  /** kill -9, and the wait until it is gone. */
  kill: () => Promise<void>
  /** SIGTERM, and its exit code. */
  stop: () => Promise<number | null>
}

export type ProcessOptions = {
  env: Record<string, string>
  /** Words before the command: a tracer, a limit. */
  under?: readonly string[]
  /** Another program than `oncekey start`, as words for Node. */
  program?: readonly string[]
  /** An open pipe to write to. */
  withInput?: boolean
}

const startWords = ['--max-semi-space-size=8', join(root, 'apps/server/bin/oncekey.mjs'), 'start']

/** Starts it; resolves when it has said where it is, why it could not start, or has ended. */
export async function startProcess ({ env, under = [], program = startWords, withInput = false }: ProcessOptions): Promise<ServerProcess> {
  const [command = process.execPath, ...words] = [...under, process.execPath, ...program]
  const child = spawn(command, words, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: [withInput ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
  let text = ''
  const ended = new Promise<number | null>((resolve) => { child.once('exit', resolve) })
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        text += String(chunk)
        if (/https?:\/\/[^\s]+\n/.test(text) || /until this is stopped/.test(text)) resolve()
      })
    }
    child.once('exit', () => { resolve() })
    child.once('error', reject)
  })
  const failed = text.includes('could not start')
  return {
    process: child,
    url: failed ? null : URL.parse(/https?:\/\/\S+/.exec(text)?.[0] ?? '')?.origin ?? null,
    setupLink: /https?:\/\/\S+token=\S+/.exec(text)?.[0] ?? null,
    printed: () => text,
    async kill () {
      // Told again after its end, it is not heard by anybody else's process of that number.
      child.kill('SIGKILL')
      await ended
    },
    async stop () {
      child.kill('SIGTERM')
      return ended
    }
  }
}

/** Runs one command of the program to its end, e.g. `audit verify`. */
export async function runCommand (words: readonly string[], env: Record<string, string>): Promise<{ code: number | null, printed: string }> {
  const child = spawn(process.execPath, [join(root, 'apps/server/bin/oncekey.mjs'), ...words], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { printed += String(chunk) })
  const code = await new Promise<number | null>((resolve) => { child.once('close', resolve) })
  return { code, printed }
}
