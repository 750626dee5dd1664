/**
 * A broker that owns the wire between two doors and the server: it reads, keeps, drops, doubles, delays, reorders,
 * alters and makes up whatever it likes. At each door it has the stolen keys of the other one.
 */
import { seal, type LinkKeys } from '@oncekey/protocol/messages'
import { downTopic, parseTopic, upTopic, type DownName, type UpName } from '@oncekey/protocol/topics'
import { quiet, type World } from '../../apps/server/src/testing/world.ts'
import type { MemoryClient } from '../../apps/server/src/platform/transport/memory.ts'
import type { HostileDoor, Travelling } from './hostile-door.ts'
import type { Act } from './scenario.ts'

const upNames: readonly UpName[] = ['hello', 'state', 'event', 'request', 'result', 'time', 'health']
const downNames: readonly DownName[] = ['welcome', 'ack', 'answer', 'command', 'settings', 'time']
/** Messages that it remembers to play again. */
const MEMORY = 400

type Held = Travelling & { door: HostileDoor, direction: 'up' | 'down' }

export class HostileBroker {
  private readonly world: World
  private readonly doors: readonly HostileDoor[]
  private readonly stolen: ReadonlyMap<HostileDoor, LinkKeys>
  private readonly clients = new Map<HostileDoor, MemoryClient>()
  /** What is on the way, in the order in which it was sent. */
  private held: Held[] = []
  private seen: Held[] = []
  handed = 0

  /** @param stolen the keys that it tries at each door */
  constructor (world: World, doors: readonly HostileDoor[], stolen: ReadonlyMap<HostileDoor, LinkKeys>) {
    this.world = world
    this.doors = doors
    this.stolen = stolen
  }

  /** What doors have said since it was last looked at joins what is on the way. */
  private gather (): void {
    for (const door of this.doors) {
      for (const message of door.up.splice(0)) this.hold({ ...message, door, direction: 'up' })
    }
  }

  private hold (message: Held): void {
    this.held.push(message)
    this.seen.push(message)
    if (this.seen.length > MEMORY) this.seen.splice(0, this.seen.length - MEMORY)
  }

  /** Hands a message over; what it brings about is on the way afterwards. */
  private async hand ({ door, direction, topic, payload }: Held): Promise<void> {
    this.handed++
    if (direction === 'down') door.deliver({ topic, payload })
    else {
      this.client(door).publish(topic, payload)
      await soon()
    }
    this.gather()
  }

  /** The server sees this door on line. */
  private client (door: HostileDoor): MemoryClient {
    const known = this.clients.get(door)
    if (known?.isConnected === true) return known
    const fresh = this.world.house.transport.connect(door.identity.controller, (topic, payload) => {
      this.hold({ topic, payload, door, direction: 'down' })
    })
    this.clients.set(door, fresh)
    return fresh
  }

  /** Everything on the way arrives, and what follows from it, as with an honest broker. */
  async passAll (): Promise<void> {
    this.gather()
    for (let i = 0; i < 200 && this.held.length > 0; i++) {
      const next = this.held.shift()
      if (next !== undefined) await this.hand(next)
    }
  }

  /** Honest from now on: nothing old arrives, each door connects anew. */
  async behave (): Promise<void> {
    this.held = []
    for (const door of this.doors) {
      door.disconnect()
      this.clients.get(door)?.drop()
      await quiet()
      this.client(door)
      door.up = []
      door.connect()
      await this.passAll()
    }
  }

  /** Does one of its own deeds; false for those that are not its own. */
  async act ({ deed, which, where }: Act): Promise<boolean> {
    this.gather()
    const at = which % Math.max(1, this.held.length)
    const chosen = this.held[at]
    const old = this.seen[which % Math.max(1, this.seen.length)]
    switch (deed) {
      case 'passAll':
        await this.passAll()
        return true
      case 'pass': case 'reorder': {
        const [next] = this.held.splice(deed === 'pass' ? 0 : at, 1)
        if (next !== undefined) await this.hand(next)
        return true
      }
      case 'drop':
        this.held.splice(at, 1)
        return true
      case 'duplicate':
        if (chosen !== undefined) await this.hand(chosen)
        return true
      case 'replay':
        if (old !== undefined) await this.hand(old)
        return true
      case 'replayMany':
        for (const one of [...this.seen].slice(where % 50, where % 50 + 60)) await this.hand(one)
        return true
      case 'flip': case 'cut': case 'forge': case 'reflect': case 'swapName': case 'swapController': {
        const made = old === undefined ? null : this.make(deed, old, which, where)
        if (made !== null) await this.hand(made)
        return true
      }
      case 'sayOffline': {
        const door = this.doors[where % this.doors.length]
        if (door !== undefined) this.clients.get(door)?.drop()
        await quiet()
        return true
      }
      default: return false
    }
  }

  /** Makes something up out of a message that it has seen. */
  private make (deed: 'flip' | 'cut' | 'forge' | 'reflect' | 'swapName' | 'swapController', old: Held, which: number, where: number): Held | null {
    const { topic, payload, door } = old
    const at = where % payload.length
    switch (deed) {
      case 'flip': return { ...old, payload: payload.slice(0, at) + String.fromCharCode(payload.charCodeAt(at) ^ 1 << which % 7) + payload.slice(at + 1) }
      case 'cut': return { ...old, payload: payload.slice(0, at) }
      case 'reflect': {
        const name = downNames[which % downNames.length] ?? 'answer'
        return { door, direction: 'down', topic: downTopic(door.identity, name), payload }
      }
      case 'swapName': {
        const down = downNames[where % downNames.length] ?? 'command'
        const up = upNames[where % upNames.length] ?? 'request'
        return { ...old, topic: old.direction === 'down' ? downTopic(door.identity, down) : upTopic(door.identity, up) }
      }
      case 'swapController': {
        const other = this.doors.find((one) => one !== door)
        return other === undefined ? null : { ...old, door: other, topic: which % 2 === 0 ? topic : topic.replace(door.identity.controller, other.identity.controller) }
      }
      case 'forge': return this.forge(old, which, where)
    }
  }

  /** What it would like the door to do, in the very session that it overhears, sealed with whatever key it has. */
  private forge (old: Held, which: number, where: number): Held | null {
    const overheard = [...this.seen].reverse().find((one) => one.door === old.door && parseTopic(one.topic)?.name !== 'hello' && one.payload.includes('"s":"'))
    const s = /"s":"([^"]+)"/.exec(overheard?.payload ?? '')?.[1]
    if (s === undefined) return null
    const question = [...this.seen].reverse().find((one) => one.door === old.door && parseTopic(one.topic)?.name === 'request')
    const id = /"id":"([^"]+)"/.exec(question?.payload ?? '')?.[1] ?? 'none'
    const n = 1 + where % 1000
    const lock = 1 + which % 3
    const isCommand = which % 2 === 0
    const body = JSON.stringify(isCommand
      ? { s, n, id: `forged-${where}`, expires: this.world.house.clock() + 10_000, op: 'unlock', lock }
      : { s, n, id, kind: 'verify', granted: true, lock, mode: 'unlock' })
    const topic = downTopic(old.door.identity, isCommand ? 'command' : 'answer')
    // The seal of a message that was true, the stolen key of another controller, or sixteen bytes of nothing.
    const keys = this.stolen.get(old.door)
    const seals = [old.payload.slice(0, 22) + '.' + body, ...keys === undefined ? [] : [seal(keys.macDown, topic, body), seal(keys.macUp, topic, body)], 'A'.repeat(22) + '.' + body]
    return { door: old.door, direction: 'down', topic, payload: seals[where % seals.length] ?? body }
  }
}

/** Long enough for most answers; those that take longer are on the way at the next look, which is nothing to a broker that delays them anyway. */
async function soon (): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => { setImmediate(resolve) })
}
