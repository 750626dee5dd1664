/**
 * The server's parts list: the only place that builds adapters. Everything else gets them as arguments.
 */
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { FeedEvent } from '@oncekey/protocol/schemas'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { hearControllers } from './controllers/receive.ts'
import type { House } from './house.ts'
import { smtpChannel } from './notify/channels/smtp.ts'
import { createFeed } from './platform/feed.ts'
import { createLog, type Log } from './platform/log.ts'
import { openBroker } from './platform/transport/broker.ts'
import { openRecords } from './records.ts'
import { startWork } from './work.ts'
import { controllerPassword } from './controllers/password.ts'
import { setupToken } from './setup/token.ts'

export type { Config } from './config.ts'
export { readConfig, ConfigError } from './config.ts'

export type Server = {
  /** Where the pages are, e.g. http://127.0.0.1:8080 */
  url: string
  mqttPort: number
  /** The one-time link of the first run; null when an owner exists. */
  setupLink: string | null
  close: () => Promise<void>
}

export const version: string = String(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)

/**
 * Starts everything and resolves when pages and broker answer.
 * @throws Error that names the cure: a port that is taken, a folder that can not be written, a database from a newer version
 */
export async function startServer (config: Config, options: { clock?: () => number, log?: Log } = {}): Promise<Server> {
  const clock = options.clock ?? Date.now
  const log = options.log ?? createLog()
  const records = await openRecords(config, { clock, entropy: (count) => randomBytes(count) })
  let url = config.publicUrl ?? addressOf(config.host, config.port)
  const broker = await openBroker({ log, clock, authenticate: (client, password) => controllerPassword(house, client, password) })
  const house: House = {
    config, ...records, transport: broker.transport, log, clock, version,
    feed: createFeed<FeedEvent>((error) => { log.error('a feed listener failed', { error }) }),
    link: (path) => url + path, newId: () => randomUUIDv7(), startedAt: clock()
  }
  hearControllers(house)
  const app = await createApp(house)
  const close = async (): Promise<void> => {
    await work.stop()
    // The broker first: its WebSockets are connections of the HTTP server, which would wait for them.
    await broker.transport.close()
    await app.close()
    await records.db.close()
  }
  const work = startWork(house, config.smtpUrl === null ? [] : [smtpChannel(config.smtpUrl)])
  try {
    const mqttPort = await broker.listen(config.host, config.mqttPort).catch((error: unknown) => { throw listenProblem(error, config.host, 'ONCEKEY_MQTT_PORT', config.mqttPort) })
    broker.attach(app.server)
    await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => { throw listenProblem(error, config.host, 'ONCEKEY_PORT', config.port) })
    // Fastify's server listens on TCP here, so its address is never a pipe's name.
    const { port } = app.server.address() as AddressInfo
    url = config.publicUrl ?? addressOf(config.host, port)
    const token = await setupToken(house)
    return { url, mqttPort, setupLink: token === null ? null : `${url}/start?token=${token}`, close }
  } catch (error) {
    await close()
    throw error
  }
}

function addressOf (host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function listenProblem (error: unknown, host: string, setting: string, port: number): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') return new Error(`Port ${port} is taken, perhaps by another Oncekey. Stop that program, or set ${setting} to another port.`, { cause: error })
  if (code === 'EACCES') return new Error(`Port ${port} may not be used by this user. Set ${setting} to a port above 1023.`, { cause: error })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new Error(`This machine has no address ${host}. Set ONCEKEY_HOST to one that it has: 127.0.0.1 for this machine alone, 0.0.0.0 for every network it is in.`, { cause: error })
  return error
}
