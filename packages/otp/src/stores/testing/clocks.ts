import assert from 'node:assert/strict'
import { day, door, hour, minute, reasonOf, reasonsOf, web, type Case } from './world.ts'

/** Clocks that jump. What holds: nothing throws, nothing used works again, and no lockout ends earlier than it was set to. */
export const clockCases: readonly Case[] = [
  ['a clock that is set back does not end a lockout', async w => {
    await w.guess(3)
    const until = w.now() + 2 * minute
    w.wait(-hour)
    assert.deepEqual(reasonsOf(await w.guess(1)), ['lockedOut'])
    assert.equal(await w.lockedFor(), until - w.now())
    w.wait(hour + 2 * minute - 1)
    assert.deepEqual(reasonsOf(await w.guess(1)), ['lockedOut'])
    w.wait(1)
    assert.deepEqual(reasonsOf(await w.guess(1)), ['wrong'])
  }],
  ['failures and lockouts before the clock was set back still count', async w => {
    await w.guess(3)
    w.wait(2 * minute)
    await w.guess(2)
    w.wait(-2 * minute)
    await w.otp.clear({ ...door, scope: 'reader-2' })
    w.wait(0)
    const status = await w.otp.status(door)
    assert.equal(status.failuresInWindow, 5)
    w.wait(2 * minute)
    await w.guess(1)
    assert.equal(await w.lockedFor(), 4 * minute)
  }],
  ['a clock set years ahead and back leaves a long lockout that an operator can end', async w => {
    w.wait(3650 * day)
    await w.guess(3)
    w.wait(-3650 * day)
    assert.ok(await w.lockedFor() > 3649 * day)
    assert.equal((await w.otp.clear(door)).locked, false)
    await w.guess(3)
    assert.equal(await w.lockedFor(), 4 * minute, 'the level stays')
    w.wait(day)
    await w.guess(3)
    assert.equal(await w.lockedFor(), 2 * minute, 'and ages from now on')
  }],
  ['a used code stays used, whatever the clock does', async w => {
    for (const where of [door, web]) {
      const { code } = await w.code(where)
      await w.type(code, where)
      w.wait(hour)
      assert.equal(reasonOf(await w.type(code, where)), 'alreadyUsed')
      w.wait(-2 * hour)
      assert.equal(reasonOf(await w.type(code, where)), 'alreadyUsed')
      w.wait(hour)
    }
  }],
  ['a code that was swept as expired does not come back', async w => {
    const { code } = await w.code({ ttlMs: minute })
    w.wait(minute)
    await w.otp.sweep()
    w.wait(-minute)
    assert.equal(reasonOf(await w.type(code)), 'expired')
  }],
  ['a code without a window of its own works when the clock is set back a little', async w => {
    const { code } = await w.code()
    w.wait(-500)
    assert.equal(reasonOf(await w.type(code)), 'granted')
  }],
  ['the newest code wins when the clock went back between two', async w => {
    const first = await w.code(web)
    w.wait(-hour)
    const second = await w.code(web)
    assert.deepEqual(reasonsOf([await w.type(first.code, web), await w.type(second.code, web)]), ['superseded', 'granted'])
  }],
  ['a clock at zero is a clock', async w => {
    w.wait(-w.now())
    const { code } = await w.code()
    assert.deepEqual(reasonsOf([await w.type('0000'), await w.type(code)]), ['wrong', 'granted'])
    assert.deepEqual(await w.otp.sweep(), { expired: [], forgotten: 0, scopes: 0 })
  }]
]
