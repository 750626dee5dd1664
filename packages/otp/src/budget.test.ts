import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { admits, afterClear, afterFailure, afterSuccess, challengePolicy, failuresCounted, freshBudget, readerPolicy, type Budget } from './budget.ts'

/** The long run (`npm run test:full`) tries so many times as much. */
const more = process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 50 : 1

const minute = 60_000
const day = 86_400_000

/** Whoever tries whenever the budget admits him: `waits` says how long he dawdles, `right` when he has a code of his own. */
function spree (tries: { wait: number, right: boolean }[], from: number): number[] {
  let budget: Budget = freshBudget
  let now = from
  const failures: number[] = []
  for (const { wait, right } of tries) {
    now += wait
    const admission = admits(budget, readerPolicy, now)
    if (!admission.admitted) {
      assert.ok(admission.lockedUntil !== null && admission.lockedUntil > now)
      now = admission.lockedUntil
    }
    assert.ok(admits(budget, readerPolicy, now).admitted, 'admitted at the very end of a lockout')
    if (right) budget = afterSuccess(budget, readerPolicy, now)
    else {
      budget = afterFailure(budget, readerPolicy, now)
      failures.push(now)
    }
  }
  return failures
}

test('no 24 hours ever hold more than 84 failures, whatever somebody with codes of his own does', () => {
  const tries = fc.array(fc.record({ wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 * minute })), right: fc.boolean() }), { minLength: 200, maxLength: 600 })
  fc.assert(fc.property(tries, list => {
    const failures = spree(list, 1e12)
    for (let i = 84; i < failures.length; i++) assert.ok(failures[i]! - failures[i - 84]! >= day)
  }), { numRuns: 60 * more })
})

test('a reader never locks for good and its budget stays small', () => {
  let budget: Budget = freshBudget
  let now = 1e12
  for (let i = 0; i < 1000; i++) {
    const admission = admits(budget, readerPolicy, now)
    if (!admission.admitted) now = admission.lockedUntil ?? NaN
    budget = afterFailure(budget, readerPolicy, now)
    assert.ok(budget.failures.length <= 84 && budget.lockouts.length <= 28)
  }
})

test('the functions change nothing that they are given', () => {
  const budget: Budget = { run: 2, failures: [1, 2], lockouts: [1], lockedUntil: 2 }
  const before = structuredClone(budget)
  for (const policy of [readerPolicy, challengePolicy]) {
    for (const step of [afterFailure, afterSuccess, afterClear]) step(budget, policy, 3)
    admits(budget, policy, 3)
  }
  assert.deepEqual(budget, before)
  assert.deepEqual(freshBudget, { run: 0, failures: [], lockouts: [], lockedUntil: 0 })
})

test('a lockout never becomes shorter than it was set to, however the clock jumps', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -2 * day, max: 2 * day }), { maxLength: 60 }), jumps => {
    let budget: Budget = freshBudget
    let now = 1e12
    for (const jump of jumps) {
      now += jump
      const { lockedUntil } = budget
      const admission = admits(budget, readerPolicy, now)
      assert.equal(admission.admitted && now < lockedUntil, false)
      if (admission.admitted) budget = afterFailure(budget, readerPolicy, now)
      assert.ok(budget.lockedUntil >= lockedUntil)
    }
  }))
})

test('a stricter policy that comes later still leaves an admitted one try', () => {
  const budget: Budget = { ...freshBudget, run: 2 }
  assert.deepEqual(admits(budget, { ...readerPolicy, triesInARow: 2 }, 5), { admitted: true, triesLeft: 1 })
  assert.deepEqual(admits({ ...freshBudget, failures: [1, 2, 3] }, { ...readerPolicy, ceiling: 2 }, 5), { admitted: false, lockedUntil: 2 + day, resting: true })
})

test('a failure never shortens a lockout, even one that should not have been let through', () => {
  const locked: Budget = { run: 2, failures: [], lockouts: [], lockedUntil: 90 * minute }
  assert.equal(afterFailure(locked, readerPolicy, minute).lockedUntil, 90 * minute)
})

test('a reader rests until enough of its oldest failures have gone, in whatever order a jumping clock has noted them', () => {
  const budget: Budget = { ...freshBudget, failures: [10, 2, 3] }
  assert.deepEqual(admits(budget, { ...readerPolicy, ceiling: 2 }, 11), { admitted: false, lockedUntil: 3 + day, resting: true })
  assert.deepEqual(admits(budget, { ...readerPolicy, ceiling: 2 }, 3 + day), { admitted: true, triesLeft: 1 })
})

test('failures that count are those of the window, and all of a challenge', () => {
  const budget: Budget = { run: 4, failures: [0, 1, 2], lockouts: [], lockedUntil: 0 }
  assert.equal(failuresCounted(budget, readerPolicy, day), 2)
  assert.equal(failuresCounted(budget, challengePolicy, day), 4)
})

test('a clear brings times from the future back to now, and forgives failures only at the ceiling', () => {
  const ahead: Budget = { run: 1, failures: [5, 900], lockouts: [800], lockedUntil: 5000 }
  assert.deepEqual(afterClear(ahead, readerPolicy, 10), { run: 0, failures: [5, 10], lockouts: [10], lockedUntil: 0 })
  assert.deepEqual(afterClear(ahead, { ...readerPolicy, ceiling: 2 }, 10), { run: 0, failures: [], lockouts: [10], lockedUntil: 0 })
})
