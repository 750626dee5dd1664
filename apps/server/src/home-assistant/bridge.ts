import type { AccessPointState, FeedEvent } from '@oncekey/protocol/schemas'
import type { IPublishPacket, MqttClient } from 'mqtt'
import type { House } from '../house.ts'
import { statesOf } from '../live/states.ts'
import { connectionOf } from './connection.ts'
import { orderIn, takeOrder } from './command.ts'
import { controllerConfig, controllerState, eventTypeOf, pointConfig, pointState, type ControllerDevice, type Devices, type EventType } from './describe.ts'
import { findDevices } from './devices.ts'
import { topicsOf } from './topics.ts'

/** Messages that its broker has not confirmed yet. */
const MOST_IN_FLIGHT = 32
/** Events that wait to be sent; one that is older is news no more, and no automation is to begin by it. */
const MOST_EVENTS = 256
const EVENT_MS = 30_000
/** Rows of the record after which devices are others. */
const changing = /^(accessPoint|bank|site|controller|image|rollout|homeAssistant)\./
const SETTLE_MS = 300
/** How long a broker may take to hand back what it has kept of ours. */
const ECHO_MS = 8_000

export type Bridge = {
  /** Tells what has changed since, and takes back what is no more. */
  sync: () => Promise<void>
  /** Takes everything back that was ever put there. */
  leave: () => Promise<void>
  /** Ends the connection; Home Assistant is told that we are away. */
  end: () => Promise<void>
  readonly isOpen: boolean
}

/**
 * What goes over a connection to Home Assistant's broker. What waits is bounded by what there is: of each topic only the newest state
 * waits, and of events the last few. A broker that is slow or gone holds up nobody but itself.
 */
export async function openBridge (house: House, client: MqttClient, { siteId, prefix }: { siteId: string, prefix: string }): Promise<Bridge> {
  const topics = topicsOf(siteId, prefix)
  const about = { topics, version: house.version, url: house.link('/live') }
  const connection = connectionOf(house)
  /** What its broker has of us, or is on its way there; by topic. */
  const told = new Map<string, string>()
  const waiting = new Map<string, string>()
  const events: { topic: string, type: EventType, at: number }[] = []
  let devices: Devices = { controllers: [], points: [] }
  let controllerOf = new Map<string, ControllerDevice>()
  let pointIds = new Map<string, string | null>()
  const lockouts = new Map<string, NodeJS.Timeout>()
  let inFlight = 0
  let isEnded = false
  /** What is told from now on would stay at its broker for ever. */
  let isLeaving = false
  let settling: NodeJS.Timeout | null = null
  const drained: (() => void)[] = []

  function pump (): void {
    while (!isEnded && inFlight < MOST_IN_FLIGHT) {
      const event = events.shift()
      if (event !== undefined) {
        if (performance.now() - event.at < EVENT_MS) send(event.topic, JSON.stringify({ event_type: event.type }), false)
        else connection.missed++
        continue
      }
      const [next] = waiting
      if (next === undefined) break
      waiting.delete(next[0])
      send(next[0], next[1], true)
    }
    if (inFlight === 0 && waiting.size === 0 && events.length === 0) for (const done of drained.splice(0)) done()
  }

  function send (topic: string, payload: string, retain: boolean): void {
    inFlight++
    // The connection's end answers whatever is on its way.
    client.publish(topic, payload, { qos: 1, retain, ...!retain && { properties: { messageExpiryInterval: EVENT_MS / 1000 } } }, () => {
      inFlight--
      pump()
    })
  }

  /** Of a topic the newest counts. An empty one takes back what is kept there (MQTT 5, 3.3.1.3). */
  function keep (topic: string, payload: string): void {
    if (told.get(topic) === payload) return
    if (payload === '') told.delete(topic)
    else told.set(topic, payload)
    waiting.set(topic, payload)
    pump()
  }

  function takeBack (id: string): void {
    told.set(topics.config(id), '?')
    keep(topics.config(id), '')
    told.set(topics.state(id), '?')
    keep(topics.state(id), '')
  }

  function tell (state: AccessPointState): void {
    if (isLeaving) return
    const controllerId = pointIds.get(state.id)
    if (controllerId === undefined) return
    keep(topics.state(state.id), pointState(state))
    const controller = controllerOf.get(controllerId ?? '')
    if (controller === undefined) return
    const now = house.clock()
    keep(topics.state(controller.id), controllerState(controller, state, now))
    clearTimeout(lockouts.get(controller.id))
    lockouts.delete(controller.id)
    // Nobody says when a lockout is over; it is, by the clock.
    if (state.lockedOutUntil !== null && state.lockedOutUntil > now) lockouts.set(controller.id, setTimeout(() => { tell({ ...state, lockedOutUntil: null }) }, Math.min(state.lockedOutUntil - now, 2 ** 31 - 1)).unref())
  }

  async function sync (): Promise<void> {
    const found = await findDevices(house, siteId)
    const states = await statesOf(house, { siteId })
    if (isEnded || isLeaving) return
    const before = [...devices.controllers, ...devices.points]
    devices = found
    controllerOf = new Map(found.controllers.map((one) => [one.id, one]))
    pointIds = new Map(found.points.map((one) => [one.id, one.controllerId]))
    for (const { id } of before) if (!isThere(id)) takeBack(id)
    for (const one of found.controllers) keep(topics.config(one.id), controllerConfig(one, about))
    for (const one of found.points) keep(topics.config(one.id), pointConfig(one, about))
    for (const state of states) tell(state)
    // One without an access point has nobody who tells its state.
    const withPoints = new Set(pointIds.values())
    for (const one of found.controllers) if (!withPoints.has(one.id)) keep(topics.state(one.id), controllerState(one, { online: false, battery: 'ok', millivolts: 0, lockedOutUntil: null }, house.clock()))
    keep(topics.status, 'online')
    connection.devices = found.controllers.length + found.points.length
  }

  function isThere (id: string): boolean {
    return pointIds.has(id) || controllerOf.has(id)
  }

  /** Whatever was published before, by another process or before a restart, is told again. */
  async function repeatAll (): Promise<void> {
    told.clear()
    await sync()
  }

  function settle (what: () => Promise<void>): void {
    if (settling !== null) clearTimeout(settling)
    settling = setTimeout(() => { what().catch((error: unknown) => { house.log.error('Home Assistant could not be told', { error }) }) }, SETTLE_MS).unref()
  }

  function happen (event: FeedEvent): void {
    if (event.kind === 'state') return tell(event.state)
    if (event.kind !== 'audit') return
    const { row } = event
    if (changing.test(row.event)) settle(sync)
    const type = eventTypeOf(row)
    const id = [row.accessPoint?.id, row.controller?.id].find((one) => one !== undefined && isThere(one))
    if (type === null || id === undefined) return
    events.push({ topic: topics.event(id), type, at: performance.now() })
    if (events.length > MOST_EVENTS) {
      events.shift()
      connection.missed++
    }
    pump()
  }

  function hear (topic: string, payload: Buffer, packet: IPublishPacket): void {
    if (topic === topics.birth) {
      // Told by somebody else, at once or from long ago: it has started, or it had.
      if (payload.toString() === 'online' && !packet.retain) settle(repeatAll)
      return
    }
    const id = topics.idIn(topic)
    if (id === null) return
    if (topic === topics.config(id)) {
      if (payload.length > 0 && !isThere(id)) takeBack(id)
      return
    }
    const op = orderIn(payload.toString())
    // One that its broker kept is from long ago; it would open at every start.
    if (packet.retain || op === null || !pointIds.has(id)) return
    takeOrder(house, { siteId, accessPointId: id, op }).catch((error: unknown) => { house.log.error('a command of Home Assistant could not be taken', { error }) })
  }

  function close (): void {
    isEnded = true
    unsubscribe()
    if (settling !== null) clearTimeout(settling)
    for (const timer of lockouts.values()) clearTimeout(timer)
    lockouts.clear()
    waiting.clear()
    events.length = 0
    for (const done of drained.splice(0)) done()
  }

  /** Resolves when everything has been confirmed, or the connection is over. */
  function empty (): Promise<void> {
    return inFlight === 0 && waiting.size === 0 || isEnded ? Promise.resolve() : new Promise((resolve) => { drained.push(resolve) })
  }

  client.on('message', hear)
  const unsubscribe = house.feed.subscribe(happen)
  client.once('close', close)
  try {
    // `rh: 2`: nothing that is kept there; `rap`: what was kept says so; `nl`: nothing of our own.
    await client.subscribeAsync({ [topics.commands]: { qos: 1, rh: 2, rap: true, nl: true }, [topics.birth]: { qos: 1, rh: 2, rap: true } })
    await sync()
    // After the first look at what there is: what is not among it is of earlier times.
    await client.subscribeAsync(topics.configs, { qos: 1, rh: 0, rap: true, nl: true })
  } catch (error) {
    close()
    throw error
  }

  return {
    sync,
    async leave () {
      isLeaving = true
      unsubscribe()
      const seen = new Set([...devices.controllers, ...devices.points].map(({ id }) => id))
      client.on('message', (topic, payload) => {
        const id = topics.idIn(topic)
        if (id !== null && topic === topics.config(id) && payload.length > 0) seen.add(id)
      })
      await client.subscribeAsync(topics.echo, { qos: 1 })
      await client.subscribeAsync(topics.configs, { qos: 1, rh: 0, rap: true, nl: true })
      // What it kept comes before what is said after it was asked for.
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, ECHO_MS)
        client.on('message', (topic) => {
          if (topic !== topics.echo) return
          clearTimeout(late)
          resolve()
        })
        client.publish(topics.echo, 'here', { qos: 1 })
      })
      for (const id of seen) takeBack(id)
      told.set(topics.status, '?')
      keep(topics.status, '')
      await empty()
    },
    async end () {
      if (!isEnded && client.connected) {
        // Its broker keeps our will to itself when we say goodbye.
        if (told.has(topics.status)) keep(topics.status, 'offline')
        await Promise.race([empty(), new Promise((resolve) => { setTimeout(resolve, 2_000).unref() })])
      }
      close()
      await client.endAsync().catch(() => {})
    },
    get isOpen () { return !isEnded && client.connected }
  }
}
