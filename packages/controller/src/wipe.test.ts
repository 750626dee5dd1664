import assert from 'node:assert/strict'
import { test } from 'node:test'
import { door } from './testing/door.ts'

test('a box that is told to forget says so with all that it had not said, then knows nothing and moves nothing', () => {
  const d = door({ locks: 2 })
  d.disconnect()
  for (let i = 0; i < 20; i++) {
    d.openDoor()
    d.closeDoor()
  }
  d.online()
  const done = d.step({ is: 'factoryReset' })
  assert.deepEqual(d.log().slice(-2), ['door.changed 1 closed', 'controller.wiped'])
  assert.equal(d.arrived().length, 1 + 40 + 1)
  assert.equal(done.at(-1)?.do, 'forget')
  assert.deepEqual(d.saved, {})
  assert.equal(d.moves(), 0)
  // Nothing happens until it is started anew.
  d.openDoor()
  d.type('1#')
  d.wait(3_600_000)
  assert.deepEqual(d.effects.slice(-1).map((effect) => effect.do), ['forget'])
})

test('an open bolt stays where it is, and whoever owned the box is forgotten', () => {
  const d = door()
  d.command('c1', 'unlock')
  d.wait(1000)
  const moves = d.moves()
  d.step({ is: 'factoryReset' })
  d.reboot('software')
  d.wait(3_600_000)
  assert.equal(d.moves(), moves)
  assert.equal(d.controller.settings, null)
  assert.deepEqual(d.stored().map(({ seq, type }) => [seq, type]), [[1, 'controller.booted']])
})

test('without a server it forgets all the same', () => {
  const d = door({ offline: true, identity: null })
  assert.deepEqual(d.step({ is: 'factoryReset' }).map((effect) => effect.do), ['save', 'forget'])
})
