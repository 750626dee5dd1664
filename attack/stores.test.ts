import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { storeDatabases } from './support/store-databases.ts'
import { startProcesses, type StoreProcesses } from './support/store-processes.ts'
import { dice, figure, isFull, seedOfRun, size } from './support/size.ts'

const GUESSES = size(200, 1000)
const RIGHT = size(100, 500)
const TRIALS = size(25, 1000)
const seed = seedOfRun()

// The library alone, without a server: everything reaches the store at once.
for (const database of storeDatabases) {
  for (const count of isFull ? [1, 2, 4] : [4]) {
    void describe(`races for a store: ${database.name}, ${count} process(es), seed ${seed}`, () => {
      const roll = dice(seed)
      const where = `${database.name}, ${count} process(es), the store alone`
      let processes: StoreProcesses

      before(async () => { processes = await startProcesses(database, count) })
      after(async () => { await processes.end() })

      for (const [kind, budget] of [['challenge', 5], ['reader', 3]] as const) {
        test(`guesses at once at a ${kind}: ${budget} are evaluated, and the right code after them is refused`, async () => {
          const scope = `guessed ${kind}`
          const code = await issued(kind, scope)
          const { verdicts } = await processes.all({ verify: Array.from({ length: GUESSES }, (_, i) => ({ kind, scope, code: wrong(code, i) })) })
          const evaluated = verdicts.filter((one) => !one.granted && one.reason === 'wrong')
          assert.equal(verdicts.length, GUESSES)
          assert.equal(verdicts.filter((one) => one.granted).length, 0)
          assert.equal(evaluated.length, budget)
          assert.deepEqual(evaluated.map((one) => one.triesLeft).sort(), Array.from({ length: budget }, (_, i) => i))
          assert.equal(verdicts.filter((one) => !one.granted && one.lockoutStarted).length, 1)
          const last = await processes.on(roll(count), { verify: [{ kind, scope, code }] })
          assert.deepEqual(last.verdicts.map((one) => one.granted), [false])
          figure(`${where}: ${GUESSES} guesses at a ${kind}, ${evaluated.length} evaluated (budget ${budget})`)
        })

        test(`right submissions at once at a ${kind}: one is granted`, async () => {
          const scope = `right ${kind}`
          const code = await issued(kind, scope)
          const { verdicts } = await processes.all({ verify: Array.from({ length: RIGHT }, () => ({ kind, scope, code })) })
          assert.equal(verdicts.length, RIGHT)
          assert.equal(verdicts.filter((one) => one.granted).length, 1)
          figure(`${where}: ${RIGHT} right submissions at a ${kind}, 1 granted`)
        })
      }

      test('a code that races its resend: one of both is granted, the earlier one never after it, the new one always', async () => {
        let early = 0
        for (let trial = 0; trial < TRIALS; trial++) {
          const scope = `resent ${trial}`
          const old = await issued('challenge', scope)
          const race = [
            () => processes.on(roll(count), { verify: [{ kind: 'challenge', scope, code: old }] }),
            () => processes.on(roll(count), { issue: [{ kind: 'challenge', scope }] })
          ]
          if (roll(2) === 1) race.reverse()
          const racing = race.map((start) => start())
          const done = await Promise.all(racing)
          const [next] = done.flatMap((one) => one.issues)
          if (done.flatMap((one) => one.verdicts).some((one) => one.granted)) early++
          assert.ok(next?.issued)
          const [again] = (await processes.on(roll(count), { verify: [{ kind: 'challenge', scope, code: old }] })).verdicts
          assert.ok(again !== undefined && (!again.granted || old === next.code), `trial ${trial}: the earlier code after its resend`)
          if (again.granted) continue
          const [last] = (await processes.on(roll(count), { verify: [{ kind: 'challenge', scope, code: next.code }] })).verdicts
          assert.equal(last?.granted, true, `trial ${trial}: the new code was lost`)
        }
        figure(`${where}: ${TRIALS} of ${TRIALS} resends raced by the earlier code came out right; it was granted ${early} times before and 0 times after`)
      })

      async function issued (kind: 'challenge' | 'reader', scope: string): Promise<string> {
        const [issue] = (await processes.on(roll(count), { issue: [{ kind, scope }] })).issues
        assert.ok(issue?.issued)
        return issue.code
      }
    })
  }
}

/** Other digits than these, of the same length. */
function wrong (digits: string, i: number): string {
  return String((Number(digits) + 1 + i) % 10 ** digits.length).padStart(digits.length, '0')
}
