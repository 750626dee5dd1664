import { load, type Load, type Request } from './load.ts'
import { cpuSeconds, type Served } from './processes.ts'

const CONNECTIONS = 64

export type Measured = { perSecond: number, cpuMicros: number }

/** Throughput and CPU of requests at 64 connections. @throws Error when one is not answered with that status and `word` in it */
export async function measure (server: Served, requests: readonly Request[], word: string, status = 200): Promise<Measured> {
  const before = cpuSeconds(server.pids())
  const done: Load = await load(server.url, requests, CONNECTIONS)
  const cpuMicros = (cpuSeconds(server.pids()) - before) / requests.length * 1e6
  const right = done.bodies.filter((body) => body.includes(word)).length
  if (done.statuses[status] !== requests.length || right !== requests.length) throw new Error(`${server.url}: ${JSON.stringify(done.statuses)}, ${right} right of ${requests.length}; ${done.bodies[0]}`)
  return { perSecond: done.perSecond, cpuMicros }
}
