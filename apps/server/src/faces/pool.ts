import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism, setPriority } from 'node:os'
import type { Embedding, Kept, Point, Seen, SeenFace } from '@oncekey/vision'
import { Problem } from '../platform/problems.ts'
import type { Job, KeptFrame, Reply } from './jobs.ts'
import { PictureError } from './pictures.ts'

/** Looks at faces, in processes of their own. */
export type FacePool = {
  /** What a frame of a challenge shows. @throws PictureError; Problem busy */
  see: (bytes: Uint8Array, at: number, before: SeenFace | null) => Promise<Seen>
  /** Whose face it is in each of some frames, and how alive it is. @throws PictureError; Problem busy */
  know: (frames: KeptFrame[]) => Promise<Kept>
  /** The face of a photo: the one at a point, px, or the largest; null for none. @throws PictureError; Problem busy */
  photo: (bytes: Uint8Array, near: Point | null) => Promise<Embedding | null>
  /** Ids of the processes that run now. */
  pids: () => number[]
  close: () => Promise<void>
}

/** `workers`: processes at most. `mostWaiting`: jobs that may wait; with more, whoever comes is told to come again. `idleMs`: without a job a process ends after so long. `longestMs`: a job that takes longer is stuck. */
export type PoolOptions = { workers?: number, mostWaiting?: number, idleMs?: number, longestMs?: number, program?: URL }

type Asked = { job: Job, settle: (reply: Reply) => void, fail: (error: unknown) => void, tries: number }
type Worker = { child: ChildProcess, asked: Asked | null, idle: NodeJS.Timeout | null, stuck: NodeJS.Timeout | null }

/** Doors first: what opens them is never behind a face. */
const NICE = 10
/** A job that a process died of is given to one other. */
const MOST_TRIES = 2
/** MB for what JavaScript holds; models and pixels are beside it. */
const HEAP_MB = 96

/** Starts nothing yet: a process comes with the first job, and goes when nobody has asked for a minute. */
export function openPool (folder: string, { workers = Math.max(1, availableParallelism() - 1), mostWaiting = 64, idleMs = 60_000, longestMs = 15_000, program = new URL('./worker.ts', import.meta.url) }: PoolOptions = {}): FacePool {
  const running = new Set<Worker>()
  const waiting: Asked[] = []
  let [lastId, isClosed] = [0, false]

  function ask (job: Job): Promise<Reply> {
    return new Promise((settle, fail) => {
      if (isClosed || waiting.length >= mostWaiting) {
        fail(new Problem('busy', { retryAfterSeconds: 2 }))
        return
      }
      waiting.push({ job, settle, fail, tries: 0 })
      hand()
    })
  }

  function hand (): void {
    while (waiting.length > 0) {
      const worker = [...running].find(({ asked }) => asked === null) ?? (running.size < workers ? start() : undefined)
      const asked = worker === undefined ? undefined : waiting.shift()
      if (worker === undefined || asked === undefined) return
      if (worker.idle !== null) clearTimeout(worker.idle)
      worker.asked = asked
      worker.stuck = setTimeout(() => { worker.child.kill('SIGKILL') }, longestMs)
      asked.tries++
      worker.child.send(asked.job, () => {})
    }
  }

  function start (): Worker {
    const child = fork(program, [folder], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [`--max-old-space-size=${HEAP_MB}`, '--max-semi-space-size=2'] })
    const worker: Worker = { child, asked: null, idle: null, stuck: null }
    running.add(worker)
    if (child.pid !== undefined) setPriority(child.pid, NICE)
    child.on('message', (reply: Reply) => {
      const { asked } = worker
      if (asked === null || reply.id !== asked.job.id) return
      free(worker)
      asked.settle(reply)
      worker.idle = setTimeout(() => { child.kill() }, idleMs)
      worker.idle.unref()
      hand()
    })
    const gone = (): void => {
      if (!running.delete(worker)) return
      const { asked } = worker
      free(worker)
      if (asked !== null && (isClosed || asked.tries >= MOST_TRIES)) asked.fail(new Problem('busy', { retryAfterSeconds: 5 }))
      else if (asked !== null) waiting.unshift(asked)
      hand()
    }
    child.once('exit', gone)
    child.once('error', gone)
    return worker
  }

  function free (worker: Worker): void {
    if (worker.stuck !== null) clearTimeout(worker.stuck)
    if (worker.idle !== null) clearTimeout(worker.idle)
    worker.asked = worker.stuck = worker.idle = null
  }

  const nextId = (): number => ++lastId
  return {
    see: async (bytes, at, before) => expect('seen', await ask({ id: nextId(), do: 'see', bytes, at, before })).seen,
    know: async (frames) => expect('known', await ask({ id: nextId(), do: 'know', frames })).kept,
    photo: async (bytes, near) => expect('photo', await ask({ id: nextId(), do: 'photo', bytes, near })).embedding,
    pids: () => [...running].flatMap(({ child }) => child.pid ?? []),
    async close () {
      isClosed = true
      for (const { fail } of waiting.splice(0)) fail(new Problem('busy', { retryAfterSeconds: 5 }))
      await Promise.all([...running].map(({ child }) => new Promise<void>((resolve) => {
        child.once('exit', () => { resolve() })
        child.kill('SIGKILL')
      })))
    }
  }
}

function expect<Is extends Reply['is']> (is: Is, reply: Reply): Reply & { is: Is } {
  if (reply.is === is) return reply as Reply & { is: Is }
  if (reply.is === 'unreadable') throw new PictureError(reply.why)
  throw new Error(reply.is === 'failed' ? reply.why : `A worker answered ${reply.is} instead of ${is}.`)
}
