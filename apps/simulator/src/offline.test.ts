import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Effect } from '@oncekey/controller'
import { offlineDigits, offlineValue, slotAt } from '@oncekey/otp/offline'
import { deriveKey } from '@oncekey/protocol/messages'
import { house, identity, type House } from './testing/house.ts'

/** When every simulated house begins. */
const START = Date.UTC(2026, 10, 20, 14, 3)

function code (kind: number, lock = 1): string {
  return offlineDigits(offlineValue(deriveKey(identity.rootKey, 'offline', 1), { lock, kind, slot: slotAt(START), serial: 0 }))
}

/** A door that takes offline codes and has computed them. */
function ready (options: Parameters<typeof house>[0] = {}): House {
  const made = house(options)
  made.server.settings({ offline: { clock: 'persisted', revoked: [] } })
  made.pass(5000 * (options.locks ?? 1))
  return made
}

test('without a network the code opens its compartment, and the record arrives when the network is back', () => {
  const { door, server, pass } = ready({ locks: 2 })
  door.cutNetwork()
  door.type('2' + code(0, 2) + '#')
  pass(1000)
  assert.deepEqual(door.locks().map((one) => one.lockState), ['locked', 'unlocked'])
  pass(10_000)
  door.type('2' + code(0, 2) + '#')
  assert.equal(door.rows()[0], 'Not accepted    ')
  assert.equal(server.records.some((record) => record.type === 'lock.actuated'), false)
  door.restoreNetwork()
  pass(1000)
  const moves = server.records.flatMap((record) => record.type === 'lock.actuated' ? [`${record.lock} ${record.mode} ${record.source} ${record.ref}`] : [])
  assert.deepEqual(moves, [`2 unlock offlineCode 0.${slotAt(START)}.0`, '2 lock auto '])
})

test('power is cut before each single effect: an offline code may be lost, but never opens twice, and nothing moves at the next start', () => {
  const life = (cutAt: number): { effects: number, unlocks: number } => {
    let effects = 0
    let armed = false
    let unlocks = 0
    const { door, pass } = ready({
      onEffect (effect: Effect) {
        if (armed && ++effects === cutAt) door.cutPower()
        else if (effect.do === 'bolt' && effect.to === 'unlock') unlocks++
      }
    })
    door.cutNetwork()
    armed = true
    door.type(code(0) + '#')
    pass(20_000)
    armed = false
    if (!door.powered) {
      const { moves } = door
      door.restorePower('brownOut')
      // Computed again, and not yet time to lock again what was open.
      pass(4500)
      assert.equal(door.moves, moves, `cut at ${cutAt}: moved at boot`)
    }
    door.type(code(0) + '#')
    pass(60_000)
    assert.equal(door.lock(1).lockState, 'locked', `cut at ${cutAt}: left open`)
    assert.ok(unlocks <= 1, `cut at ${cutAt}: opened ${unlocks} times`)
    return { effects, unlocks }
  }
  const { effects, unlocks } = life(0)
  assert.deepEqual([effects > 15, unlocks], [true, 1])
  for (let cutAt = 1; cutAt <= effects; cutAt++) life(cutAt)
})
