import assert from 'node:assert/strict'
import { door, minute, reasonOf, ring, scriptedDigits, web, type Case } from './world.ts'

/** What a code is bound to, and keys. */
export const bindingCases: readonly Case[] = [
  ['a code for one purpose is wrong for another', async w => {
    const { code } = await w.code({ purpose: 'unlock' })
    const elsewhere = await w.type(code, { purpose: 'login' })
    assert.deepEqual([reasonOf(elsewhere), elsewhere.id], ['wrong', null])
    assert.equal(reasonOf(await w.type(code)), 'granted')
  }],
  ['a code of one reader is wrong at another', async w => {
    const { code } = await w.code()
    await w.code({ scope: 'reader-2' })
    assert.equal(reasonOf(await w.type(code, { scope: 'reader-2' })), 'wrong')
    assert.equal(reasonOf(await w.type(code)), 'granted')
  }],
  ['a code of one challenge is wrong in another', async w => {
    const { code } = await w.code(web)
    await w.code({ ...web, scope: 'challenge-2' })
    assert.equal(reasonOf(await w.type(code, { ...web, scope: 'challenge-2' })), 'wrong')
    assert.equal(reasonOf(await w.type(code, { ...web, purpose: 'reset' })), 'wrong')
    assert.equal(reasonOf(await w.type(code, web)), 'granted')
  }],
  ["a reader's code is no challenge's code and the other way round", async w => {
    const atDoor = await w.code()
    assert.equal(reasonOf(await w.type(atDoor.code, { policy: web.policy })), 'wrong')
    const onWeb = await w.code(web)
    assert.equal(reasonOf(await w.type(onWeb.code, { ...web, policy: door.policy })), 'wrong')
  }],
  ['parts of a name can not be shifted from one to the other', async w => {
    const { code } = await w.code({ purpose: 'ab', scope: 'c' })
    assert.equal(reasonOf(await w.type(code, { purpose: 'a', scope: 'bc' })), 'wrong')
  }],
  ["a tenant's codes, budgets, slots and sweeps are its own", async w => {
    const other = w.engine({ tenant: 'other' })
    const { code, id } = await w.code({ ttlMs: minute })
    assert.equal(reasonOf(await other.verify({ ...door, code })), 'wrong')
    for (let i = 0; i < 2; i++) await other.verify({ ...door, code: '0000' })
    assert.equal((await other.status(door)).locked, true)
    assert.equal((await w.otp.status(door)).failuresInWindow, 0)
    assert.deepEqual(await other.revoke({ scope: door.scope }), [])
    assert.deepEqual(await other.revokeWhere({ slotPrefix: 'anna' }), [])
    w.wait(minute)
    assert.deepEqual((await other.sweep()).expired, [])
    assert.deepEqual((await w.otp.sweep()).expired, [{ id, scope: door.scope, slot: 'anna', data: '' }])
  }],
  ['a new key in front of the ring leaves live codes alive, at readers and in challenges', async w => {
    const atDoor = await w.code()
    const onWeb = await w.code(web)
    const rotated = w.engine({ keys: ring('k2', 'k1') })
    assert.equal(reasonOf(await rotated.verify({ ...door, code: atDoor.code })), 'granted')
    assert.equal(reasonOf(await rotated.verify({ ...web, code: onWeb.code })), 'granted')
    assert.equal(reasonOf(await rotated.verify({ ...door, code: atDoor.code })), 'alreadyUsed')
  }],
  ['new codes use the newest key', async w => {
    const rotated = w.engine({ keys: ring('k2', 'k1') })
    const issue = await rotated.issue({ ...door, slot: 'anna', digits: 6, ttlMs: minute })
    assert.ok(issue.issued)
    assert.equal(reasonOf(await w.type(issue.code)), 'wrong', 'the old key alone does not know it')
    assert.equal(reasonOf(await w.engine({ keys: ring('k2') }).verify({ ...door, code: issue.code })), 'granted')
  }],
  ['without the key a code was made with, it is wrong', async w => {
    const { code } = await w.code()
    assert.equal(reasonOf(await w.engine({ keys: ring('k2') }).verify({ ...door, code })), 'wrong')
  }],
  ['digits of a live code are drawn again after a key was rotated too', async w => {
    const ones = Array.from({ length: 4 }, () => '111111')
    const order = { ...door, digits: 6, ttlMs: minute }
    const anna = await w.engine({ entropy: scriptedDigits(...ones) }).issue({ ...order, slot: 'anna' })
    const rotated = w.engine({ keys: ring('k2', 'k1'), entropy: scriptedDigits('111111', ...Array.from({ length: 3 }, () => '222222'), 'id') })
    const ben = await rotated.issue({ ...order, slot: 'ben' })
    assert.ok(anna.issued && ben.issued)
    assert.deepEqual([anna.code, ben.code], ['111111', '222222'])
  }]
]
