/** System calls of a running process, by strace (Debian package `strace`; needs root or ptrace of one's own processes). */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { canInstall, install } from '../../scripts/debian.mjs'

/** One call of the trace. `begun` and `ended` are places in the order of all calls. */
export type Call = { pid: number, name: string, rest: string, begun: number, ended: number }

/** Where strace is; installs it where that can be done. Null, with a word why, where it can not. */
export function findStrace (): string | null {
  const find = (): boolean => spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0
  if (!find() && canInstall()) install('the tests of durability', 'strace')
  return find() ? 'strace' : null
}

export type Tracing = { stop: () => Promise<void> }

/** Attaches to processes and all their threads, and to those they make; resolves when it has tried each. One that has ended is none of its. */
export async function attach (pids: readonly number[], words: readonly string[]): Promise<Tracing> {
  const tracer: ChildProcess = spawn('strace', ['-f', ...pids.flatMap((pid) => ['-p', String(pid)]), ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => { tracer.once('exit', () => { resolve() }) })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    tracer.stderr?.on('data', (chunk) => {
      said += String(chunk)
      if (pids.every((pid) => said.includes(`Process ${pid} attached`) || said.includes(`ptrace(PTRACE_SEIZE, ${pid}): No such process`))) resolve()
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
  /** Sessions of a database that is a process of its own. Left out where the server writes the log itself. */
  sessions?: readonly number[]
}

/** A promise that something is durable: everything the writer wrote `since` then has to be so when it is made. */
type Claim = { since: number, made: number, writer: number | null }

/**
 * The rule: before an acknowledgement begins to leave, every write to the log has been made durable, and since its question
 * came at least one has. Only for questions of one kind that are asked one after the other, from a trace that begins while
 * nothing is under way: what was asked, written or made durable before it is not in it.
 *
 * With a database of its own process the rule holds for each COMMIT of our sessions between question and acknowledgement,
 * as it is said: what is written after it belongs to the next change, or to none. At least one of them has to have made
 * something durable after it was asked for; anybody may have done that for it, since the database's processes write and
 * sync the log for each other.
 * @param log what the path of the write-ahead log looks like
 * @returns what was acknowledged, and what of it was not durable
 */
export function judge (calls: readonly Call[], log: RegExp, { asked, answered, sessions }: Promises): { acknowledged: number, early: string[] } {
  const early: string[] = []
  const writes = calls.filter((one) => /^p?write(v|64|v2)?$/.test(one.name) && log.test(one.rest))
  const syncs = calls.filter((one) => /^f(data)?sync$/.test(one.name) && log.test(one.rest) && one.rest.endsWith(' = 0'))
  const questions = calls.filter((one) => isHeard(one) && asked.test(one.rest))
  const answers = calls.filter((one) => isSaid(one) && answered.test(one.rest))
  const commits = sessions === undefined ? null : commitsOf(calls, sessions)
  for (const answer of answers) {
    const what = answer.rest.slice(0, 120)
    const question = questions.findLast((one) => one.ended < answer.begun)
    if (question === undefined) {
      early.push(`not asked for: ${what}`)
      continue
    }
    const claims = commits?.filter((one) => one.since > question.begun && one.made < answer.begun) ?? [{ since: question.begun, made: answer.begun, writer: null }]
    const states = claims.map(({ since, made, writer }) => {
      const synced = syncs.findLast((one) => one.ended < made)
      const written = writes.findLast((one) => one.begun < made && (writer === null || one.pid === writer))
      return { isOpen: written !== undefined && (synced === undefined || synced.begun < written.begun), isNew: synced !== undefined && synced.ended > since }
    })
    if (states.some((one) => one.isOpen)) early.push(`not durable: ${what}`)
    else if (!states.some((one) => one.isNew)) early.push(`nothing made durable since its question: ${what}`)
  }
  return { acknowledged: answers.length, early }
}

function isHeard ({ name }: Call): boolean { return /^(read|readv|recvfrom|recvmsg)$/.test(name) }
function isSaid ({ name }: Call): boolean { return /^(write|writev|sendto|sendmsg)$/.test(name) }

/** The commits that PostgreSQL's sessions were asked for and have said: message `Q` heard, message `C` said. */
function commitsOf (calls: readonly Call[], sessions: readonly number[]): Claim[] {
  const open = new Map<number, Call>()
  const commits: Claim[] = []
  for (const one of calls) {
    if (!sessions.includes(one.pid)) continue
    if (isHeard(one) && /"Q\\0\\0\\0\\vCOMMIT\\0/.test(one.rest)) open.set(one.pid, one)
    const asked = open.get(one.pid)
    if (asked === undefined || !isSaid(one) || !/"C\\0\\0\\0\\vCOMMIT\\0/.test(one.rest)) continue
    open.delete(one.pid)
    commits.push({ since: asked.begun, made: one.begun, writer: one.pid })
  }
  return commits
}

/**
 * The PostgreSQL server behind this address, with all of its processes, and those of them that are sessions of this very
 * database: others may share the server.
 */
export function postgresAt (url: URL): { all: number[], sessions: number[] } {
  const every = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => ({ pid: Number(name), words: textOf(`/proc/${name}/cmdline`).split('\0'), parent: Number(/PPid:\s+(\d+)/.exec(textOf(`/proc/${name}/status`))?.[1]) }))
  const first = every.find(({ words }) => (words[0] ?? '').endsWith('/postgres') && words.includes(`port=${url.port}`))
  const children = every.filter((one) => first !== undefined && one.parent === first.pid)
  // A session calls itself "postgres: user database address state".
  const sessions = children.filter(({ words }) => words[0]?.includes(` ${url.pathname.slice(1)} `))
  return { all: [...first === undefined ? [] : [first.pid], ...children.map((one) => one.pid)], sessions: sessions.map((one) => one.pid) }
}

/** Empty for a process that has ended meanwhile. */
function textOf (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
