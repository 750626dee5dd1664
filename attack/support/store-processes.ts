/** Engines on one database, each in a process of its own, that do at once what they are told. */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { challengePolicy, createOtp, keyRing, readerPolicy, type Issue, type Otp, type Verdict } from '@oncekey/otp'
import type { AnyStore, StoreDatabase, StoreName } from './store-databases.ts'

type Kind = 'challenge' | 'reader'
export type Try = { kind: Kind, scope: string, code: string }
export type Wish = { kind: Kind, scope: string }
export type StoreWork = { verify?: Try[], issue?: Wish[] }
export type StoreDone = { verdicts: Verdict[], issues: Issue[] }
export type StoreOrder = { id: number, work: StoreWork }
export type StoreReply = { id: number, done: StoreDone } | { id: number, error: string }

/** The clock of all processes. */
const now = Date.UTC(2026, 10, 22, 12)

/** Does everything of the work at once, over the stores in turns. */
export async function work (stores: readonly AnyStore[], { verify = [], issue = [] }: StoreWork): Promise<StoreDone> {
  const engines = stores.map(engineOn)
  const on = (i: number): Otp<'sync' | 'async'> => engines[i % engines.length] ?? engineOn(stores[0]!)
  const [issues, verdicts] = await Promise.all([
    Promise.all(issue.map(async ({ kind, scope }, i) => on(i).issue({ scope, policy: policies[kind], purpose: 'race', slot: 'anna', digits: 6, ttlMs: 600_000 }))),
    Promise.all(verify.map(async ({ kind, scope, code }, i) => on(i).verify({ scope, policy: policies[kind], purpose: 'race', code })))
  ])
  return { verdicts, issues }
}

export type StoreProcesses = {
  /** Deals the work out, one piece to each in turn. */
  all: (work: StoreWork) => Promise<StoreDone>
  on: (which: number, work: StoreWork) => Promise<StoreDone>
  end: () => Promise<void>
}

export async function startProcesses (database: StoreDatabase, count: number): Promise<StoreProcesses> {
  const { at, end } = await database.begin()
  const processes = await Promise.all(Array.from({ length: count }, () => startProcess(database.name, at)))
  const on: StoreProcesses['on'] = async (which, work) => await processes[which % count]?.work(work) ?? { verdicts: [], issues: [] }
  return {
    on,
    async all ({ verify = [], issue = [] }) {
      const done = await Promise.all(processes.map(async (_, which) => on(which, {
        verify: verify.filter((_, i) => i % count === which), issue: issue.filter((_, i) => i % count === which)
      })))
      return { verdicts: done.flatMap((one) => one.verdicts), issues: done.flatMap((one) => one.issues) }
    },
    async end () {
      for (const one of processes) one.end()
      await end()
    }
  }
}

const policies = { challenge: challengePolicy, reader: readerPolicy }

function engineOn (store: AnyStore): Otp<'sync' | 'async'> {
  return createOtp<'sync' | 'async'>({ store, keys: keyRing([{ id: 'k', key: new Uint8Array(32).fill(7) }]), clock: () => now, entropy: randomBytes })
}

async function startProcess (name: StoreName, at: string): Promise<{ work: (work: StoreWork) => Promise<StoreDone>, end: () => void }> {
  const child = fork(join(import.meta.dirname, 'store-child.ts'), [name, at], { execArgv: [] })
  const end = (): void => { child.kill('SIGKILL') }
  process.once('exit', end)
  const waiting = new Map<number, { resolve: (done: StoreDone) => void, reject: (error: Error) => void }>()
  let last = 0
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => { resolve() })
    child.once('exit', (code) => { reject(new Error(`A process of ${name} ended with ${code}.`)) })
  })
  child.on('message', (reply: StoreReply) => {
    const one = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('error' in reply) one?.reject(new Error(reply.error))
    else one?.resolve(reply.done)
  })
  return {
    work: (work) => new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      child.send({ id, work } satisfies StoreOrder)
    }),
    end () {
      process.off('exit', end)
      end()
    }
  }
}
