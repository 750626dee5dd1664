/**
 * The keypads of the trip, in a process of their own as boxes on a wall are: types entries at a steady pace, and beside
 * each one sends an echo through the bare broker from a connection of the same kind.
 */
import { identityFrom, mqttLink, nodeHmac, simulateDoor, type IdentityFile, type SimulatedDoor } from '@oncekey/simulator'
import { connectAsync, type MqttClient } from 'mqtt'

export type Order =
  | { is: 'connect', mqtt: string, echo: string, doors: IdentityFile[] }
  /** One entry each `everyMs`, in this order. */
  | { is: 'type', entries: { door: number, digits: string }[], everyMs: number }
/** Milliseconds from `#` to the bolt's command, and of the echoes; `lost`: entries that opened nothing within 10 s. */
export type Report = { is: 'connected' } | { is: 'typed', ours: number[], echoes: number[], lost: number }

type Door = { simulated: SimulatedDoor, onUnlock: () => void, last: Promise<number> }

/** As large as a sealed question. */
const payload = 'x'.repeat(420)
const doors: Door[] = []
const peers: { client: MqttClient, onBack: () => void }[] = []

process.on('message', (order: Order) => {
  const work = order.is === 'connect' ? connect(order) : type(order)
  work.then((report) => { process.send?.(report) }, (error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
process.on('disconnect', () => { process.exit() })

async function connect ({ mqtt, echo, doors: files }: Extract<Order, { is: 'connect' }>): Promise<Report> {
  // Each says for two seconds that it starts: several at once, as after a power cut of the house.
  for (let from = 0; from < files.length; from += 50) await Promise.all(files.slice(from, from + 50).map((file, i) => stand(from + i, file, { mqtt, echo })))
  return { is: 'connected' }
}

async function stand (i: number, file: IdentityFile, { mqtt, echo }: { mqtt: string, echo: string }): Promise<void> {
  const peer = { client: await connectAsync(echo, { protocolVersion: 4 }), onBack () {} }
  // Else each round waits 40 ms for the acknowledgement of its small packets (Nagle's algorithm, RFC 896).
  if ('setNoDelay' in peer.client.stream && typeof peer.client.stream.setNoDelay === 'function') peer.client.stream.setNoDelay(true)
  peer.client.on('message', () => { peer.onBack() })
  await peer.client.subscribeAsync(`down/${i}`, { qos: 1 })
  peers[i] = peer
  const door: Door = {
    onUnlock () {},
    last: Promise.resolve(0),
    simulated: simulateDoor({
      identity: identityFrom(file), locks: file.locks ?? 1, hmac: nodeHmac, link: mqttLink({ url: mqtt }), remember: 0,
      onEffect (effect) { if (effect.do === 'bolt' && effect.to === 'unlock') door.onUnlock() }
    })
  }
  doors[i] = door
  await door.simulated.until((one) => one.connected && one.rows()[1].startsWith('Enter code'), 15_000)
}

async function type ({ entries, everyMs }: Extract<Order, { is: 'type' }>): Promise<Report> {
  const begun = performance.now()
  const ours: Promise<number>[] = []
  const echoes: Promise<number>[] = []
  for (const [i, { door, digits }] of entries.entries()) {
    await until(begun + i * everyMs)
    const at = doors[door]
    if (at === undefined) throw new Error('There is no such door.')
    // Nobody types at a keypad that is still at the entry before.
    await at.last
    at.last = enter(at, digits)
    ours.push(at.last)
    await until(begun + (i + 0.5) * everyMs)
    echoes.push(echo(i % peers.length))
  }
  const taken = await Promise.all(ours)
  for (const { simulated } of doors) await shut(simulated)
  return { is: 'typed', ours: taken.filter(Number.isFinite), echoes: await Promise.all(echoes), lost: taken.filter((ms) => !Number.isFinite(ms)).length }
}

function enter (door: Door, digits: string): Promise<number> {
  door.simulated.type(digits)
  const begun = performance.now()
  return new Promise((resolve) => {
    const late = setTimeout(() => { resolve(Number.NaN) }, 10_000)
    door.onUnlock = () => {
      const ms = performance.now() - begun
      clearTimeout(late)
      door.onUnlock = () => {}
      resolve(ms)
    }
    door.simulated.type('#')
  })
}

/** Nobody pulls the doors: each bolt goes back by itself. */
async function shut (door: SimulatedDoor): Promise<void> {
  await door.until((one) => one.locks().every(({ lockState }) => lockState === 'locked'), 60_000)
}

function echo (number: number): Promise<number> {
  const peer = peers[number]
  if (peer === undefined) throw new Error('There is no such peer.')
  const begun = performance.now()
  return new Promise((resolve) => {
    peer.onBack = () => { resolve(performance.now() - begun) }
    peer.client.publish(`up/${number}`, payload, { qos: 1 })
  })
}

function until (moment: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, Math.max(0, moment - performance.now())) })
}
