import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengePolicy, freshBudget } from './budget.ts'
import { createOtp } from './engine.ts'
import { createSteps } from './steps.ts'
import type { Decision, Facts } from './store.ts'
import { memoryStore } from './stores/memory.ts'
import { ring, seededBytes } from './stores/testing/world.ts'

const web = { purpose: 'login', scope: 'challenge/1', policy: challengePolicy }

/** A challenge as a row of the host's: the facts that the steps decide on, with what they decided written into them. */
class Row {
  facts: Facts = { generation: 0, budget: freshBudget, forgetAt: 0, codes: [], spent: [], live: 0 }

  take<T> ({ changes, result }: Decision<T>): T {
    for (const change of changes) {
      const { codes, spent } = this.facts
      if (change.do === 'addCode') this.facts = { ...this.facts, codes: [...codes, change.code] }
      else if (change.do === 'keepScope') this.facts = { ...this.facts, generation: change.generation, budget: change.budget, forgetAt: change.forgetAt }
      else this.facts = { ...this.facts, codes: codes.filter(code => code !== change.code), spent: [{ ...change.code, reason: change.reason, at: change.at }, ...spent] }
    }
    return result
  }
}

test('steps on a row of one\'s own come to what the engine comes to in a store', () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 200; seed++) {
    const dice = seededBytes(seed)
    let now = 1_000_000
    const options = { keys: ring('k1'), clock: () => now }
    const otp = createOtp({ ...options, entropy: seededBytes(seed), store: memoryStore() })
    const steps = createSteps({ ...options, entropy: seededBytes(seed) })
    const row = new Row()
    const known = ['000000']
    for (let turn = 0; turn < 12; turn++) {
      const [what = 0, which = 0] = dice(2)
      if (what % 3 === 0) {
        const order = { ...web, slot: 'code', digits: 6, ttlMs: 60_000 }
        const [issued, own] = [otp.issue(order), row.take(steps.issue(order).decide(row.facts))]
        assert.deepEqual(own, issued, `seed ${seed}, turn ${turn}`)
        if (issued.issued) known.push(issued.code)
        seen.add(issued.issued ? 'issued' : issued.reason)
      } else {
        const entry = { ...web, code: known[which % known.length] ?? '' }
        const verdict = otp.verify(entry)
        assert.deepEqual(row.take(steps.verify(entry).decide(row.facts)), verdict, `seed ${seed}, turn ${turn}`)
        seen.add(verdict.granted ? 'granted' : verdict.reason)
      }
      now += which * 200
    }
  }
  for (const outcome of ['issued', 'granted', 'wrong', 'superseded', 'alreadyUsed', 'expired', 'lockedOut']) assert.ok(seen.has(outcome), `${outcome} never came: ${[...seen].join(' ')}`)
})

test('a step says what is to be looked up: all of a challenge', () => {
  const steps = createSteps({ keys: ring('k1'), clock: () => 1, entropy: seededBytes(1) })
  const { look } = steps.verify({ ...web, code: '123456' })
  assert.deepEqual([look.tenant, look.scope, look.all], ['default', web.scope, true])
  assert.throws(() => createSteps({ keys: ring('k1'), clock: () => 0.5, entropy: seededBytes(1) }).verify({ ...web, code: '1' }), RangeError)
})

test('a code that somebody else drew for a challenge is hashed, counted and used up like one of ours', () => {
  const steps = createSteps({ keys: ring('k1'), clock: () => 1, entropy: seededBytes(1) })
  const order = { ...web, slot: 'code', digits: 6, ttlMs: 60_000 }
  const row = new Row()
  const issued = row.take(steps.issue({ ...order, drawn: '424242' }).decide(row.facts))
  assert.ok(issued.issued)
  assert.equal(issued.code, '424242')
  const typed = (code: string): string => {
    const verdict = row.take(steps.verify({ ...web, code }).decide(row.facts))
    return verdict.granted ? 'granted' : verdict.reason
  }
  assert.deepEqual(['424243', '424242', '424242'].map(typed), ['wrong', 'granted', 'alreadyUsed'])
  for (const drawn of ['42424', '4242424', '42424x', '']) assert.throws(() => steps.issue({ ...order, drawn }), RangeError)
})
