import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hmacSha256 } from '@oncekey/otp/sha256'
import { resetReasons } from '@oncekey/protocol/messages'
import { newController, step, willOf } from './index.ts'
import { benchIdentity, Door, door } from './testing/door.ts'

test('a code is asked for, typed and checked, the bolt moves, and it locks again by itself', () => {
  const d = door()
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
  d.type('4711')
  assert.equal(d.lcd, 'Code: / ****')
  d.type('#')
  assert.equal(d.lcd, 'Checking...')
  assert.equal(d.question().digits, '4711')
  d.answer(true)
  assert.equal(d.lcd, 'Open: A07 / Close it after')
  assert.equal(d.isLocked(), true)
  d.wait(300)
  assert.equal(d.isLocked(), false)
  d.wait(9_999)
  assert.equal(d.isLocked(), false)
  d.wait(301)
  assert.equal(d.isLocked(), true)
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
  assert.deepEqual(d.log(), [
    'controller.booted powerOn', 'lock.actuated 1 unlock keypad unlocked', 'lock.actuated 1 lock auto locked'
  ])
  assert.deepEqual(d.tones(), ['start', 'connected', 'key', 'key', 'key', 'key', 'key', 'granted', 'moved', 'moved'])
})

test('without power nothing happens', () => {
  const off = newController()
  for (const event of [{ is: 'woke' }, { is: 'key', key: '1' }, { is: 'connected', entropy: new Uint8Array(16) }] as const) {
    assert.deepEqual(step(off, event, 5), { controller: off, effects: [] })
  }
})

test('nothing moves at boot, whatever the reason and whatever was saved', () => {
  for (const lifeBefore of [{}, openDoorSaved(), midMoveSaved()]) {
    for (const reset of resetReasons) {
      const d = new Door({ saved: lifeBefore })
      d.boot(reset)
      assert.deepEqual(d.controller.locks.map(({ lockState, doorState }) => [lockState, doorState]), [['unknown', 'unknown']])
      d.bolt().lockState = 'unlocked'
      d.senseAll()
      d.online()
      d.disconnect()
      d.online()
      assert.equal(d.moves(), 0, reset)
    }
  }
})

function openDoorSaved (): Record<string, string> {
  const d = door()
  d.command('c', 'unlock')
  d.wait(1000)
  return d.saved
}

function midMoveSaved (): Record<string, string> {
  const d = door()
  d.command('c', 'unlock')
  return d.saved
}

test('a controller that nobody owns shows its claim code and says nothing to any broker', () => {
  const d = new Door({ identity: null })
  d.boot()
  assert.equal(d.lcd, 'Oncekey 1.0 / Starting...')
  d.step({ is: 'unclaimed', claimCode: '7K3M-P9QX-4T' })
  assert.equal(d.lcd, 'Claim code: / 7K3M-P9QX-4T')
  d.step({ is: 'connected', entropy: new Uint8Array(16) })
  d.step({ is: 'message', topic: 'ok/v1/gym/bank-a/down/settings', payload: 'x' })
  assert.equal(d.effects.filter((effect) => effect.do === 'publish').length, 0)
  const claimed = door()
  claimed.step({ is: 'unclaimed', claimCode: 'LATE' })
  assert.equal(claimed.lcd, 'Bank A     14:03 / Enter code')
})

test('the last will says off line on the controller\'s own topic', () => {
  assert.deepEqual(willOf(benchIdentity), { topic: 'ok/v1/gym/bank-a/up/avail', payload: 'offline' })
})

test('a host with a faster digest brings it along', () => {
  let calls = 0
  const counted = newController((key, message) => {
    calls++
    return hmacSha256(key, message)
  })
  const booted = step(counted, {
    is: 'booted', reset: 'powerOn', identity: benchIdentity, saved: {}, entropy: new Uint8Array(8), firmware: '1', hardware: 'h', locks: 1
  }, 0)
  assert.equal(calls, 4)
  step(booted.controller, { is: 'connected', entropy: new Uint8Array(16) }, 0)
  assert.equal(calls, 5)
})

test('a timer that fires early is wished for again, one that fires late changes no outcome', () => {
  const d = door()
  d.type('1#')
  const at = d.wakeAt
  const early = d.step({ is: 'woke' })
  assert.deepEqual(early, [{ do: 'wake', at }])
  d.now += 60_000
  d.answer(true)
  assert.equal(d.moves(), 0)
})
