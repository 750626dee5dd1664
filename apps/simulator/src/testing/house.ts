/** A door, a server and a cable between them, all in memory and on one clock that is told when to pass. */
import type { Identity } from '@oncekey/controller'
import { simulateDoor, type DoorOptions, type SimulatedDoor } from '../door.ts'
import { withFaults, type Faults } from '../fault.ts'
import { memoryStorage, type Link, type LinkListener } from '../ports.ts'
import { virtualClock } from '@oncekey/host/testing'
import { testServer, type TestServer } from './server.ts'

export const identity: Identity = { site: 'site1', controller: 'bank1', rootKey: Uint8Array.from({ length: 32 }, (_, i) => i) }

export type House = {
  door: SimulatedDoor
  server: TestServer
  pass: (ms: number) => void
  storage: ReturnType<typeof memoryStorage>
  /** false: the broker can not be reached. */
  reachable: (yes: boolean) => void
}

/** Everything under way takes a millisecond. The door has power, a session and its settings when this returns. */
export function house ({ faults, ...options }: Partial<DoorOptions> & { faults?: Faults } = {}): House {
  const clock = virtualClock()
  const storage = memoryStorage()
  const startOfDay = Date.UTC(2026, 10, 20, 14, 3)
  let listener: LinkListener | null = null
  let live = false
  let up = true
  const retained = new Map<string, string>()
  const server = testServer(identity, (topic, payload, retain) => {
    if (retain) retained.set(topic, payload)
    clock.at(clock.now() + 1, () => { if (live) listener?.message(topic, payload) })
  }, { locks: options.locks ?? 1, time: () => startOfDay + clock.now() - 1_000_000 })
  const link: Link = {
    open (_login, who) {
      listener = who
      if (up) clock.at(clock.now() + 1, arrive)
    },
    publish (topic, payload) { clock.at(clock.now() + 1, () => { if (up) server.receive(topic, payload) }) },
    drop () {
      listener = null
      live = false
    }
  }
  let tick = 0
  server.settings()
  const door = simulateDoor({
    identity, link: faults === undefined ? link : withFaults(link, faults, clock), clock, storage, entropy: (count) => Uint8Array.from({ length: count }, (_, i) => ++tick + i), ...options
  })
  clock.pass(20)
  return { door, server, pass: clock.pass, storage, reachable }

  function arrive (): void {
    if (listener === null || live || !up) return
    live = true
    listener.connected()
    for (const [topic, payload] of retained) listener.message(topic, payload)
  }

  function reachable (yes: boolean): void {
    up = yes
    if (yes) return arrive()
    if (!live) return
    live = false
    listener?.disconnected()
  }
}
