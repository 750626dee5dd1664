import assert from 'node:assert/strict'
import { challengePolicy, readerPolicy } from '../../budget.ts'
import type { Entry, ScopePolicy } from '../../steps.ts'
import { count, day, door, hour, minute, reasonOf, reasonsOf, web, type Case, type Issued, type World } from './world.ts'

type Where = ScopePolicy & { readonly purpose: string }
const places: readonly (readonly [name: string, where: Where])[] = [['at a reader', door], ['in a challenge', web]]
/** So many tries that no budget of these cases ends. */
const patient = (where: Where): Where => where.policy.kind === 'reader'
  ? { ...where, policy: { ...readerPolicy, triesInARow: 100, ceiling: 1000 } }
  : { ...where, policy: { ...challengePolicy, tries: 100 } }

/** How a code comes to each of its ends, and what is typed then. */
const ends: readonly (readonly [reason: string, end: (w: World, where: Where) => Promise<{ typed: Issued, entry?: Partial<Entry<'sync' | 'async'>> }>])[] = [
  ['alreadyUsed', async (w, where) => {
    const typed = await w.code(where)
    await w.type(typed.code, where)
    return { typed }
  }],
  ['superseded', async (w, where) => {
    const typed = await w.code(where)
    await w.code(where)
    return { typed }
  }],
  ['revoked', async (w, where) => {
    const typed = await w.code(where)
    await w.otp.revoke({ scope: where.scope, id: typed.id })
    return { typed }
  }],
  ['expired', async (w, where) => {
    const typed = await w.code({ ...where, ttlMs: minute })
    w.wait(minute)
    await w.otp.sweep()
    return { typed }
  }],
  ['outsideWindow', async (w, where) => ({ typed: await w.code({ ...where, validFrom: w.now() + hour }) })],
  ['disabled', async (w, where) => ({ typed: await w.code(where), entry: { permit: () => 'disabled' } })]
]

/** Each manner of refusal, each budget, each length: at readers and in challenges. */
export const mannerCases: readonly Case[] = places.flatMap(([place, where]): Case[] => [
  ...ends.map(([reason, end]): Case => [`${place} a code that is ${reason} is refused as that, counts as one failure, and its id is told`, async w => {
    const { typed, entry } = await end(w, where)
    const verdict = await w.type(typed.code, { ...where, ...entry })
    assert.deepEqual([reasonOf(verdict), verdict.id], [reason, typed.id])
    assert.equal((await w.otp.status(where)).failuresInWindow, 1)
  }]),
  ...ends.slice(0, 4).map(([reason, end]): Case => [`${place} the reason ${reason} is forgotten by the first sweep after a day, and by none before`, async w => {
    const { typed } = await end(w, where)
    const entry = patient(where)
    w.wait(day - 1)
    await w.otp.sweep()
    assert.equal(reasonOf(await w.type(typed.code, entry)), reason)
    w.wait(2)
    await w.otp.sweep()
    assert.equal(reasonOf(await w.type(typed.code, entry)), 'wrong')
  }]),
  [`${place} a code works in its last millisecond, and in the next it has expired`, async w => {
    const first = await w.code({ ...where, ttlMs: minute })
    w.wait(minute - 1)
    assert.equal(reasonOf(await w.type(first.code, where)), 'granted')
    const second = await w.code({ ...where, ttlMs: minute })
    w.wait(minute)
    assert.equal(reasonOf(await w.type(second.code, where)), 'expired')
  }],
  [`${place} a permit that throws leaves code and budget as they were`, async w => {
    const { code } = await w.code(where)
    await assert.rejects(async () => w.type(code, { ...where, permit: () => { throw new Error('no answer') } }), /no answer/)
    assert.equal((await w.otp.status(where)).failuresInWindow, 0)
    assert.equal(reasonOf(await w.type(code, where)), 'granted')
  }],
  [`${place} a permit is asked once about a code that nobody else changes`, async w => {
    const { code } = await w.code(where)
    let asked = 0
    assert.equal(reasonOf(await w.type(code, { ...where, permit: () => { asked++; return null } })), 'granted')
    assert.equal(asked, 1)
  }],
  [`${place} a revoked slot has no code, and gets the next one`, async w => {
    const first = await w.code(where)
    assert.deepEqual(await w.otp.revoke({ scope: where.scope, slot: 'anna' }), [first.id])
    assert.equal((await w.otp.status(where)).live, 0)
    const second = await w.code(where)
    assert.equal(second.superseded, null)
    assert.deepEqual(reasonsOf([await w.type(first.code, where), await w.type(second.code, where)]), ['revoked', 'granted'])
  }],
  [`${place} a hundred wrong ones at once and the right one after them: the right one is refused`, async w => {
    const { code } = await w.code(where)
    await Promise.all(Array.from({ length: 100 }, () => w.type('0000', where)))
    assert.equal(reasonOf(await w.type(code, where)), 'lockedOut')
    assert.equal((await w.otp.status(where)).live, 1)
  }],
  [`${place} codes that are replaced and typed at once: one of them is granted at most, and the last one is what counts`, async w => {
    const { code } = await w.code(where)
    const [verdict, next] = await Promise.all([w.type(code, patient(where)), w.code(where)])
    assert.match(reasonOf(verdict), /^(granted|superseded)$/)
    assert.notEqual(reasonOf(await w.type(code, patient(where))), 'granted')
    assert.equal(reasonOf(await w.type(next.code, patient(where))), 'granted')
  }],
  [`${place} a code that is revoked and typed at once is granted or revoked, and never both`, async w => {
    for (let i = 0; i < 5; i++) {
      const { code, id } = await w.code(patient(where))
      const [verdict, revoked] = await Promise.all([w.type(code, patient(where)), w.otp.revoke({ scope: where.scope })])
      assert.deepEqual(revoked, verdict.granted ? [] : [id])
    }
  }],
  ...Array.from({ length: 9 }, (_, i): Case => [`${place} ${i + 4} digits are told from others of which one is different`, async w => {
    const { code } = await w.code({ ...where, digits: i + 4 })
    const other = (Number(code.at(-1)) + 1) % 10
    assert.equal(reasonOf(await w.type(`${code.slice(0, -1)}${other}`, where)), 'wrong')
    assert.equal(reasonOf(await w.type(`0${code}`, where)), 'wrong')
    assert.equal(reasonOf(await w.type(code, where)), 'granted')
  }])
])

/** Budgets of other sizes. */
export const sizeCases: readonly Case[] = [
  ...[1, 2, 3, 8, 20].map((tries): Case => [`a challenge of ${tries} tries evaluates ${tries} of 40 at once, and one more changes nothing`, async w => {
    const where = { ...web, policy: { ...challengePolicy, tries } }
    await w.code(where)
    const verdicts = await Promise.all(Array.from({ length: 40 }, () => w.type('0000', where)))
    assert.equal(count(reasonsOf(verdicts), 'wrong'), tries)
    assert.equal(verdicts.filter(one => !one.granted && one.lockoutStarted).length, 1)
    assert.deepEqual([(await w.otp.status(where)).failuresInWindow, (await w.type('0000', where)).triesLeft], [tries, 0])
  }]),
  ...[1, 2, 5, 10].map((triesInARow): Case => [`a reader of ${triesInARow} in a row evaluates ${triesInARow} of 40 at once, and as many after its lockout`, async w => {
    const where = { ...door, policy: { ...readerPolicy, triesInARow } }
    for (const round of [1, 2]) {
      const verdicts = await Promise.all(Array.from({ length: 40 }, () => w.type('0000', where)))
      assert.equal(count(reasonsOf(verdicts), 'wrong'), triesInARow)
      assert.equal(await w.lockedFor(where), 2 * round * minute)
      w.wait(2 * round * minute)
    }
  }]),
  ...[1, 4, 7].map((ceiling): Case => [`a ceiling of ${ceiling} failures in a day is where a reader rests, whatever is granted between`, async w => {
    const where = { ...door, policy: { ...readerPolicy, ceiling } }
    for (let i = 0; i < ceiling; i++) {
      const { code } = await w.code(where)
      assert.equal(reasonOf(await w.type(code, where)), 'granted')
      assert.deepEqual(reasonsOf(await w.guess(1, where)), ['wrong'])
    }
    const { resting, lockedUntil } = await w.otp.status(where)
    assert.deepEqual([resting, lockedUntil], [true, w.now() + day])
  }])
]
