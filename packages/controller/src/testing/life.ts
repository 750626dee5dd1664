import { pinVerifier } from '@oncekey/otp/offline'
import { deriveKey, doorCodeStatuses } from '@oncekey/protocol/messages'
import type { Controller } from '../state.ts'
import { TIME_MS } from '../times.ts'
import type { Event } from '../types.ts'
import { benchIdentity, Door, POWER_ON, PowerCut } from './door.ts'

export type LifeOptions = {
  /** The same seed is the same life, on every engine. */
  seed: number
  /** How many things happen; each is one event for the program, or several. */
  events: number
  /** Called before each step. */
  watch?: (controller: Controller, event: Event, now: number) => void
  /** Called after each happening. `from`: how many effects were carried out before it. */
  look?: (door: Door, from: number) => void
}

/** Settings with all that is optional. */
const careful = {
  locks: [{ lock: 1, label: 'A07', kind: 'compartment' }, { lock: 2, label: 'Door', kind: 'door', failSafe: true }],
  doorAlarms: { forced: true, heldMs: 8000 }, battery: { lowMillivolts: 3500, criticalMillivolts: 3300 }, menu: true
}

/** mulberry32: small, seeded, good enough to shake a door with. `roll(n)` gives 0..n-1. */
export function dice (seed: number): (sides: number) => number {
  let a = seed
  return (sides) => {
    a = a + 0x6d2b79f5 | 0
    let t = Math.imul(a ^ a >>> 15, 1 | a)
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
    return ((t ^ t >>> 14) >>> 0) % sides
  }
}

/**
 * A life of a cabinet with two locks, as it may come: keys, answers right and wrong, commands once and again, doors and
 * bolts by hand, slow and stuck bolts, networks that go and come, forged and repeated messages, new settings, time,
 * and power that goes between two effects.
 */
export function live ({ seed, events, watch, look }: LifeOptions): Door {
  const roll = dice(seed)
  const offlineKey = deriveKey(benchIdentity.rootKey, 'offline', 1)
  const door = new Door({ locks: 2, ...(watch === undefined ? {} : { watch }) })
  let commands = 0
  let version = 0
  door.boot()
  for (let i = 0; i < events; i++) {
    const from = door.effects.length
    try {
      happen()
    } catch (cut) {
      if (!(cut instanceof PowerCut)) throw cut
      restart()
    }
    look?.(door, from)
  }
  return door

  function happen (): void {
    const lock = 1 + roll(2)
    switch (roll(17)) {
      case 0: return door.online({ lockoutMs: roll(4) === 0 ? 20_000 : 0, acked: door.controller.ring.acked })
      case 1:
        if (roll(3) === 0) door.disconnect()
        return
      case 2: case 3: return door.type(roll(4) === 0 ? '*4071932' + String(roll(3)) + '#' : '#')
      case 4: case 5: case 6: return door.type('0123456789*ABCD'.charAt(roll(15)))
      case 7: return door.wait(roll(20) === 0 ? 700_000 : roll(20_000))
      case 8: return door.wait(roll(900))
      case 9:
        door.sense(lock, { doorState: (['open', 'closed', 'unknown'] as const)[roll(3)] ?? 'open' })
        if (roll(6) === 0) door.sense(lock, { lockState: (['locked', 'unlocked', 'notFullyLocked', 'unknown'] as const)[roll(4)] ?? 'locked' })
        return
      case 10:
        door.boltMs = [100, 300, 900, null][roll(4)] ?? null
        return
      case 11:
        if (door.controller.question === null) return
        if (door.question().kind === 'requestCode') door.say('answer', { id: door.question().id, kind: 'requestCode', status: doorCodeStatuses[roll(doorCodeStatuses.length)], sent: roll(3), of: 3, waitMs: roll(120_000) })
        else door.answer(roll(2) === 0, { lock, mode: roll(3) === 0 ? 'lock' : 'unlock' })
        return
      case 12:
        if (roll(8) === 0) door.command('c' + String(++commands), 'clearLockout')
        else door.command('c' + String(roll(3) === 0 ? commands : ++commands), roll(3) === 0 ? 'lock' : 'unlock', { lock, expires: POWER_ON + door.now + roll(4000) - 1000 })
        return
      case 13:
        if (door.controller.ring.seq > 0) door.say('ack', { seq: roll(door.controller.ring.seq + 2) })
        return
      case 14:
        if (roll(3) === 0) door.settings({ version: version + roll(2), language: ['en', 'de', 'es', 'fr'][version++ % 4], ...careful, ...roll(3) > 0 && { doorMode: { lock, makes: roll(2) * 8 } } })
        else if (roll(2) === 0) twice()
        else if (roll(4) === 0) lend()
        else update()
        return
      case 15: {
        const measured = { millivolts: 3000 + roll(900), ...roll(2) === 0 ? { rssi: -roll(100), network: 'Gym', error: 'no route' } : {} }
        door.health(measured)
        if (roll(3) === 0) door.health(measured)
        return
      }
      default:
        if (roll(4) > 0) door.deliver({ topic: 'ok/v1/gym/bank-a/down/command', payload: 'x' + String(roll(99)) })
        else if (roll(2) === 0) restart()
        else door.powerFor = roll(9)
    }
  }

  /** The server lends pins, none to sixteen, for a while. */
  function lend (): void {
    const pins = Array.from({ length: [0, 1, 2, 16][roll(4)] ?? 0 }, (_, n) => ({
      lock: 1 + n % 3, ends: n % 2 === 0 ? 0 : POWER_ON + door.now + 60_000, verifier: pinVerifier(offlineKey, '4071932' + String(n))
    }))
    door.say('pins', { until: POWER_ON + door.now + roll(3_600_000), digits: 8, pins })
  }

  /** An update is offered, or taken back, or its image is whole, or the restart that it asked for comes with one program or the other. */
  function update (): void {
    const { offer } = door.controller.update
    switch (roll(5)) {
      case 0: return void door.offer(offer + roll(2), { version: '1.' + String(roll(4)) + '.0' })
      case 1: return void door.offer(offer + 1, { op: 'nothing' })
      case 2: return void door.health({ millivolts: 3200 + 100 * roll(8) })
      case 3: return void door.step({ is: 'fetched', offer, fault: roll(3) === 0 ? 'damaged' : null })
      default:
        door.firmware = door.saved['trial'] !== undefined && roll(2) === 0 ? door.controller.update.image?.version ?? door.firmware : '1.0.0'
        return restart()
    }
  }

  /** A broker delivers the same message again: the server's time, for the question that is open or for none. */
  function twice (): void {
    const askAt = door.controller.link?.session?.timeAt ?? 0
    const time = POWER_ON + door.now + roll(100)
    const message = door.message('time', { t1: Math.max(0, askAt - TIME_MS), t2: time, t3: time })
    door.deliver(message)
    door.deliver(message)
  }

  /** Power comes back, now and then only for a moment at first. */
  function restart (): void {
    if (roll(3) === 0) {
      door.powerFor = roll(6)
      try {
        door.boot('brownOut')
      } catch (cut) {
        if (!(cut instanceof PowerCut)) throw cut
      }
    }
    door.reboot(roll(2) === 0 ? 'powerOn' : 'watchdog', roll(2) === 0)
  }
}
