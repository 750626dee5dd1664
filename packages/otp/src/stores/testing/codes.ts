import assert from 'node:assert/strict'
import { reasonOf, reasonsOf, minute, web, door, type Case } from './world.ts'

/** The life of a code. */
export const codeCases: readonly Case[] = [
  ['a right code is granted and names its id, slot and data', async w => {
    const { code, id } = await w.code({ slot: 'anna', data: 'locker 7' })
    assert.deepEqual(await w.type(code), { granted: true, id, slot: 'anna', data: 'locker 7', triesLeft: 3 })
  }],
  ['a code works once', async w => {
    const { code, id } = await w.code()
    assert.equal(reasonOf(await w.type(code)), 'granted')
    const again = await w.type(code)
    assert.equal(reasonOf(again), 'alreadyUsed')
    assert.equal(again.id, id)
  }],
  ['a wrong code is refused and says how many tries are left', async w => {
    await w.code()
    assert.deepEqual(await w.type('0000'), {
      granted: false, reason: 'wrong', id: null, slot: null, data: null, triesLeft: 2, lockedUntil: null, resting: false, lockoutStarted: false, lockoutMs: 0
    })
  }],
  ['a code at a reader where none was ever issued is wrong', async w => {
    assert.equal(reasonOf(await w.type('123456')), 'wrong')
  }],
  ['a new code in a slot supersedes the earlier one', async w => {
    const first = await w.code()
    const second = await w.code()
    assert.equal(first.superseded, null)
    assert.equal(second.superseded, first.id)
    const old = await w.type(first.code)
    assert.equal(reasonOf(old), 'superseded')
    assert.equal(old.id, first.id)
    assert.equal(reasonOf(await w.type(second.code)), 'granted')
  }],
  ['codes in different slots of a reader live side by side', async w => {
    const anna = await w.code({ slot: 'anna' })
    const ben = await w.code({ slot: 'ben' })
    assert.equal(ben.superseded, null)
    assert.equal((await w.type(ben.code)).slot, 'ben')
    assert.equal((await w.type(anna.code)).slot, 'anna')
  }],
  ['the same slot at another reader is another slot', async w => {
    const here = await w.code()
    const there = await w.code({ scope: 'reader-2' })
    assert.equal(there.superseded, null)
    assert.equal(reasonOf(await w.type(here.code)), 'granted')
  }],
  ['revoking a slot ends its code and tells the id', async w => {
    const anna = await w.code({ slot: 'anna' })
    const ben = await w.code({ slot: 'ben' })
    assert.deepEqual(await w.otp.revoke({ scope: door.scope, slot: 'anna' }), [anna.id])
    assert.equal(reasonOf(await w.type(anna.code)), 'revoked')
    assert.equal(reasonOf(await w.type(ben.code)), 'granted')
  }],
  ['revoking by id ends that code only', async w => {
    const anna = await w.code({ slot: 'anna' })
    const ben = await w.code({ slot: 'ben' })
    assert.deepEqual(await w.otp.revoke({ scope: door.scope, id: ben.id }), [ben.id])
    assert.equal(reasonOf(await w.type(ben.code)), 'revoked')
    assert.equal(reasonOf(await w.type(anna.code)), 'granted')
  }],
  ['revoking a scope ends all its codes, oldest first, and no others', async w => {
    const anna = await w.code({ slot: 'anna' })
    const ben = await w.code({ slot: 'ben' })
    const elsewhere = await w.code({ scope: 'reader-2' })
    assert.deepEqual(await w.otp.revoke({ scope: door.scope }), [anna.id, ben.id])
    assert.deepEqual(reasonsOf([await w.type(anna.code), await w.type(ben.code)]), ['revoked', 'revoked'])
    assert.equal(reasonOf(await w.type(elsewhere.code, { scope: 'reader-2' })), 'granted')
  }],
  ['revoking what is not there, or not live, revokes nothing', async w => {
    const used = await w.code()
    await w.type(used.code)
    assert.deepEqual(await w.otp.revoke({ scope: door.scope }), [])
    assert.deepEqual(await w.otp.revoke({ scope: door.scope, slot: 'nobody' }), [])
    assert.deepEqual(await w.otp.revoke({ scope: 'nowhere', id: used.id }), [])
    assert.equal(reasonOf(await w.type(used.code)), 'alreadyUsed')
  }],
  ['a code of another scope is not revoked by its id', async w => {
    const there = await w.code({ scope: 'reader-2' })
    assert.deepEqual(await w.otp.revoke({ scope: door.scope, id: there.id }), [])
    assert.equal(reasonOf(await w.type(there.code, { scope: 'reader-2' })), 'granted')
  }],
  ['a slot that is undefined revokes nothing instead of everything', async w => {
    await w.code()
    const untyped: { scope: string, slot: string } = JSON.parse('{"scope":"reader-1"}')
    Object.assign(untyped, { slot: undefined })
    assert.deepEqual(await w.otp.revoke(untyped), [])
  }],
  ['a slot prefix revokes in all scopes; it is a prefix, not a pattern', async w => {
    const one = await w.code({ slot: 'grant_1/a' })
    const two = await w.code({ slot: 'grant_1/b', scope: 'reader-2', data: 'two' })
    const other = await w.code({ slot: 'grantX1/a' })
    const revoked = await w.otp.revokeWhere({ slotPrefix: 'grant_1/' })
    assert.deepEqual(revoked.map(code => code.id).toSorted(), [one.id, two.id].toSorted())
    assert.deepEqual(revoked.find(code => code.id === two.id), { id: two.id, scope: 'reader-2', slot: 'grant_1/b', data: 'two' })
    assert.equal(reasonOf(await w.type(one.code)), 'revoked')
    assert.equal(reasonOf(await w.type(other.code)), 'granted')
    assert.deepEqual(await w.otp.revokeWhere({ slotPrefix: '%' }), [])
  }],
  ['a code works until the last millisecond before it expires', async w => {
    const { code } = await w.code({ ttlMs: minute })
    w.wait(minute - 1)
    assert.equal(reasonOf(await w.type(code)), 'granted')
  }],
  ['a code has expired in the millisecond at which it expires', async w => {
    const { code, id, expiresAt } = await w.code({ ttlMs: minute, data: 'x' })
    assert.equal(expiresAt, w.now() + minute)
    w.wait(minute)
    const late = await w.type(code)
    assert.equal(reasonOf(late), 'expired')
    assert.deepEqual([late.id, late.slot, late.data], [id, 'anna', 'x'])
  }],
  ['a code is refused before its window and works from its first millisecond', async w => {
    const { code } = await w.code({ validFrom: w.now() + minute })
    w.wait(minute - 1)
    assert.equal(reasonOf(await w.type(code)), 'outsideWindow')
    w.wait(1)
    assert.equal(reasonOf(await w.type(code)), 'granted')
  }],
  ['an expired code that was not swept is superseded like a live one', async w => {
    const first = await w.code({ ttlMs: 1 })
    w.wait(1)
    assert.equal((await w.code()).superseded, first.id)
    // Were it left, setting the clock back would revive it beside its successor.
    w.wait(-1)
    assert.equal(reasonOf(await w.type(first.code)), 'superseded')
  }],
  ["permit's reason refuses a right code, which stays live", async w => {
    const { code, id } = await w.code({ data: 'mine' })
    const refused = await w.type(code, { permit: () => 'disabled' })
    assert.deepEqual([reasonOf(refused), refused.id, refused.data, refused.triesLeft], ['disabled', id, 'mine', 2])
    assert.equal(reasonOf(await w.type(code, { permit: () => null })), 'granted')
  }],
  ['permit may wait where the store may, and its word holds', async w => {
    const { code } = await w.code()
    const word = <T>(answer: T): T | Promise<T> => w.store.mode === 'async' ? new Promise(resolve => { setImmediate(() => { resolve(answer) }) }) : answer
    assert.equal(reasonOf(await w.type(code, { permit: () => word('disabled' as const) })), 'disabled')
    assert.equal(reasonOf(await w.type(code, { permit: () => word(null) })), 'granted')
  }],
  ['permit is not asked during a lockout, nor about a code that has expired or is not valid yet', async w => {
    let asked = 0
    const entry = { permit: () => { asked++; return null } }
    const expired = await w.code({ ttlMs: 1 })
    w.wait(1)
    assert.equal(reasonOf(await w.type(expired.code, entry)), 'expired')
    const early = await w.code({ validFrom: w.now() + minute })
    assert.equal(reasonOf(await w.type(early.code, entry)), 'outsideWindow')
    const { code } = await w.code()
    await w.guess(3)
    assert.equal(reasonOf(await w.type(code, entry)), 'lockedOut')
    assert.equal(asked, 0)
  }],
  ['permit sees the code, and is asked only about one that would be granted', async w => {
    const { code, id, expiresAt } = await w.code({ data: 'mine', ttlMs: minute })
    const seen: string[] = []
    const entry = { permit: (row: { id: string, slot: string, data: string, expiresAt: number }) => {
      seen.push(`${row.id} ${row.slot} ${row.data} ${row.expiresAt}`)
      return null
    } }
    await w.type('0000', entry)
    assert.deepEqual(seen, [])
    await w.type(code, entry)
    assert.equal(seen.at(-1), `${id} anna mine ${expiresAt}`)
  }],
  ['a permit that throws changes nothing', async w => {
    const { code } = await w.code()
    await assert.rejects(async () => await w.type(code, { permit: () => { throw new Error('the grant could not be read') } }), /could not be read/)
    assert.equal((await w.otp.status(door)).failuresInWindow, 0)
    assert.equal(reasonOf(await w.type(code)), 'granted')
  }],
  ["a challenge's code works once", async w => {
    const { code, id } = await w.code({ ...web, data: 'anna@example.org' })
    assert.deepEqual(await w.type(code, web), { granted: true, id, slot: 'anna', data: 'anna@example.org', triesLeft: 5 })
    assert.equal(reasonOf(await w.type(code, web)), 'alreadyUsed')
  }],
  ["after a resend a challenge's old code is never accepted and the new one is", async w => {
    const first = await w.code(web)
    const second = await w.code(web)
    assert.equal(second.superseded, first.id)
    assert.equal(reasonOf(await w.type(first.code, web)), 'superseded')
    assert.equal(reasonOf(await w.type(second.code, web)), 'granted')
  }],
  ['a challenge has one live code even if its slots are called differently', async w => {
    const first = await w.code({ ...web, slot: 'mail' })
    const second = await w.code({ ...web, slot: 'phone' })
    assert.equal(second.superseded, first.id)
    assert.equal((await w.otp.status(web)).live, 1)
  }],
  ['of several resends in one millisecond the newest wins', async w => {
    const codes = [await w.code(web), await w.code(web), await w.code(web), await w.code(web)]
    assert.deepEqual(codes.map(code => code.generation), [1, 2, 3, 4])
    const newest = codes.at(-1)
    assert.ok(newest)
    for (const old of codes.slice(0, -1)) assert.equal(reasonOf(await w.type(old.code, web)), 'superseded')
    assert.equal(reasonOf(await w.type(newest.code, web)), 'granted')
  }],
  ["a challenge's code is revoked and expires like any other", async w => {
    const first = await w.code(web)
    assert.deepEqual(await w.otp.revoke({ scope: web.scope }), [first.id])
    assert.equal(reasonOf(await w.type(first.code, web)), 'revoked')
    const second = await w.code({ ...web, ttlMs: 1 })
    w.wait(1)
    assert.equal(reasonOf(await w.type(second.code, web)), 'expired')
  }]
]
