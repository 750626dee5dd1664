/**
 * The server's parts list: the only place that builds adapters. Everything else gets them as arguments.
 */
import { randomUUIDv7 } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FeedEvent } from '@oncekey/protocol/schemas'
import { watchForAlarms } from './alarms/note.ts'
import { createApp } from './app.ts'
import { beginGeneration } from './backup/generation.ts'
import { httpCamera } from './cameras/snapshot.ts'
import type { Config } from './config.ts'
import { hearControllers } from './controllers/receive.ts'
import type { House } from './house.ts'
import { addresses, listen, type Ports } from './listeners.ts'
import type { Channel } from './notify/channel.ts'
import { gatewayChannel } from './notify/channels/gateway.ts'
import { smtpChannel } from './notify/channels/smtp.ts'
import { twilioChannel } from './notify/channels/twilio.ts'
import { twilioVerifyChannel } from './notify/channels/twilio-verify.ts'
import { GATEWAY_RECEIPTS, twilioReceipts } from './notify/receipts.ts'
import { wayOf } from './notify/ways.ts'
import { createFeed } from './platform/feed.ts'
import { createLog, type Log } from './platform/log.ts'
import { drawBytes } from './platform/random.ts'
import { repeat } from './platform/repeat.ts'
import { reachableAt } from './platform/reachable.ts'
import type { Tls } from './platform/tls/tls.ts'
import { openBroker } from './platform/transport/broker.ts'
import { openRecords } from './records.ts'
import { httpPoster } from './webhooks/post.ts'
import { startWork } from './work.ts'
import { pushChannel } from './push/channel.ts'
import { controllerPassword } from './controllers/password.ts'
import { setupToken } from './setup/token.ts'

export type { Config } from './config.ts'
export { readConfig, ConfigError } from './config.ts'

export type Server = {
  /** Where the pages are, e.g. http://127.0.0.1:8080 */
  url: string
  /** Of the broker without TLS; 0 = none. */
  mqttPort: number
  /** What there is with TLS; null without. */
  tls: {
    url: string
    httpsPort: number
    mqttsPort: number
    /** What each device has to trust first; null with a certificate from outside. `page` tells how, `pem` is the certificate. */
    authority: { page: string, fingerprint: string, pem: string } | null
  } | null
  /** The one-time link of the first run; null when an owner exists. */
  setupLink: string | null
  close: () => Promise<void>
}

export const version: string = String(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)

/**
 * `certificateCheckMs`: how often the certificate is looked at; every minute unless set. `leastDigits`: digits of a code,
 * at least (4..12), e.g. so many that a search does not find them by chance. `putBack`: see `House`; without it backups are put back by the command alone.
 */
export type StartOptions = { clock?: () => number, log?: Log, certificateCheckMs?: number, leastDigits?: number, putBack?: House['putBack'] }

/**
 * Starts everything and resolves when pages and broker answer.
 * @throws Error that names the cure: a port that is taken, a folder that can not be written, a database from a newer version
 */
export async function startServer (config: Config, options: StartOptions = {}): Promise<Server> {
  const clock = options.clock ?? Date.now
  const log = options.log ?? createLog()
  const records = await openRecords(config, { clock, entropy: drawBytes, log, version, willWriteMuch: true })
  const codeStore = await openRedis(config, log)
  const tls = await openTls(config, { clock, log }).catch(async (error: unknown) => {
    await codeStore?.close()
    await records.db.close()
    throw error
  })
  let ports: Ports = { http: config.port, https: config.httpsPort, mqtt: 0, mqtts: 0 }
  // Asked each time: a network may come up after us, or give us another address.
  const at = (): ReturnType<typeof addresses> => addresses(config, ports, reachableAt(config.host))
  const broker = await openBroker({ log, clock, trustedProxies: config.trustedProxies, authenticate: (client, password) => controllerPassword(house, client, password) })
  const house: House = {
    config, ...records, transport: broker.transport, log, clock, version, tls,
    feed: createFeed<FeedEvent>((error) => { log.error('a feed listener failed', { error }) }),
    link: (path) => at().url + path, secureUrl: (hostname) => at().secure(hostname),
    brokerAt: () => ({ mqttPort: ports.mqtt, mqttsPort: ports.mqtts, ca: tls?.authority?.pem ?? null }),
    newId: () => randomUUIDv7(), startedAt: clock(),
    ...(options.leastDigits === undefined ? {} : { leastDigits: options.leastDigits }), ...codeStore && { codeStore },
    ...options.putBack && { putBack: options.putBack }
  }
  // Before anybody is heard: until then what was used up since the backup would work.
  const isRestored = await beginGeneration(house).catch(async (error: unknown) => {
    await broker.transport.close()
    await codeStore?.close()
    await records.db.close()
    throw error
  })
  if (isRestored) log.info('a backup was restored: a new generation begins')
  watchForAlarms(house)
  hearControllers(house)
  const app = await createApp(house)
  let closePorts = async (): Promise<void> => {}
  const renewal = tls === null ? null : repeat(options.certificateCheckMs ?? 60_000, async () => { tls.check() }, log)
  const close = async (): Promise<void> => {
    await renewal?.stop()
    await work.stop()
    // The broker first: its WebSockets are connections of the HTTP servers, which would wait for them.
    await broker.transport.close()
    await closePorts()
    await app.close()
    await codeStore?.close()
    await records.db.close()
  }
  const post = httpPoster({ networks: config.webhookNetworks })
  const work = startWork(house, [...channelsOf(house), pushChannel(house, httpPoster())], { post, snap: httpCamera({ networks: config.webhookNetworks }) })
  try {
    const opened = await listen(config, { app, broker, tls })
    closePorts = opened.close
    ports = opened.ports
    const token = await setupToken(house)
    const { url, plain, secure } = at()
    const secureUrl = secure()
    return {
      url, mqttPort: ports.mqtt, setupLink: token === null ? null : `${url}/start?token=${token}`, close,
      tls: tls === null || secureUrl === null ? null : {
        url: secureUrl, httpsPort: ports.https, mqttsPort: ports.mqtts,
        authority: tls.authority === null ? null : { page: plain + '/trust', fingerprint: tls.authority.fingerprint, pem: tls.authority.pem }
      }
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The ways out that are set up. */
function channelsOf ({ config, clock, link }: House): Channel[] {
  const channels: Channel[] = config.smtpUrl === null ? [] : [smtpChannel(config.smtpUrl)]
  for (const name of ['sms', 'whatsapp', 'voice'] as const) {
    const settings = config.channels[name]
    if (settings === null) continue
    if (settings.is === 'gateway') channels.push(gatewayChannel(settings, name, { clock, callback: () => link(GATEWAY_RECEIPTS) }))
    else if (settings.is === 'twilioVerify') channels.push(twilioVerifyChannel(settings, name))
    else channels.push(twilioChannel(settings, { clock, callback: wayOf(config, name)?.hasReceipts === true ? (id) => link(twilioReceipts(id)) : null }))
  }
  return channels
}

/** Loaded only where it is wanted, as TLS is. */
async function openRedis ({ redisUrl }: Config, log: Log): Promise<House['codeStore']> {
  return redisUrl === null ? undefined : (await import('./platform/redis.ts')).openCodeStore(redisUrl, { log, entropy: drawBytes })
}

/** Loaded only where it is wanted: the ordinary start on this machine alone has no TLS. */
async function openTls (config: Config, parts: { clock: () => number, log: Log }): Promise<Tls | null> {
  return config.tls === 'off' ? null : (await import('./platform/tls/open.ts')).openTls(config, parts)
}
