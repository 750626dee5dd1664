import assert from 'node:assert/strict'
import { test } from 'node:test'
import { step } from './index.ts'
import type { Door } from './testing/door.ts'
import { live } from './testing/life.ts'

/** Random lives per run (20 times as many in `npm run test:full`), and events in each. */
const LIVES = 12 * (process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 20 : 1)
const EVENTS = 400

function freeze (value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return
  Object.freeze(value)
  for (const one of Object.values(value)) freeze(one)
}

/** Whether a battery at its end is why a lock was unlocked: it still moves, or its record says so. */
function failedSafe (d: Door, lock: number): boolean {
  return d.controller.locks[lock - 1]?.move?.order.source === 'auto' || d.stored().some((record) =>
    (record.type === 'lock.actuated' || record.type === 'lock.jammed') && record.lock === lock && record.mode === 'unlock' && record.source === 'auto')
}

/** What holds after every event of every life. */
function everyRuleHolds (d: Door, from: number): void {
  const { controller } = d
  for (const effect of d.effects.slice(from)) {
    if (effect.do === 'show') effect.rows.forEach((row) => assert.equal(row.length, 16))
    if (effect.do === 'bolt' && effect.to === 'unlock') assert.ok(controller.locks[effect.lock - 1]?.duty === true || failedSafe(d, effect.lock) || d.isLocked(effect.lock) || d.boltMs === null)
  }
  assert.ok(controller.wakeAt === null || controller.wakeAt >= d.now || d.now === 0, 'no wish for the past')
  for (const { moves: recent } of controller.locks) assert.ok(recent.length <= 6)
  assert.ok(controller.entry.length <= 12 && controller.commands.length <= 64)
  const stored = d.stored()
  stored.forEach((record, n) => assert.equal(record.seq, (stored[0]?.seq ?? 0) + n))
  if (stored.length > 0) assert.equal(stored[stored.length - 1]?.seq, controller.ring.seq)
}

test('random lives: no step throws, writes to its argument or depends on anything else, and every rule holds', (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  t.diagnostic('seed ' + String(seed))
  let moves = 0
  for (let i = 0; i < LIVES; i++) {
    try {
      moves += live({
        seed: seed + i,
        events: EVENTS,
        watch (controller, event, now) {
          // Frozen, so that a step that writes to its argument throws; twice, so that one that depends on anything else shows.
          freeze(controller)
          assert.deepEqual(step(controller, event, now), step(controller, event, now))
        },
        look: everyRuleHolds
      }).moves()
    } catch (error) {
      throw new Error('life ' + String(seed + i), { cause: error })
    }
  }
  assert.ok(moves > LIVES, 'the doors were opened')
})
