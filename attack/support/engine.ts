/** Verifying and issuing behind the line, where nothing brakes: in this process and in others on the same database. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { readerPolicy, type Issue } from '@oncekey/otp'
import { KEYPAD } from '../../apps/server/src/access/reader.ts'
import { verifyEntry, type EntryAnswer } from '../../apps/server/src/access/verify.ts'
import type { TestHouse } from '../../apps/server/src/testing/house.ts'
import type { World } from '../../apps/server/src/testing/world.ts'

type Controller = { id: string, name: string }
export type Question = { controller: Controller, requestId: string, digits: string }
export type Wish = { scope: string, slot: string, digits: number }
export type Work = { verify?: Question[], issue?: Wish[] }
export type Worked = { answers: EntryAnswer[], issues: Issue[] }

/** Does everything of `work` at once. */
export async function carryOut (house: TestHouse, { verify = [], issue = [] }: Work): Promise<Worked> {
  const [issues, answers] = await Promise.all([
    Promise.all(issue.map((wish) => house.db.write(async () => house.otp.issue({ ...wish, purpose: KEYPAD, policy: readerPolicy, ttlMs: 300_000 })))),
    Promise.all(verify.map((one) => house.db.write((trx) => verifyEntry(trx, house, { lock: 0, ...one }))))
  ])
  return { issues, answers }
}

/** Houses on one database, each in a process of its own; the first is the world's, in this one. */
export type Engines = {
  /** Deals the work out, one piece to each in turn, and does everything at once. Answers are in the order of the questions. */
  all: (work: Work) => Promise<Worked>
  /** All work at one of them. */
  on: (which: number, work: Work) => Promise<Worked>
  end: () => void
}

/** @param env the settings of the world's house, so that the others find its database */
export async function openEngines (world: World, count: number, env: Record<string, string>): Promise<Engines> {
  const others = await Promise.all(Array.from({ length: count - 1 }, () => openOther(world, env)))
  const engines = [(work: Work) => carryOut(world.house, work), ...others.map((one) => one.work)]
  return {
    async all ({ verify = [], issue = [] }) {
      const done = await Promise.all(engines.map((work, which) => work({
        verify: verify.filter((_, i) => i % engines.length === which), issue: issue.filter((_, i) => i % engines.length === which)
      })))
      return { answers: woven(done.map((one) => one.answers)), issues: woven(done.map((one) => one.issues)) }
    },
    on: (which, work) => engines[which % engines.length]?.(work) ?? Promise.resolve({ answers: [], issues: [] }),
    end () { for (const one of others) one.end() }
  }
}

function woven<T> (hands: T[][]): T[] {
  const longest = Math.max(0, ...hands.map((hand) => hand.length))
  return Array.from({ length: longest }, (_, i) => hands.flatMap((hand) => hand.slice(i, i + 1))).flat()
}

/** What the child of engine-child.ts hears and says. */
export type Order = { id: number, now: number, work: Work }
export type Reply = { id: number, worked: Worked } | { id: number, error: string }

async function openOther (world: World, env: Record<string, string>): Promise<{ work: (work: Work) => Promise<Worked>, end: () => void }> {
  const child = fork(join(import.meta.dirname, 'engine-child.ts'), [world.house.config.dataDir, JSON.stringify(env)], { execArgv: [] })
  process.once('exit', () => { child.kill('SIGKILL') })
  const waiting = new Map<number, { resolve: (worked: Worked) => void, reject: (error: Error) => void }>()
  let last = 0
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => { resolve() })
    child.once('exit', (code) => { reject(new Error(`A second process ended with ${code}.`)) })
  })
  child.on('message', (reply: Reply) => {
    const one = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('error' in reply) one?.reject(new Error(reply.error))
    else one?.resolve(reply.worked)
  })
  return {
    work: (work) => new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      child.send({ id, now: world.house.clock(), work } satisfies Order)
    }),
    end () { child.kill('SIGKILL') }
  }
}
