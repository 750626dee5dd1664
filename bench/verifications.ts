import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '../scripts/postgres.mjs'
import { figure, type Figure } from './figures.ts'
import { load, type Request } from './load.ts'
import { startOncekey, type Oncekey } from './oncekey.ts'
import { bareFastify, betterAuth, flaskAndRedis, least, type Peer } from './peers.ts'
import { cpuSeconds } from './processes.ts'
import { measure, type Measured } from './measure.ts'

/** Starts and checks in one round: about a second of work each, so that 10 ms of the kernel's clock are nothing. */
const COUNT = Number(process.env['ONCEKEY_BENCH_CHECKS'] ?? 2000)
/** Measured rounds, after some for the compilers: a server that has run for a day is compiled, and so is its peer. */
const ROUNDS = 5
const WARM_UP = 3
const ALONE = 400
const BARE_TURNS = 4

/** `mailed`: CPU of a start and of its mail. */
type Round = { start: Measured, check: Measured, mailed: number }

/**
 * Starts of verifications and checks of their right codes over HTTP, durable: throughput and CPU at 64 connections against
 * bare routes of the same methods, paths and bodies and against other programs, round by round in turns; and the wait of one
 * who comes alone against the same route with one durable commit in it. Each code is checked once, so each check is one that
 * uses a code up.
 */
export async function* verifications (): AsyncGenerator<Figure> {
  const ours = await startOncekey()
  const bare = await bareFastify()
  const committing = await bareFastify({ commits: true })
  const postgres = await startPostgres().catch((error: unknown) => { console.error(`Not measured on PostgreSQL: ${error instanceof Error ? error.message : String(error)}`) })
  const onPostgres = postgres === undefined ? null : await startOncekey({ database: { url: await postgres.url('bench'), pid: postgres.pid } })
  const peers: Peer[] = []
  for (const start of [least, flaskAndRedis, betterAuth]) {
    try {
      peers.push(await start())
    } catch (error) {
      console.error(`Not measured against ${start.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  try {
    const rounds: { ours: Round[], bare: Round[], postgres: Round[], peers: Map<Peer, Round[]> } = { ours: [], bare: [], postgres: [], peers: new Map(peers.map((peer) => [peer, []])) }
    for (let round = 1 - WARM_UP; round <= ROUNDS; round++) {
      const own = await roundOf(ours, COUNT)
      // CPU is read in hundredths of a second, and 2,000 of the bare route's answers take a tenth.
      const start = await measure(bare, Array.from({ length: BARE_TURNS }, () => own.starts).flat(), 'pending')
      const check = await measure(bare, Array.from({ length: BARE_TURNS }, () => own.checks).flat(), 'approved')
      if (round > 0) rounds.ours.push(own)
      if (round > 0) rounds.bare.push({ start, check, mailed: start.cpuMicros })
      if (onPostgres !== null) {
        const measured = await roundOf(onPostgres, COUNT / 4)
        if (round > 0) rounds.postgres.push(measured)
      }
      for (const [peer, list] of rounds.peers) {
        // A dear one needs fewer for the same time.
        const starts = peer.starts(peer.isQuick === true ? COUNT : COUNT / 4)
        const begun = await measure(peer, starts, '')
        const checked = await measure(peer, await peer.checks(starts, begun.bodies), '')
        if (round > 0) list.push({ start: begun, check: checked, mailed: begun.cpuMicros })
      }
    }
    for (const name of ['start', 'check'] as const) {
      const throughput = (list: Round[]): number[] => list.map((one) => one[name].perSecond)
      const cpu = (list: Round[]): number[] => list.map((one) => one[name].cpuMicros)
      yield figure(`${name}, 64 connections`, '1/s', 'a bare Fastify route', throughput(rounds.ours), throughput(rounds.bare))
      yield figure(`${name}, CPU`, 'µs', 'a bare Fastify route', cpu(rounds.ours), cpu(rounds.bare))
      if (name === 'start') yield figure('start and its mail, CPU', 'µs', 'a bare Fastify route, no mail', rounds.ours.map((one) => one.mailed), cpu(rounds.bare))
      for (const [peer, list] of rounds.peers) {
        yield figure(`${name}, 64 connections`, '1/s', peer.name, throughput(rounds.ours), throughput(list))
        yield figure(`${name}, CPU`, 'µs', peer.name, cpu(rounds.ours), cpu(list))
      }
      if (onPostgres === null) continue
      yield figure(`${name} on PostgreSQL, 64 connections`, '1/s', 'a bare Fastify route', throughput(rounds.postgres), throughput(rounds.bare))
      yield figure(`${name} on PostgreSQL, CPU of both`, 'µs', 'a bare Fastify route', cpu(rounds.postgres), cpu(rounds.bare))
    }
    const { checks: single } = await startedAt(ours, ALONE)
    const alone: Record<'ours' | 'bare' | 'committing', number[]> = { ours: [], bare: [], committing: [] }
    // In turns, because a disk is quick in one second and slow in the next.
    for (let i = 0; i < ALONE; i += ALONE / 20) {
      const some = single.slice(i, i + ALONE / 20)
      alone.ours.push(...(await load(ours.url, some, 1)).millis)
      alone.committing.push(...(await load(committing.url, some, 1)).millis)
      alone.bare.push(...(await load(bare.url, some, 1)).millis)
    }
    // A check changes rows and indexes of five tables; the route beside it commits one row.
    yield figure('check, alone, p50', 'ms', 'a bare route with one durable commit', alone.ours, alone.committing)
    yield figure('check, alone, p50', 'ms', 'a bare Fastify route', alone.ours, alone.bare)
  } finally {
    for (const one of [ours, bare, committing, ...peers, ...onPostgres === null ? [] : [onPostgres]]) await one.stop()
    await postgres?.stop()
  }
}

async function roundOf (server: Oncekey, count: number): Promise<Round & { starts: Request[], checks: Request[] }> {
  const { starts, start, mailed, checks } = await startedAt(server, count)
  return { starts, start, mailed, checks, check: await measure(server, checks, 'approved') }
}

/** Starts while mails are held up; then, once what they left to do is done, the right checks: mails are noted as sent, the record is signed. */
async function startedAt (server: Oncekey, count: number): Promise<{ starts: Request[], start: Measured, mailed: number, checks: Request[] }> {
  const starts = server.starts(count)
  server.holdMail()
  const start = await measure(server, starts, 'pending')
  const before = cpuSeconds(server.pids())
  server.releaseMail()
  const checks = await server.checks(starts, start.bodies)
  await sleep(1500)
  return { starts, start, mailed: start.cpuMicros + (cpuSeconds(server.pids()) - before) / count * 1e6, checks }
}
