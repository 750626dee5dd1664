import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { readConfig, startServer } from '@oncekey/server'
import { identityFrom, mqttLink, nodeHmac, simulateDoor } from '@oncekey/simulator'
import { Aedes } from 'aedes'
import { connectAsync } from 'mqtt'
import { figure, type Figure } from './figures.ts'

/** Three at each compartment of the demonstration's bank: a bolt moves at most six times a minute. */
const ENTRIES = 36

/** From the `#` at the keypad to the moment the bolt is told to move, against an echo through a bare broker. */
export async function trip (): Promise<Figure[]> {
  const ours = await keypadToBolt()
  const echo = await bareEcho()
  const peer = 'an echo through a bare broker'
  return [
    figure('keypad to bolt, p50', 'ms', peer, ours, echo),
    figure('keypad to bolt, p99', 'ms', peer, ours, echo, 0.99)
  ]
}

async function keypadToBolt (): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  let shiftMs = 0
  const quiet = (): void => {}
  const server = await startServer(readConfig({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' }), { clock: () => Date.now() + shiftMs, log: { info: quiet, warn: quiet, error: console.error } })
  const client = createClient({ base: server.url, fetch: fetchWithCookies() })
  const login = { login: 'bench@example.org', password: 'nobody guesses this' }
  const token = new URL(server.setupLink ?? '').searchParams.get('token') ?? ''
  await client.setup.start({ token, name: 'Bench', email: login.login, password: login.password, siteName: 'Bench', timeZone: 'UTC', demonstration: true })
  const places = await client.places.get()
  const compartments = places.banks[0]?.accessPoints ?? []
  const simulation = await client.controllers.simulation(compartments[0]?.controllerId ?? '')
  let unlockedAt = 0
  const simulated = simulateDoor({
    identity: identityFrom(simulation), locks: simulation.locks, hmac: nodeHmac, link: mqttLink({ url: `mqtt://127.0.0.1:${server.mqttPort}` }),
    onEffect (effect) { if (effect.do === 'bolt' && effect.to === 'unlock') unlockedAt = performance.now() }
  })
  const times: number[] = []
  try {
    await simulated.until((one) => one.connected && one.rows()[1].startsWith('Enter code'), 15_000)
    for (let i = 0; i < ENTRIES; i++) {
      // The day's budget of codes is for people; the server's clock moves on by two hours between entries.
      shiftMs += 7_200_000
      await client.session.start(login)
      const compartment = compartments[i % compartments.length]
      if (compartment === undefined) throw new Error('The demonstration site has no bank.')
      const { digits } = await client.codes.issue({ accessPointId: compartment.id })
      unlockedAt = 0
      simulated.type(digits)
      const begun = performance.now()
      simulated.type('#')
      await simulated.until(() => unlockedAt > 0, 5000)
      times.push(unlockedAt - begun)
      await simulated.until((one) => one.lock(compartment.lock).lockState === 'unlocked', 5000)
    }
    return times
  } finally {
    simulated.stop()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function bareEcho (): Promise<number[]> {
  const broker = await Aedes.createBroker()
  const server = createServer({ noDelay: true }, broker.handle)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  const { port } = server.address() as AddressInfo
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 })
  // Else each round waits 40 ms for the acknowledgement of its small packets (Nagle's algorithm, RFC 896).
  if ('setNoDelay' in client.stream && typeof client.stream.setNoDelay === 'function') client.stream.setNoDelay(true)
  broker.subscribe('up', (packet, done) => {
    broker.publish({ cmd: 'publish', topic: 'down', payload: packet.payload, qos: 1, retain: false, dup: false }, () => {})
    done()
  }, () => {})
  await client.subscribeAsync('down', { qos: 1 })
  const times: number[] = []
  const payload = 'x'.repeat(220)
  for (let i = 0; i < 10 * ENTRIES; i++) {
    const begun = performance.now()
    const back = new Promise<void>((resolve) => { client.once('message', () => { resolve() }) })
    client.publish('up', payload, { qos: 1 })
    await back
    times.push(performance.now() - begun)
  }
  await client.endAsync()
  await new Promise<void>((resolve) => { broker.close(() => { server.close(() => { resolve() }) }) })
  return times
}
