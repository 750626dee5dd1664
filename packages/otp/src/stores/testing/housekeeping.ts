import assert from 'node:assert/strict'
import { freshBudget } from '../../budget.ts'
import { day, door, hour, minute, reasonOf, web, type Case } from './world.ts'

/** Sweeping, and what a store itself promises. */
export const housekeepingCases: readonly Case[] = [
  ['a sweep reports each expired code once, soonest first, and leaves the others', async w => {
    const late = await w.code({ slot: 'late', ttlMs: 2 * minute, data: 'second' })
    const soon = await w.code({ slot: 'soon', ttlMs: minute, scope: 'reader-2', data: 'first' })
    const live = await w.code({ slot: 'live', ttlMs: hour })
    w.wait(minute - 1)
    assert.deepEqual((await w.otp.sweep()).expired, [])
    w.wait(minute + 1)
    assert.deepEqual((await w.otp.sweep()).expired, [
      { id: soon.id, scope: 'reader-2', slot: 'soon', data: 'first' },
      { id: late.id, scope: door.scope, slot: 'late', data: 'second' }
    ])
    assert.deepEqual((await w.otp.sweep()).expired, [])
    assert.equal(reasonOf(await w.type(late.code)), 'expired')
    assert.equal(reasonOf(await w.type(live.code)), 'granted')
  }],
  ['a sweep does at most what it is told', async w => {
    for (const slot of ['a', 'b', 'c']) await w.code({ slot, ttlMs: 1 })
    w.wait(1)
    assert.equal((await w.otp.sweep(2)).expired.length, 2)
    assert.equal((await w.otp.sweep(2)).expired.length, 1)
    w.wait(2 * day)
    assert.deepEqual(await w.otp.sweep(2), { expired: [], forgotten: 2, scopes: 0 })
    assert.deepEqual(await w.otp.sweep(2), { expired: [], forgotten: 1, scopes: 1 })
  }],
  ['a sweep forgets at most so many scopes', async w => {
    for (const scope of ['r1', 'r2', 'r3']) await w.guess(1, { scope })
    w.wait(2 * day)
    assert.equal((await w.otp.sweep(2)).scopes, 2)
    assert.equal((await w.otp.sweep(2)).scopes, 1)
  }],
  ['the reason of a spent code is remembered for a day and then forgotten', async w => {
    const { code } = await w.code()
    await w.type(code)
    w.wait(day)
    assert.equal((await w.otp.sweep()).forgotten, 0)
    assert.equal(reasonOf(await w.type(code)), 'alreadyUsed')
    w.wait(1)
    assert.equal((await w.otp.sweep()).forgotten, 1)
    assert.equal(reasonOf(await w.type(code)), 'wrong')
  }],
  ['how long is told by spentForMs', async w => {
    const brief = w.engine({ spentForMs: minute })
    const { code } = await w.code()
    await w.type(code)
    w.wait(minute + 1)
    assert.equal((await brief.sweep()).forgotten, 1)
  }],
  ['a scope is forgotten a day after it was last used, but not with a live code in it', async w => {
    await w.code({ ttlMs: 3 * day })
    await w.guess(1)
    w.wait(2 * day)
    assert.equal((await w.otp.sweep()).scopes, 0)
    assert.equal((await w.otp.status(door)).generation, 1)
    w.wait(3 * day)
    assert.equal((await w.otp.sweep()).scopes, 0, 'its code has just been moved to the spent ones')
    w.wait(2 * day)
    assert.deepEqual(await w.otp.sweep(), { expired: [], forgotten: 1, scopes: 1 })
    assert.equal((await w.otp.status(door)).generation, 0)
  }],
  ['a sweep never shortens a budget or a lockout', async w => {
    const brief = w.engine({ spentForMs: 0 })
    for (let i = 0; i < 3; i++) await brief.verify({ ...door, code: '0000' })
    w.wait(day - 1)
    await brief.sweep()
    assert.equal((await w.otp.status(door)).failuresInWindow, 3)
    w.wait(1)
    assert.equal((await brief.sweep()).scopes, 1)
    const longest = { ...door.policy, lockoutMs: 5 * day, longestLockoutMs: 5 * day }
    for (let i = 0; i < 3; i++) await brief.verify({ ...door, policy: longest, code: '0000' })
    w.wait(5 * day - 1)
    await brief.sweep()
    assert.equal((await w.otp.status(door)).locked, true)
  }],
  ['a longer spentForMs keeps idle scopes longer too', async w => {
    const patient = w.engine({ spentForMs: 10 * day })
    await patient.verify({ ...door, code: '0000' })
    w.wait(10 * day - 1)
    assert.equal((await patient.sweep()).scopes, 0)
    w.wait(1)
    assert.equal((await patient.sweep()).scopes, 1)
  }],
  ['a clock that is set back does not shorten the memory of a scope', async w => {
    w.wait(hour)
    await w.guess(1)
    w.wait(-hour)
    await w.guess(1)
    w.wait(day)
    assert.equal((await w.otp.sweep()).scopes, 0)
    assert.equal((await w.otp.status(door)).failuresInWindow, 1)
  }],
  ["a challenge's tries are remembered for a day after its code expired", async w => {
    await w.code({ ...web, ttlMs: 10 * minute })
    await w.guess(5, web)
    w.wait(day + 9 * minute)
    await w.otp.sweep()
    assert.equal((await w.otp.status(web)).locked, true)
  }],
  ['a decision that throws leaves everything as it was', async w => {
    const look = { tenant: 'default', scope: door.scope, now: w.now(), all: true }
    await assert.rejects(async () => await w.store.change(look, () => { throw new Error('no') }), /^Error: no$/)
    assert.equal(await w.store.read(look, facts => facts.generation), 0)
    assert.equal(reasonOf(await w.type((await w.code()).code)), 'granted')
  }],
  ['scopes that remember something are told from fresh ones', async w => {
    await w.guess(1, { scope: 'reader-2' })
    await w.code({ ...web })
    assert.deepEqual((await w.otp.kept(['reader-1', 'reader-2', web.scope, "o'clock"])).toSorted(), [web.scope, 'reader-2'])
    assert.deepEqual(await w.otp.kept([]), [])
    const many = Array.from({ length: 20 }, (_, i) => `many-${i}`)
    for (const scope of many) await w.guess(1, { scope })
    assert.deepEqual((await w.otp.kept(['reader-1', ...many])).toSorted(), many.toSorted())
    assert.deepEqual(await w.engine({ tenant: 'another' }).kept(['reader-2']), [])
    await assert.rejects(async () => await w.otp.kept(['']), RangeError)
  }],
  ['a store gives the facts that it is asked for, and no others', async w => {
    const at = w.now()
    const look = { tenant: 'default', scope: door.scope, now: at }
    const nothing = await w.store.read({ ...look, all: true, countAfter: 0 }, facts => facts)
    assert.deepEqual(nothing, { generation: 0, budget: freshBudget, forgetAt: 0, codes: [], spent: [], live: 0 })
    const a = await w.code({ slot: 'a', data: 'x' })
    const b = await w.code({ slot: 'b' })
    const c = await w.code({ slot: 'c' })
    await w.otp.revoke({ scope: door.scope, id: c.id })
    await w.guess(1)
    const all = await w.store.read({ ...look, all: true, countAfter: at }, facts => facts)
    assert.deepEqual(all.codes.map(code => code.id), [a.id, b.id])
    assert.deepEqual(all.spent.map(({ id, generation, reason, at }) => ({ id, generation, reason, at })), [{ id: c.id, generation: 3, reason: 'revoked', at }])
    assert.deepEqual({ ...all.budget }, { run: 1, failures: [at], lockouts: [], lockedUntil: 0 })
    assert.deepEqual([all.generation, all.live], [3, 2])
    const [first] = all.codes
    const [spent] = all.spent
    assert.ok(first && spent)
    assert.match(first.hash, /^[0-9a-f]{64}$/)
    assert.deepEqual(first, { id: a.id, slot: 'a', hash: first.hash, generation: 1, validFrom: 0, expiresAt: a.expiresAt, data: 'x' })
    const ask = async (what: object): Promise<string[][]> => await w.store.read({ ...look, ...what }, facts =>
      [facts.codes.map(code => code.slot), facts.spent.map(code => code.id), [String(facts.live)]])
    assert.deepEqual(await ask({ slot: 'b' }), [['b'], [], ['0']])
    assert.deepEqual(await ask({ id: a.id }), [['a'], [], ['0']])
    assert.deepEqual(await ask({ hashes: [first.hash] }), [['a'], [], ['0']])
    assert.deepEqual(await ask({ hashes: [spent.hash, 'f'] }), [[], [c.id], ['0']])
    assert.deepEqual(await ask({ countAfter: a.expiresAt }), [[], [], ['0']])
    assert.deepEqual(await ask({ countAfter: a.expiresAt - 1 }), [[], [], ['2']])
    assert.deepEqual(await ask({ slot: 'b', all: false, scope: 'reader-2' }), [[], [], ['0']])
  }]
]
