import type { Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { isLoopback, type Config } from './config.ts'
import type { App } from './platform/http.ts'
import type { Tls } from './platform/tls/tls.ts'
import type { Broker } from './platform/transport/broker.ts'

/** Ports that are open; 0 = none of this kind. */
export type Ports = { http: number, https: number, mqtt: number, mqtts: number }

/** Opens every port that the settings want. @throws Error with the cure: a port that is taken or not allowed, an address that is not ours */
export async function listen (config: Config, { app, broker, tls }: { app: App, broker: Broker, tls: Tls | null }): Promise<{ ports: Ports, close: () => Promise<void> }> {
  const { host } = config
  const ports: Ports = { http: 0, https: 0, mqtt: 0, mqtts: 0 }
  let secure: SecureServer | null = null
  const close = async (): Promise<void> => {
    const server = secure
    if (server === null || !server.listening) return
    await new Promise<void>((resolve) => {
      server.close(() => { resolve() })
      server.closeAllConnections()
    })
  }
  const open = async <Opened>(setting: string, port: number, opened: Promise<Opened>): Promise<Opened> => opened.catch((error: unknown) => { throw listenProblem(error, host, setting, port) })
  try {
    if (config.plainMqtt) ports.mqtt = await open('ONCEKEY_MQTT_PORT', config.mqttPort, broker.listen(host, config.mqttPort))
    if (tls !== null) ports.mqtts = await open('ONCEKEY_MQTTS_PORT', config.mqttsPort, broker.listen(host, config.mqttsPort, tls))
    await app.ready()
    if (tls !== null) {
      const { secureServer } = await import('./platform/tls/secure-http.ts')
      const server = secureServer(app, tls)
      secure = server
      broker.attach(server)
      await open('ONCEKEY_HTTPS_PORT', config.httpsPort, new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(config.httpsPort, host, () => { server.off('error', reject); resolve() })
      }))
      ports.https = portOf(server)
    }
    if (config.plainHttp) broker.attach(app.server)
    await open('ONCEKEY_PORT', config.port, app.listen({ host, port: config.port }))
    ports.http = portOf(app.server)
    return { ports, close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Where people come, without a slash at the end. Not for this machine alone only with TLS; there without, as long as
 * TLS would need an authority that no browser knows.
 * @param hostname what somebody called us by, for an address that they can reach
 */
export function addresses (config: Config, ports: Ports, reachable: string): { url: string, plain: string, secure: (hostname?: string) => string | null } {
  const { publicUrl, host, tls } = config
  const plain = addressOf('http', reachable, ports.http)
  const secure = (hostname = reachable): string | null => {
    if (tls === 'off') return null
    if (publicUrl?.startsWith('https:') === true) return publicUrl
    return URL.parse(addressOf('https', hostname, ports.https))?.origin ?? addressOf('https', reachable, ports.https)
  }
  const isForThisMachine = tls === 'own' && isLoopback(host) && config.plainHttp
  return { url: publicUrl ?? (isForThisMachine ? null : secure()) ?? plain, plain, secure }
}

function addressOf (scheme: 'http' | 'https', host: string, port: number): string {
  return `${scheme}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`
}

function portOf (server: { address: () => string | AddressInfo | null }): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function listenProblem (error: unknown, host: string, setting: string, port: number): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') return new Error(`Port ${port} is taken, perhaps by another Oncekey. Stop that program, or set ${setting} to another port.`, { cause: error })
  if (code === 'EACCES') return new Error(`Port ${port} may not be used by this user. Set ${setting} to a port above 1023.`, { cause: error })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new Error(`This machine has no address ${host}. Set ONCEKEY_HOST to one that it has: 127.0.0.1 for this machine alone, 0.0.0.0 for every network it is in.`, { cause: error })
  return error
}
