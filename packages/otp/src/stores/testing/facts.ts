import assert from 'node:assert/strict'
import { freshBudget } from '../../budget.ts'
import type { Change, LiveCode } from '../../store.ts'
import { day, door, minute, reasonOf, reasonsOf, web, type Case, type World } from './world.ts'

const most = Number.MAX_SAFE_INTEGER
const hash = (i: number): string => i.toString(16).padStart(64, '0')
const codeOf = (generation: number, more: Partial<LiveCode> = {}): LiveCode =>
  ({ id: `id-${generation}`, slot: `slot-${generation}`, hash: hash(generation), generation, validFrom: 0, expiresAt: most, data: '', ...more })
const lookAt = (w: World, scope = 's') => ({ tenant: 'default', scope, now: w.now() })
const make = async (w: World, changes: readonly Change[], scope?: string): Promise<void> => { await w.store.change(lookAt(w, scope), () => ({ changes, result: null })) }
const keep = (generation: number, more: Partial<Extract<Change, { do: 'keepScope' }>> = {}): Change => ({ do: 'keepScope', generation, budget: freshBudget, forgetAt: 0, ...more })
const filled = async (w: World, count: number): Promise<LiveCode[]> => {
  const codes = Array.from({ length: count }, (_, i) => codeOf(i + 1))
  await make(w, [...codes.map((code): Change => ({ do: 'addCode', code })), keep(count)])
  return codes
}

/** What a store is given and gives back, as plain data. */
export const factCases: readonly Case[] = [
  ['a live code comes back with all that it had, at the ends of what is possible', async w => {
    const code = codeOf(most, { id: '-_x', slot: 's'.repeat(256), validFrom: most, data: `{"a":"\\n"}\n\nünï 漢字 🔑${'x'.repeat(4000)}` })
    await make(w, [{ do: 'addCode', code }, keep(most, { forgetAt: most })])
    const facts = await w.store.read({ ...lookAt(w), all: true }, one => one)
    assert.deepEqual([facts.codes, facts.generation, facts.forgetAt], [[code], most, most])
  }],
  ['a budget comes back with all its times, in their order', async w => {
    const budget = { run: 7, failures: [5, 3, most, 3], lockouts: [9, 1], lockedUntil: most }
    await make(w, [keep(3, { budget })])
    assert.deepEqual(await w.store.read(lookAt(w), facts => ({ ...facts.budget })), budget)
  }],
  ['of two budgets in one decision the last one is kept', async w => {
    await make(w, [keep(1, { budget: { ...freshBudget, run: 1 } }), keep(2, { budget: { ...freshBudget, run: 2 } })])
    assert.deepEqual(await w.store.read(lookAt(w), facts => [facts.generation, facts.budget.run]), [2, 2])
  }],
  ['changes are made in their order: a code may come and go in one decision', async w => {
    const code = codeOf(1)
    await make(w, [{ do: 'addCode', code }, { do: 'spendCode', code, reason: 'revoked', at: 5 }, keep(1)])
    const facts = await w.store.read({ ...lookAt(w), all: true }, one => one)
    assert.deepEqual([facts.codes, facts.spent], [[], [{ id: 'id-1', hash: hash(1), generation: 1, reason: 'revoked', at: 5 }]])
  }],
  ...(['used', 'expired', 'revoked', 'superseded'] as const).map((reason): Case => [`a code that was spent as ${reason} is remembered as that, with its time`, async w => {
    const [code] = await filled(w, 1)
    await make(w, [{ do: 'spendCode', code: code!, reason, at: most }])
    assert.deepEqual(await w.store.read({ ...lookAt(w), hashes: [hash(1)] }, facts => [facts.codes, facts.spent]), [[], [{ id: 'id-1', hash: hash(1), generation: 1, reason, at: most }]])
  }]),
  ['live codes come oldest first, spent ones newest first', async w => {
    const codes = await filled(w, 12)
    await make(w, codes.slice(0, 9).map((code, i): Change => ({ do: 'spendCode', code, reason: 'superseded', at: i })))
    const facts = await w.store.read({ ...lookAt(w), all: true }, one => one)
    assert.deepEqual(facts.codes.map(code => code.generation), [10, 11, 12])
    assert.deepEqual(facts.spent.slice(0, 8).map(code => code.generation), [9, 8, 7, 6, 5, 4, 3, 2])
  }],
  ['conditions of a look add up, and a code that several name comes once', async w => {
    await filled(w, 6)
    const facts = await w.store.read({ ...lookAt(w), hashes: [hash(1), hash(4)], slot: 'slot-2', id: 'id-4' }, one => one)
    assert.deepEqual([...new Set(facts.codes.map(code => code.generation))].sort(), [1, 2, 4])
  }],
  ['what is counted is what expires later, in this scope', async w => {
    const at = w.now()
    await make(w, [1, 2, 3].map((i): Change => ({ do: 'addCode', code: codeOf(i, { expiresAt: at + i * 1000 }) })))
    await make(w, [{ do: 'addCode', code: codeOf(1, { expiresAt: at + 9000 }) }], 'another')
    const counted = async (afterMs: number): Promise<number> => w.store.read({ ...lookAt(w), countAfter: at + afterMs }, facts => facts.live)
    assert.deepEqual([await counted(0), await counted(999), await counted(1000), await counted(2999), await counted(3000)], [3, 3, 2, 1, 0])
  }],
  ['a spent code is not counted, and no slot or id finds it', async w => {
    const [code] = await filled(w, 1)
    await make(w, [{ do: 'spendCode', code: code!, reason: 'used', at: 1 }])
    const facts = await w.store.read({ ...lookAt(w), slot: 'slot-1', id: 'id-1', countAfter: 0 }, one => one)
    assert.deepEqual([facts.codes, facts.spent, facts.live], [[], [], 0])
  }],
  ['what a decision gives its caller is handed on as it is', async w => {
    const result = { a: [1, undefined] }
    assert.equal(await w.store.change(lookAt(w), () => ({ changes: [], result })), result)
    assert.equal(await w.store.read(lookAt(w), () => result), result)
  }],
  ['a decision without changes and a read leave nothing behind', async w => {
    await w.store.change({ ...lookAt(w), all: true }, () => ({ changes: [], result: null }))
    await w.store.read({ ...lookAt(w), all: true }, facts => facts)
    assert.deepEqual(await w.otp.kept(['s']), [])
  }],
  ['a decision sees what the one before it has done', async w => {
    for (let i = 1; i <= 20; i++) {
      const before = await w.store.change(lookAt(w), ({ generation, budget }) => ({ changes: [keep(generation + 1, { budget: { ...budget, run: budget.run + 2 } })], result: generation }))
      assert.equal(before, i - 1)
    }
    assert.deepEqual(await w.store.read(lookAt(w), facts => [facts.generation, facts.budget.run]), [20, 40])
  }],
  ['of a hundred decisions at once each sees another past', async w => {
    const seen = await Promise.all(Array.from({ length: 100 }, async () => w.store.change(lookAt(w), ({ generation }) => ({ changes: [keep(generation + 1)], result: generation }))))
    assert.deepEqual(seen.sort((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i))
  }],
  ['decisions on many scopes at once do not touch each other', async w => {
    const scopes = Array.from({ length: 30 }, (_, i) => `scope ${i}`)
    await Promise.all(scopes.flatMap((scope, i) => Array.from({ length: i % 4 + 1 }, () => w.guess(1, { scope, policy: { ...door.policy, triesInARow: 9 } }))))
    for (const [i, scope] of scopes.entries()) assert.equal((await w.otp.status({ ...door, scope })).failuresInWindow, i % 4 + 1)
  }],
  ['what is asked is asked between facts and decision, and its refusal is handed on', async w => {
    await filled(w, 2)
    const refusal = await w.store.change({ ...lookAt(w), all: true }, (_, word) => ({ changes: [], result: word }), { about: ({ codes }) => codes[1] ?? null, ask: code => code.id === 'id-2' ? 'rateLimited' : null })
    assert.equal(refusal, 'rateLimited')
    assert.equal(await w.store.change(lookAt(w), (_, word) => ({ changes: [], result: word }), { about: () => null, ask: () => 'disabled' }), null)
  }],
  ['a hundred live codes at a reader: each is found by its digits, and all are revoked, oldest first', async w => {
    const codes = []
    for (let i = 0; i < 100; i++) codes.push(await w.code({ slot: `person ${i}`, digits: 9 }))
    assert.equal((await w.otp.status(door)).live, 100)
    for (const i of [0, 57, 99]) assert.equal((await w.type(codes[i]!.code)).slot, `person ${i}`)
    assert.deepEqual(await w.otp.revoke({ scope: door.scope }), codes.filter((_, i) => ![0, 57, 99].includes(i)).map(code => code.id))
  }],
  ...['*', '?', '[a-z]', '%', '_', '\\', '^a', '{x}', "'", '$1', '.', '\t'].map((sign): Case => [`a prefix of slots with ${JSON.stringify(sign)} in it is that text and no pattern`, async w => {
    const meant = await w.code({ slot: `a${sign}b`, digits: 9 })
    await w.code({ slot: 'axb', digits: 9 })
    await w.code({ slot: 'a', digits: 9 })
    await w.code({ slot: `A${sign}b`, digits: 9 })
    assert.deepEqual((await w.otp.revokeWhere({ slotPrefix: `a${sign}` })).map(code => code.id), [meant.id])
    assert.equal((await w.otp.status(door)).live, 3)
  }]),
  ...[['case', 'reader', 'READER'], ['composed and decomposed letters', '\u00e9', 'e\u0301'], ['a blank at the end', 'reader', 'reader '], ['a zero before', '1', '01'], ['one being the start of the other', 'reader', 'reader-1']]
    .map(([what, one = '', other = '']): Case => [`names that differ in ${what} are two names`, async w => {
      const here = await w.code({ scope: one, slot: one })
      const there = await w.code({ scope: other, slot: other })
      await w.guess(1, { scope: one })
      assert.deepEqual(await w.otp.revoke({ scope: one, slot: other }), [])
      assert.equal(reasonOf(await w.type(here.code, { scope: other })), 'wrong')
      assert.deepEqual([(await w.otp.status({ ...door, scope: one })).failuresInWindow, (await w.otp.status({ ...door, scope: other })).failuresInWindow], [1, 1])
      assert.deepEqual(reasonsOf([await w.type(here.code, { scope: one }), await w.type(there.code, { scope: other })]), ['granted', 'granted'])
    }]),
  ['codes that are revoked by their slots are told with their scopes, and those of other tenants stay', async w => {
    const other = w.engine({ tenant: 'other' })
    const theirs = await other.issue({ ...door, slot: 'anna', digits: 6, ttlMs: minute })
    const here = await w.code({ data: 'a' })
    const there = await w.code({ ...web, data: 'b' })
    const revoked = await w.otp.revokeWhere({ slotPrefix: 'anna' })
    assert.deepEqual(revoked.toSorted((a, b) => a.data < b.data ? -1 : 1), [{ id: here.id, scope: door.scope, slot: 'anna', data: 'a' }, { id: there.id, scope: web.scope, slot: 'anna', data: 'b' }])
    assert.deepEqual(await w.otp.revokeWhere({ slotPrefix: 'anna' }), [])
    assert.ok(theirs.issued)
    assert.equal(reasonOf(await other.verify({ ...door, code: theirs.code })), 'granted')
  }],
  ['sweeps at once report each code once, and count what they forget once', async w => {
    for (let i = 0; i < 30; i++) await w.code({ slot: `p${i}`, scope: `reader-${i % 3}`, digits: 9, ttlMs: minute })
    w.wait(minute)
    const swept = await Promise.all(Array.from({ length: 4 }, async () => w.otp.sweep()))
    const expired = swept.flatMap(one => one.expired.map(code => code.id))
    assert.deepEqual([expired.length, new Set(expired).size], [30, 30])
    w.wait(2 * day)
    const forgotten = await Promise.all(Array.from({ length: 4 }, async () => w.otp.sweep()))
    assert.deepEqual([forgotten.reduce((sum, one) => sum + one.forgotten, 0), forgotten.reduce((sum, one) => sum + one.scopes, 0)], [30, 3])
  }],
  ['a code that is typed while it is swept is told as expired once, by one of both', async w => {
    const { code, id } = await w.code({ ttlMs: minute })
    w.wait(minute)
    const [verdict, swept] = await Promise.all([w.type(code), w.otp.sweep()])
    assert.deepEqual([reasonOf(verdict), verdict.id, swept.expired.map(one => one.id)], ['expired', id, [id]])
  }],
  ['what was forgotten begins anew', async w => {
    await w.code({ ...web, ttlMs: minute })
    await w.guess(5, web)
    w.wait(minute)
    await w.otp.sweep()
    w.wait(2 * day)
    assert.deepEqual(await w.otp.sweep(), { expired: [], forgotten: 1, scopes: 1 })
    assert.deepEqual(await w.otp.kept([web.scope]), [])
    assert.equal((await w.code(web)).generation, 1)
    assert.equal((await w.type('0000', web)).triesLeft, 4)
  }]
]
