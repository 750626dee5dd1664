/** System calls of a running process, by strace (Debian package `strace`; needs root or ptrace of one's own processes). */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** One call of the trace. `begun` and `ended` are places in the order of all calls. */
export type Call = { pid: number, name: string, rest: string, begun: number, ended: number }

/** Where strace is; installs it where that can be done. Null, with a word why, where it can not. */
export function findStrace (): string | null {
  const find = (): boolean => spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0
  if (!find() && process.getuid?.() === 0) spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'strace'], { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  return find() ? 'strace' : null
}

export type Tracing = { stop: () => Promise<void> }

/** Attaches to a process and all its threads, and to those it makes; resolves when it is attached. */
export async function attach (pids: readonly number[], words: readonly string[]): Promise<Tracing> {
  const tracer: ChildProcess = spawn('strace', ['-f', ...pids.flatMap((pid) => ['-p', String(pid)]), ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => { tracer.once('exit', () => { resolve() }) })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    tracer.stderr?.on('data', (chunk) => {
      said += String(chunk)
      if (pids.every((pid) => said.includes(`Process ${pid} attached`))) resolve()
    })
    tracer.once('exit', () => { reject(new Error(`strace ended: ${said}`)) })
    tracer.once('error', reject)
  })
  return {
    async stop () {
      tracer.kill('SIGINT')
      await ended
    }
  }
}

/** Reads what `strace -f -o file` wrote. A call that others interrupted begins where it began and ends where it was resumed. */
export function readTrace (path: string): Call[] {
  const open = new Map<number, Call>()
  const calls: Call[] = []
  for (const [place, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const [, pid = '', text = ''] = /^(\d+)\s+(?:\d+\.\d+\s+)?(.*)$/.exec(line) ?? []
    if (pid === '') continue
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(text)
    if (resumed !== null) {
      const call = open.get(Number(pid))
      if (call === undefined) continue
      open.delete(Number(pid))
      call.ended = place
      call.rest += resumed[2] ?? ''
      continue
    }
    const called = /^(\w+)\((.*)$/.exec(text)
    if (called === null) continue
    const call = { pid: Number(pid), name: called[1] ?? '', rest: called[2] ?? '', begun: place, ended: place }
    calls.push(call)
    if (text.endsWith('<unfinished ...>')) open.set(call.pid, call)
  }
  return calls
}

export type Promises = {
  /** What was heard: requests that change something. */
  asked: RegExp
  /** What was said: that it is done. */
  answered: RegExp
  /** What a database that is a process of its own says when it has committed. Left out where the server writes the log itself. */
  committed?: RegExp
}

/**
 * The rule: before an acknowledgement begins to leave, every write to the log has been made durable, and since its question
 * came at least one has. Only for questions that are asked one after the other.
 *
 * With a database of its own process the rule holds for what that process last said before the acknowledgement: what it and
 * its helpers write after that belongs to the next change, or to none.
 * @param log what the path of the write-ahead log looks like
 * @returns what was acknowledged, and what of it was not durable
 */
export function judge (calls: readonly Call[], log: RegExp, { asked, answered, committed }: Promises): { acknowledged: number, early: string[] } {
  const early: string[] = []
  const writes = calls.filter((one) => /^p?write(v|64|v2)?$/.test(one.name) && log.test(one.rest))
  const syncs = calls.filter((one) => /^f(data)?sync$/.test(one.name) && log.test(one.rest) && one.rest.endsWith(' = 0'))
  const said = calls.filter((one) => /^(write|writev|sendto|sendmsg)$/.test(one.name))
  const questions = calls.filter((one) => /^(read|readv|recvfrom|recvmsg)$/.test(one.name) && asked.test(one.rest))
  const answers = said.filter((one) => answered.test(one.rest))
  const commits = committed === undefined ? [] : said.filter((one) => committed.test(one.rest))
  for (const answer of answers) {
    const commit = committed === undefined ? answer : commits.findLast((one) => one.begun < answer.begun)
    const question = questions.findLast((one) => one.ended < answer.begun)
    const written = writes.findLast((one) => commit !== undefined && one.begun < commit.begun && one.pid === commit.pid)
    const synced = syncs.findLast((one) => commit !== undefined && one.ended < commit.begun)
    if (synced === undefined || (written !== undefined && synced.begun < written.begun)) early.push(`not durable: ${answer.rest.slice(0, 120)}`)
    else if (question !== undefined && synced.ended < question.begun) early.push(`nothing made durable since its question: ${answer.rest.slice(0, 120)}`)
  }
  return { acknowledged: answers.length, early }
}

/** The PostgreSQL server that listens on this port, and its helpers and sessions. */
export function postgresAt (port: string): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => ({ pid: Number(name), words: textOf(`/proc/${name}/cmdline`).split('\0'), parent: Number(/PPid:\s+(\d+)/.exec(textOf(`/proc/${name}/status`))?.[1]) }))
  const first = all.find(({ words }) => (words[0] ?? '').endsWith('/postgres') && words.includes(`port=${port}`))
  return first === undefined ? [] : [first.pid, ...all.filter((one) => one.parent === first.pid).map((one) => one.pid)]
}

/** Empty for a process that has ended meanwhile. */
function textOf (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
