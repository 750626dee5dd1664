import assert from 'node:assert/strict'
import { readerPolicy } from '../../budget.ts'
import { count, day, door, hour, minute, reasonOf, reasonsOf, ring, web, type Case } from './world.ts'

/** How often one may guess. */
export const budgetCases: readonly Case[] = [
  ['the third wrong code in a row locks the reader for two minutes, and one caller hears that it began', async w => {
    const verdicts = await w.guess(5)
    assert.deepEqual(reasonsOf(verdicts), ['wrong', 'wrong', 'wrong', 'lockedOut', 'lockedOut'])
    assert.deepEqual(verdicts.map(verdict => !verdict.granted && verdict.lockoutStarted), [false, false, true, false, false])
    const third = verdicts[2]
    assert.ok(third !== undefined && !third.granted)
    assert.deepEqual([third.lockedUntil, third.lockoutMs, third.triesLeft, third.resting], [w.now() + 2 * minute, 2 * minute, 0, false])
  }],
  ['a right code during a lockout is not compared: refused, still live, nothing prolonged', async w => {
    const { code } = await w.code()
    await w.guess(3)
    w.wait(2 * minute - 1)
    const locked = await w.type(code)
    assert.ok(!locked.granted)
    assert.deepEqual([locked.reason, locked.id, locked.lockoutMs], ['lockedOut', null, 1])
    w.wait(1)
    assert.equal(reasonOf(await w.type(code)), 'granted')
  }],
  ['tries during a lockout do not count', async w => {
    await w.guess(50)
    assert.equal((await w.otp.status(door)).failuresInWindow, 3)
  }],
  ['lockouts of a day grow: 2, 4, 8, 16, 32, 60, 60 minutes', async w => {
    const minutes: number[] = []
    for (let i = 0; i < 7; i++) {
      await w.guess(3)
      minutes.push(await w.lockedFor() / minute)
      w.wait(await w.lockedFor())
    }
    assert.deepEqual(minutes, [2, 4, 8, 16, 32, 60, 60])
  }],
  ['a day after the first lockouts the next one is short again', async w => {
    await w.guess(3)
    w.wait(2 * minute)
    await w.guess(3)
    w.wait(day)
    await w.guess(3)
    assert.equal(await w.lockedFor(), 2 * minute)
  }],
  ['a right code ends the run of failures but not the level', async w => {
    await w.guess(3)
    w.wait(2 * minute)
    const { code } = await w.code()
    await w.guess(2)
    const verdict = await w.type(code)
    assert.deepEqual([verdict.granted, verdict.triesLeft], [true, 3])
    await w.guess(2)
    assert.equal(await w.lockedFor(), 0)
    await w.guess(1)
    assert.equal(await w.lockedFor(), 4 * minute)
  }],
  ['an insider who alternates guesses with codes of his own gets 84 guesses a day', async w => {
    let evaluated = 0
    for (let round = 0; round < 60; round++) {
      evaluated += count(reasonsOf(await w.guess(2)), 'wrong')
      const own = await w.code()
      if (round < 41) assert.equal(reasonOf(await w.type(own.code)), 'granted', `round ${round}`)
      w.wait(minute)
    }
    assert.equal(evaluated, 84)
    const status = await w.otp.status(door)
    assert.deepEqual([status.locked, status.resting, status.triesLeft], [true, true, 0])
  }],
  ['whoever guesses all day is evaluated 84 times on the first day and not more often on the next', async w => {
    const days: number[] = []
    for (let d = 0; d < 3; d++) {
      let evaluated = 0
      for (const end = w.now() + day; w.now() < end; w.wait(await w.lockedFor())) evaluated += count(reasonsOf(await w.guess(1)), 'wrong')
      days.push(evaluated)
    }
    const [first, ...next] = days
    assert.equal(first, 84)
    for (const evaluated of next) assert.ok(evaluated <= 84, days.join())
  }],
  ['a resting reader wakes when its oldest failures are a day old, for as many tries as left the window', async w => {
    for (let i = 0; i < 42; i++) {
      await w.guess(2)
      if (i < 41) await w.type((await w.code()).code)
      if (i === 0) w.wait(hour)
    }
    assert.equal(await w.lockedFor(), day - hour)
    w.wait(day - hour - 1)
    assert.deepEqual(reasonsOf(await w.guess(1)), ['lockedOut'])
    w.wait(1)
    // Two failures have left the window, but the first try is the third in a row and starts the first lockout.
    assert.deepEqual(reasonsOf(await w.guess(2)), ['wrong', 'lockedOut'])
    assert.equal(await w.lockedFor(), 2 * minute)
    w.wait(2 * minute)
    assert.equal((await w.otp.status(door)).triesLeft, 1)
    const [last, refused] = await w.guess(2)
    assert.ok(last && !last.granted && refused)
    assert.deepEqual([last.reason, last.lockoutStarted, last.resting, last.lockoutMs], ['wrong', true, true, hour - 2 * minute])
    assert.equal(reasonOf(refused), 'lockedOut')
  }],
  ['lockouts of two readers have nothing to do with each other', async w => {
    await w.guess(3)
    assert.equal(await w.lockedFor({ ...door, scope: 'reader-2' }), 0)
    assert.equal(reasonOf(await w.type('0000', { scope: 'reader-2' })), 'wrong')
  }],
  ['every evaluated refusal counts, whatever its reason', async w => {
    const used = await w.code({ slot: 'a' })
    const revoked = await w.code({ slot: 'b' })
    const early = await w.code({ slot: 'c', validFrom: w.now() + hour })
    await w.type(used.code)
    await w.otp.revoke({ scope: door.scope, id: revoked.id })
    assert.deepEqual(reasonsOf([await w.type(used.code), await w.type(revoked.code), await w.type(early.code), await w.type('0000')]),
      ['alreadyUsed', 'revoked', 'outsideWindow', 'lockedOut'])
  }],
  ['what is no code at all is wrong and counts', async w => {
    for (const [i, odd] of ['', '123', '1234567890123', '12345a', ' 123456', '１２３４５６', '-12345', '1e5', '9'.repeat(100_000), '12\n34', '\0'].entries()) {
      const reader = { scope: `reader-${i}` }
      assert.equal(reasonOf(await w.type(odd, reader)), 'wrong')
      assert.equal((await w.otp.status({ ...door, ...reader })).failuresInWindow, 1)
    }
    await w.code(web)
    const verdict = await w.type('12345a', web)
    assert.deepEqual([reasonOf(verdict), verdict.triesLeft], ['wrong', 4])
  }],
  ['what is no code at all is not even hashed', async w => {
    const keys = { ...ring('k1'), hmac: () => { throw new Error('hashed') } }
    await w.code(web)
    for (const where of [door, web]) assert.equal(reasonOf(await w.engine({ keys }).verify({ ...where, code: '12\n456' })), 'wrong')
    await assert.rejects(async () => await w.engine({ keys }).verify({ ...door, code: '123456' }), /hashed/)
  }],
  ['a challenge has five tries in all, then even the right code is refused for good', async w => {
    const { code } = await w.code(web)
    const verdicts = await w.guess(6, web)
    assert.deepEqual(reasonsOf(verdicts), ['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'lockedOut'])
    assert.deepEqual(verdicts.map(verdict => verdict.triesLeft), [4, 3, 2, 1, 0, 0])
    assert.deepEqual(verdicts.map(verdict => !verdict.granted && verdict.lockoutStarted), [false, false, false, false, true, false])
    const right = await w.type(code, web)
    assert.ok(!right.granted)
    assert.deepEqual([right.reason, right.lockedUntil, right.lockoutMs], ['lockedOut', null, 0])
  }],
  ['the fifth try of a challenge may be the right one', async w => {
    const { code } = await w.code(web)
    await w.guess(4, web)
    assert.deepEqual([reasonOf(await w.type(code, web))], ['granted'])
  }],
  ['a resend gives a challenge no tries back', async w => {
    const evaluated: string[] = []
    for (let i = 0; i < 4; i++) {
      await w.code(web)
      evaluated.push(...reasonsOf(await w.guess(1, web)))
    }
    await w.code(web)
    evaluated.push(...reasonsOf(await w.guess(3, web)))
    assert.equal(count(evaluated, 'wrong'), 5)
  }],
  ['a right code gives a challenge no tries back either', async w => {
    const { code } = await w.code(web)
    await w.guess(3, web)
    assert.equal(reasonOf(await w.type(code, web)), 'granted')
    await w.code(web)
    assert.deepEqual(reasonsOf(await w.guess(3, web)), ['wrong', 'wrong', 'lockedOut'])
  }],
  ['a spent challenge gets no further code', async w => {
    await w.code(web)
    await w.guess(5, web)
    assert.deepEqual(await w.otp.issue({ ...web, slot: 'anna', digits: 6, ttlMs: minute }), { issued: false, reason: 'lockedOut' })
  }],
  ['a locked reader still gets codes, for later', async w => {
    await w.guess(3)
    const { code } = await w.code()
    w.wait(2 * minute)
    assert.equal(reasonOf(await w.type(code)), 'granted')
  }],
  ['a challenge that nobody asked for is always wrong and leaves no trace', async w => {
    const verdicts = await w.guess(20, web)
    assert.equal(count(reasonsOf(verdicts), 'wrong'), 20)
    w.wait(10 * day)
    assert.deepEqual(await w.otp.sweep(), { expired: [], forgotten: 0, scopes: 0 })
  }],
  ['of 200 guesses at once at a reader exactly three are evaluated', async w => {
    await w.code()
    const verdicts = await Promise.all(Array.from({ length: 200 }, () => w.type('0000')))
    assert.equal(count(reasonsOf(verdicts), 'wrong'), 3)
    assert.equal(count(reasonsOf(verdicts), 'lockedOut'), 197)
    assert.equal(verdicts.filter(verdict => !verdict.granted && verdict.lockoutStarted).length, 1)
  }],
  ['of 200 guesses at once in a challenge exactly five are evaluated', async w => {
    const { code } = await w.code(web)
    const verdicts = await Promise.all(Array.from({ length: 200 }, () => w.type('0000', web)))
    assert.equal(count(reasonsOf(verdicts), 'wrong'), 5)
    assert.equal(verdicts.filter(verdict => !verdict.granted && verdict.lockoutStarted).length, 1)
    assert.equal(reasonOf(await w.type(code, web)), 'lockedOut')
  }],
  ['of 50 right codes at once one is granted', async w => {
    for (const where of [door, web]) {
      const { code } = await w.code(where)
      const reasons = reasonsOf(await Promise.all(Array.from({ length: 50 }, () => w.type(code, where))))
      assert.equal(count(reasons, 'granted'), 1)
    }
  }],
  ['a right code that races wrong ones within the budget is granted', async w => {
    const { code } = await w.code(web)
    const verdicts = await Promise.all(['0000', '0000', code, '0000', '0000'].map(typed => w.type(typed, web)))
    assert.equal(count(reasonsOf(verdicts), 'granted'), 1)
  }],
  ['codes that are issued at once in one slot leave one live code', async w => {
    await Promise.all(Array.from({ length: 10 }, () => w.code()))
    assert.deepEqual([(await w.otp.status(door)).live, (await w.otp.status(door)).generation], [1, 10])
  }],
  ['another engine on the same store knows budgets, levels and codes', async w => {
    const { code } = await w.code()
    await w.guess(3)
    const restarted = w.engine()
    assert.equal(reasonOf(await restarted.verify({ ...door, code })), 'lockedOut')
    w.wait(2 * minute)
    for (let i = 0; i < 3; i++) await restarted.verify({ ...door, code: '0000' })
    assert.equal(await w.lockedFor(), 4 * minute)
  }],
  ["an operator's clear ends the lockout; the next one is as long as it would have been", async w => {
    await w.guess(3)
    const status = await w.otp.clear(door)
    assert.deepEqual([status.locked, status.lockedUntil, status.triesLeft, status.failuresInWindow], [false, null, 3, 3])
    const { code } = await w.code()
    assert.equal(reasonOf(await w.type(code)), 'granted')
    await w.guess(3)
    assert.equal(await w.lockedFor(), 4 * minute)
  }],
  ["an operator's clear ends a rest", async w => {
    for (let i = 0; i < 42; i++) {
      await w.guess(2)
      if (i < 41) await w.type((await w.code()).code)
    }
    assert.equal((await w.otp.status(door)).resting, true)
    const status = await w.otp.clear(door)
    assert.deepEqual([status.resting, status.triesLeft, status.failuresInWindow], [false, 3, 0])
  }],
  ['a clear does not refresh a challenge', async w => {
    await w.code(web)
    await w.guess(5, web)
    const status = await w.otp.clear(web)
    assert.deepEqual([status.locked, status.lockedUntil, status.triesLeft, status.failuresInWindow], [true, null, 0, 5])
  }],
  ['the status says what is live and what is left, and changes nothing', async w => {
    assert.deepEqual(await w.otp.status(door), { live: 0, triesLeft: 3, lockedUntil: null, locked: false, resting: false, failuresInWindow: 0, generation: 0 })
    await w.code({ slot: 'anna' })
    await w.code({ slot: 'ben', ttlMs: 1 })
    await w.guess(1)
    const before = await w.otp.status(door)
    assert.deepEqual(before, { live: 2, triesLeft: 2, lockedUntil: null, locked: false, resting: false, failuresInWindow: 1, generation: 2 })
    assert.deepEqual(await w.otp.status(door), before)
    w.wait(1)
    assert.equal((await w.otp.status(door)).live, 1)
  }],
  ['an identity has one budget across all its challenges, and a success ends its run but not its window', async w => {
    const identity = { scope: 'to/anna', policy: { ...readerPolicy, triesInARow: 20, lockoutMs: hour, ceiling: 20 } }
    assert.deepEqual(await w.otp.admission(identity), { admitted: true, triesLeft: 20 })
    await w.otp.count({ ...identity, granted: true })
    w.wait(2 * day)
    assert.equal((await w.otp.sweep()).scopes, 0, 'a success alone leaves nothing behind')
    for (let i = 0; i < 19; i++) await w.otp.count({ ...identity, granted: false })
    assert.deepEqual(await w.otp.count({ ...identity, granted: true }), { admitted: true, triesLeft: 1 })
    assert.deepEqual(await w.otp.count({ ...identity, granted: false }), { admitted: false, lockedUntil: w.now() + day, resting: true })
    assert.deepEqual(await w.otp.admission(identity), { admitted: false, lockedUntil: w.now() + day, resting: true })
    assert.equal((await w.otp.status(door)).triesLeft, 3)
    w.wait(day)
    // The run since the last success goes on.
    assert.deepEqual(await w.otp.admission(identity), { admitted: true, triesLeft: 19 })
  }],
  ['what is counted elsewhere counts towards a challenge, too, and gives it no tries back', async w => {
    await w.code(web)
    assert.deepEqual(await w.otp.count({ ...web, granted: false }), { admitted: true, triesLeft: 4 })
    assert.deepEqual(await w.otp.count({ ...web, granted: true }), { admitted: true, triesLeft: 4 })
  }],
  ['a scope without a name is a mistake of the program', async w => {
    for (const wrong of [async () => await w.otp.admission({ ...door, scope: '' }), async () => await w.otp.count({ ...door, scope: 'a\nb', granted: true })]) await assert.rejects(wrong, RangeError)
  }]
]
