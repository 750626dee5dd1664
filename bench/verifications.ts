import { startPostgres } from '../scripts/postgres.mjs'
import { figure, type Figure } from './figures.ts'
import { load, type Request } from './load.ts'
import { startOncekey, type Oncekey } from './oncekey.ts'
import { bareFastify, betterAuth, flaskAndRedis, type Peer } from './peers.ts'
import { measure, type Measured } from './measure.ts'

/** Checks in one round: about a second of work, so that 10 ms of the kernel's clock are nothing. */
const CHECKS = Number(process.env['ONCEKEY_BENCH_CHECKS'] ?? 2000)
/** Measured rounds, after some for the compilers: a server that has run for a day is compiled, and so is its peer. */
const ROUNDS = 5
const WARM_UP = 3
const ALONE = 400
/** Starts in one round. */
const STARTS = 600

/**
 * The check of a right code over HTTP, durable: throughput and CPU at 64 connections against a bare route of the same
 * method, path and body and against other programs, round by round in turns; and the wait of one who comes alone
 * against the same route with one durable commit in it. Each code is checked once, so each check is one that uses a code up.
 */
export async function* verifications (): AsyncGenerator<Figure> {
  const ours = await startOncekey()
  const bare = await bareFastify()
  const committing = await bareFastify({ commits: true })
  const postgres = await startPostgres().catch((error: unknown) => { console.error(`Not measured on PostgreSQL: ${error instanceof Error ? error.message : String(error)}`) })
  const onPostgres = postgres === undefined ? null : await startOncekey({ database: { url: await postgres.url('bench'), pid: postgres.pid } })
  const peers: Peer[] = []
  for (const start of [flaskAndRedis, betterAuth]) {
    try {
      peers.push(await start())
    } catch (error) {
      console.error(`Not measured against ${start.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  try {
    const rounds: { ours: Measured[], bare: Measured[], postgres: Measured[], peers: Map<Peer, Measured[]> } = { ours: [], bare: [], postgres: [], peers: new Map(peers.map((peer) => [peer, []])) }
    for (let round = 1 - WARM_UP; round <= ROUNDS; round++) {
      const checks = await settled(ours, CHECKS)
      const own = await measure(ours, checks, 'approved')
      const other = await measure(bare, checks, 'approved')
      if (round > 0) rounds.ours.push(own)
      if (round > 0) rounds.bare.push(other)
      if (onPostgres !== null) {
        const measured = await measure(onPostgres, await settled(onPostgres, CHECKS / 4), 'approved')
        if (round > 0) rounds.postgres.push(measured)
      }
      for (const [peer, list] of rounds.peers) {
        const measured = await measure(peer, await peer.checks(CHECKS / 4), '')
        if (round > 0) list.push(measured)
      }
    }
    const starts: Record<'ours' | 'addressed' | 'bare', Measured[]> = { ours: [], addressed: [], bare: [] }
    for (let round = 1 - WARM_UP; round <= ROUNDS; round++) {
      const made = ours.starts(STARTS)
      const one = await measure(ours, made, 'pending', 201)
      await ours.delivered()
      const addressed = await measure(ours, ours.starts(STARTS, { addresses: true }), 'pending', 201)
      await ours.delivered()
      const other = await measure(bare, made, 'pending', 201)
      if (round <= 0) continue
      starts.ours.push(one)
      starts.addressed.push(addressed)
      starts.bare.push(other)
    }
    const alone: Record<'ours' | 'bare' | 'committing', number[]> = { ours: [], bare: [], committing: [] }
    const single = await settled(ours, ALONE)
    // In turns, because a disk is quick in one second and slow in the next.
    for (let i = 0; i < ALONE; i += ALONE / 20) {
      const some = single.slice(i, i + ALONE / 20)
      alone.ours.push(...(await load(ours.url, some, 1)).millis)
      alone.committing.push(...(await load(committing.url, some, 1)).millis)
      alone.bare.push(...(await load(bare.url, some, 1)).millis)
    }
    const throughput = (list: Measured[]): number[] => list.map((one) => one.perSecond)
    const cpu = (list: Measured[]): number[] => list.map((one) => one.cpuMicros)
    yield figure('check, 64 connections', '1/s', 'a bare Fastify route', throughput(rounds.ours), throughput(rounds.bare))
    yield figure('check, CPU', 'µs', 'a bare Fastify route', cpu(rounds.ours), cpu(rounds.bare))
    // With the mails that leave meanwhile.
    yield figure('start, 64 connections', '1/s', 'a bare Fastify route', throughput(starts.ours), throughput(starts.bare))
    yield figure('start, CPU', 'µs', 'a bare Fastify route', cpu(starts.ours), cpu(starts.bare))
    yield figure('start that says from where, CPU', 'µs', 'a bare Fastify route', cpu(starts.addressed), cpu(starts.bare))
    for (const [peer, list] of rounds.peers) {
      yield figure('check, 64 connections', '1/s', peer.name, throughput(rounds.ours), throughput(list))
      yield figure('check, CPU', 'µs', peer.name, cpu(rounds.ours), cpu(list))
    }
    if (onPostgres !== null) {
      yield figure('check on PostgreSQL, 64 connections', '1/s', 'a bare Fastify route', throughput(rounds.postgres), throughput(rounds.bare))
      yield figure('check on PostgreSQL, CPU of both', 'µs', 'a bare Fastify route', cpu(rounds.postgres), cpu(rounds.bare))
    }
    // A check changes rows and indexes of five tables; the route beside it commits one row.
    yield figure('check, alone, p50', 'ms', 'a bare route with one durable commit', alone.ours, alone.committing)
    yield figure('check, alone, p50', 'ms', 'a bare Fastify route', alone.ours, alone.bare)
  } finally {
    for (const one of [ours, bare, committing, ...peers, ...onPostgres === null ? [] : [onPostgres]]) await one.stop()
    await postgres?.stop()
  }
}

/** Right checks, once what their making left to do is done: mails are noted as sent, the record is signed. */
async function settled (server: Oncekey, count: number): Promise<Request[]> {
  const checks = await server.checks(count)
  await new Promise((resolve) => { setTimeout(resolve, 1500) })
  return checks
}
