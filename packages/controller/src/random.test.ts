import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Controller } from './index.ts'
import { step } from './index.ts'
import { Door, POWER_ON } from './testing/door.ts'

/** Random lives per run (20 times as many in `npm run test:full`), and events in each. */
const LIVES = 12 * (process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 20 : 1)
const EVENTS = 400

/** mulberry32: small, seeded, good enough to shake a door with. */
function dice (seed: number): (sides: number) => number {
  let a = seed
  return (sides) => {
    a = a + 0x6d2b79f5 | 0
    let t = Math.imul(a ^ a >>> 15, 1 | a)
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
    return ((t ^ t >>> 14) >>> 0) % sides
  }
}

function freeze (value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return
  Object.freeze(value)
  for (const one of Object.values(value)) freeze(one)
}

function live (seed: number): Door {
  const roll = dice(seed)
  let allowed = 0
  const d = new Door({
    locks: 2,
    watch (controller: Controller, event, now) {
      // Frozen, so that a step that writes to its argument throws; twice, so that one that depends on anything else shows.
      freeze(controller)
      assert.deepEqual(step(controller, event, now), step(controller, event, now))
    }
  })
  d.boot()
  const moves: number[] = []
  let id = 0
  for (let i = 0; i < EVENTS; i++) {
    const from = d.effects.length
    const lock = 1 + roll(2)
    switch (roll(14)) {
      case 0: d.online({ lockoutMs: roll(4) === 0 ? 20_000 : 0, acked: d.controller.ring.acked }); break
      case 1: if (roll(3) === 0) d.disconnect(); break
      case 2: d.type('#'); break
      case 3: case 4: case 5: d.type('0123456789*ABCD'.charAt(roll(15))); break
      case 6: d.wait(roll(20_000)); break
      case 7: d.wait(roll(900)); break
      case 8: d.sense(lock, { doorState: (['open', 'closed', 'unknown'] as const)[roll(3)] ?? 'open' }); break
      case 9: d.boltMs = [100, 300, 900, null][roll(4)] ?? null; break
      case 10:
        if (d.controller.question !== null) {
          if (d.answer(roll(2) === 0, { lock, mode: roll(3) === 0 ? 'lock' : 'unlock' }).some((effect) => effect.do === 'bolt')) allowed++
        }
        break
      case 11: d.command('c' + String(roll(3) === 0 ? id : ++id), roll(3) === 0 ? 'lock' : 'unlock', { lock, expires: POWER_ON + d.now + roll(4000) - 1000 }); break
      case 12: if (d.controller.ring.seq > 0) d.say('ack', { seq: roll(d.controller.ring.seq + 2) }); break
      default: if (roll(5) === 0) { d.reboot(); moves.length = 0 } else d.deliver({ topic: 'ok/v1/gym/bank-a/down/command', payload: 'x' + String(roll(99)) })
    }
    const { controller } = d
    for (const effect of d.effects.slice(from)) {
      if (effect.do === 'show') effect.rows.forEach((row) => assert.equal(row.length, 16))
      if (effect.do === 'bolt' && effect.to === 'unlock') assert.ok(controller.locks[effect.lock - 1]?.duty === true || d.isLocked(effect.lock) || d.boltMs === null)
    }
    assert.ok(controller.wakeAt === null || controller.wakeAt >= d.now || d.now === 0, 'no wish for the past')
    for (const { moves: recent } of controller.locks) assert.ok(recent.length <= 6)
    assert.ok(controller.entry.length <= 12 && controller.commands.length <= 64)
    const stored = d.stored()
    stored.forEach((record, n) => assert.equal(record.seq, (stored[0]?.seq ?? 0) + n))
    if (stored.length > 0) assert.equal(stored[stored.length - 1]?.seq, controller.ring.seq)
  }
  assert.ok(allowed >= 0)
  return d
}

test('random lives: no step throws, writes to its argument or depends on anything else, and every rule holds', (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  t.diagnostic('seed ' + String(seed))
  let moves = 0
  for (let i = 0; i < LIVES; i++) {
    try {
      moves += live(seed + i).moves()
    } catch (error) {
      throw new Error('life ' + String(seed + i), { cause: error })
    }
  }
  assert.ok(moves > LIVES, 'the doors were opened')
})
