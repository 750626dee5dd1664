import { lookup } from 'node:dns/promises'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { HomeAssistantTest } from '@oncekey/protocol/schemas'
import type { MqttClient } from 'mqtt'
import { targetsIn } from '../webhooks/targets.ts'

export type Broker = { host: string, port: number, isTls: boolean, ca: string | null, userName: string, password: string | null }
export type Will = { topic: string, payload: string }
/** A fault that is not the broker's own words, and the step at which it came. */
export class Unreached extends Error {
  readonly step: Exclude<HomeAssistantTest['step'], 'done'>
  readonly fault: string
  constructor (step: Unreached['step'], fault: string, cause?: unknown) {
    super(`Home Assistant's broker was not reached: ${step}, ${fault}`, { cause })
    this.step = step
    this.fault = fault
  }
}

const STEP_MS = 8_000
const KEEP_ALIVE_S = 30
/** What its broker may send us at once and in one piece: commands are short. */
const MOST_IN_FLIGHT = 64
const LARGEST_PACKET = 65_536
/** Home Assistant stands beside us as a rule: at home, in the same machine. There MQTT's own ports are reached, and nothing else. */
const AT_HOME = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '::1/128', 'fc00::/7']
const MQTT_PORTS = [1883, 8883]

/**
 * Whether a connection may go to this address. An administrator names the broker and sees how far we came: that must not become a
 * look around the network that this machine stands in, nor reach the addresses at which clouds give away secrets. So at home only the two
 * ports of MQTT, others where the operator of the machine named the network; out into the world only with TLS, for a password travels.
 */
export function mayReach (address: string, { port, isTls, networks }: { port: number, isTls: boolean, networks: readonly string[] }): boolean {
  return targetsIn(MQTT_PORTS.includes(port) ? [...AT_HOME, ...networks] : networks).admits(address, isTls ? 'https:' : 'http:')
}

/**
 * Connects with MQTT 5, as nobody that the broker remembers: what comes while we are away is not kept for us, so no command waits.
 * A name is looked up once and what was judged is what is connected to.
 * @throws Unreached with the step and a word
 */
export async function reach (broker: Broker, { clientId, will, networks, signal, stepMs = STEP_MS }: { clientId: string, will?: Will, networks: readonly string[], signal: AbortSignal, /** How long each step may take. */ stepMs?: number }): Promise<MqttClient> {
  const address = await addressOf(broker, networks)
  const plain = connectPlain({ host: address, port: broker.port, noDelay: true })
  const stop = (): void => { plain.destroy() }
  signal.addEventListener('abort', stop)
  try {
    await opened(plain, 'connection', 'connect', stepMs)
    const stream = broker.isTls ? await secured(plain, broker, stepMs) : plain
    return await signedIn(stream, broker, { clientId, stepMs, ...will !== undefined && { will } })
  } catch (error) {
    plain.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function addressOf ({ host, port, isTls }: Broker, networks: readonly string[]): Promise<string> {
  const found = isIP(host) === 0 ? await lookup(host, { all: true }).catch((error: unknown) => { throw new Unreached('name', faultOf(error), error) }) : [{ address: host }]
  const [first] = found
  // One bad address among good ones is no accident.
  if (first === undefined || !found.every(({ address }) => mayReach(address, { port, isTls, networks }))) throw new Unreached('name', 'addressRefused')
  return first.address
}

function opened (socket: Socket, step: Unreached['step'], event: 'connect' | 'secureConnect', stepMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { end(new Unreached(step, 'ETIMEDOUT')) }, stepMs)
    const failed = (error: unknown): void => { end(new Unreached(step, faultOf(error), error)) }
    const closed = (): void => { end(new Unreached(step, 'ECLOSED')) }
    const there = (): void => { end(null) }
    const end = (error: Unreached | null): void => {
      clearTimeout(timer)
      socket.off('close', closed).off(event, there)
      // The error's listener stays: an error without one would end the process.
      if (error === null) resolve()
      else reject(error)
    }
    socket.on('error', failed).on('close', closed).once(event, there)
  })
}

async function secured (plain: Socket, { host, ca }: Broker, stepMs: number): Promise<Socket> {
  const socket = connectTls({ socket: plain, host, ...isIP(host) === 0 && { servername: host }, ...ca !== null && { ca }, minVersion: 'TLSv1.2' })
  await opened(socket, 'tls', 'secureConnect', stepMs)
  return socket
}

async function signedIn (stream: Duplex, { userName, password }: Broker, { clientId, will, stepMs }: { clientId: string, will?: Will, stepMs: number }): Promise<MqttClient> {
  // Loaded only where it is wanted.
  const { MqttClient } = await import('mqtt')
  const client = new MqttClient(() => stream, {
    protocolVersion: 5, clean: true, clientId, keepalive: KEEP_ALIVE_S, reconnectPeriod: 0, connectTimeout: 2 * stepMs, resubscribe: false, queueQoSZero: false,
    properties: { sessionExpiryInterval: 0, receiveMaximum: MOST_IN_FLIGHT, maximumPacketSize: LARGEST_PACKET },
    ...userName !== '' && { username: userName }, ...password !== null && { password: Buffer.from(password) },
    ...will !== undefined && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }
  })
  // Kept for its whole life: what breaks later ends in `close`.
  client.on('error', () => {})
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => { reject(new Unreached('signIn', 'ETIMEDOUT')) }, stepMs)
      client.once('connect', () => { clearTimeout(timer); resolve() })
      client.once('error', (error) => { clearTimeout(timer); reject(new Unreached('signIn', refusalOf(error), error)) })
      client.once('close', () => { clearTimeout(timer); reject(new Unreached('signIn', 'notMqtt5')) })
    })
  } catch (error) {
    client.end(true)
    throw error
  }
  return client
}

/** Why a broker refused, in a word: reason codes of CONNACK (MQTT 5, 3.2.2.2). */
function refusalOf (error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (code === 0x84 || code === 1) return 'notMqtt5'
  if (code === 0x86 || code === 4) return 'badLogin'
  if (code === 0x87 || code === 5) return 'notAllowed'
  return typeof code === 'number' ? `refused ${code}` : faultOf(error)
}

/** A word that holds nothing of the other side's making. */
export function faultOf (error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{2,50}$/.test(error.code) ? error.code : 'unknown'
}
