import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isSignedIn, openAccounts, PASSWORD, triesLeft, type Accounts } from './support/accounts.ts'
import { databases } from './support/databases.ts'
import { dice, figure, processCounts, seedOfRun, size } from './support/size.ts'

const GUESSES = size(300, 1000)
const RIGHT = size(200, 500)
const TRIALS = size(6, 1000)
const seed = seedOfRun()

for (const database of databases) {
  for (const count of processCounts) {
    void describe(`codes that sign people in, ${count} process(es), ${database.name}, seed ${seed}`, () => {
      const roll = dice(seed)
      const where = `${database.name}, ${count} process(es)`
      let site: Accounts

      before(async () => { site = await openAccounts(database, count) })
      after(async () => { await site.end() })

      test('guesses at once: five are compared, and then not even the right code signs in', async () => {
        const one = await site.ask()
        const said = await Promise.all(Array.from({ length: GUESSES }, (_, i) => site.answer(one.challenge, wrong(one.digits, i))))
        assert.ok(said.every(({ status, text }) => status === 200 && text.includes('"granted":false')))
        assert.deepEqual(said.map(triesLeft).filter((left) => left > 0).sort(), [1, 2, 3, 4])
        assert.equal(triesLeft(await site.answer(one.challenge, one.digits)), 0)
        figure(`${where}: ${GUESSES} guesses at a sign-in code, 5 compared`)
      })

      test('the right code many times at once is one session', async () => {
        const one = await site.ask()
        const said = await Promise.all(Array.from({ length: RIGHT }, () => site.answer(one.challenge, one.digits)))
        assert.equal(said.filter(isSignedIn).length, 1)
        assert.deepEqual(new Set(said.map(({ status }) => status)), new Set([200]))
        figure(`${where}: ${RIGHT} right sign-in codes at once, 1 session`)
      })

      test('an honest right code among four wrong ones, or against a resend, is never lost, and a replaced one is never right', async () => {
        let lost = 0
        for (let i = 0; i < TRIALS; i++) {
          const one = await site.ask()
          const codes = [1, 2, 3, 4].map((by) => wrong(one.digits, by))
          codes.splice(roll(5), 0, one.digits)
          const said = await Promise.all(codes.map((code) => site.answer(one.challenge, code)))
          if (said.filter(isSignedIn).length !== 1) lost++

          const two = await site.ask()
          await site.pass(31_000)
          const before = site.arrived(two.login)
          const tasks = [() => site.answer(two.challenge, two.digits), () => site.post('challenges/resend', { challenge: two.challenge })]
          if (roll(2) === 0) tasks.reverse()
          const raced = await Promise.all(tasks.map((task) => task()))
          if (raced.some(isSignedIn)) continue
          assert.equal(isSignedIn(await site.answer(two.challenge, two.digits)), false, 'the replaced code signed in')
          if (!isSignedIn(await site.answer(two.challenge, await site.digits(two.login, before + 1)))) lost++
        }
        assert.equal(lost, 0)
        figure(`${where}: ${TRIALS} right sign-in codes raced by four wrong ones, and ${TRIALS} by a resend, ${lost} lost`)
      })

      test('strangers burn nothing: their challenges for the same person take no try of hers', async () => {
        const one = await site.ask()
        await site.pass(31_000)
        const { text } = await site.post('sign-in-codes', { login: one.login })
        const { challenge } = JSON.parse(text) as { challenge: string }
        for (let i = 0; i < 5; i++) await site.answer(challenge, wrong(one.digits, i))
        assert.equal(isSignedIn(await site.answer(challenge, one.digits)), false, "her code is no other challenge's")
        for (let i = 0; i < 20; i++) assert.equal(triesLeft(await site.answer(`${'A'.repeat(28)}${100 + i}`, one.digits)), 0)
        assert.ok(isSignedIn(await site.answer(one.challenge, one.digits)))
      })

      test('twenty wrong passwords a day, however many come at once and wherever; the mailed code stays open', async () => {
        await site.pass(25 * 3_600_000)
        const { login } = await site.ask()
        let compared = 0
        for (let round = 0; round < 4; round++) {
          const said = await Promise.all(Array.from({ length: 40 }, (_, i) => site.post('sessions', { login, password: `guess ${round} ${i}` })))
          assert.ok(said.every(({ status }) => status === 401 || status === 429 || status === 503))
          compared += said.filter(({ status }) => status === 401).length
          await site.pass(3_601_000)
        }
        assert.ok(compared > 0 && compared <= 20, `${compared} compared`)
        for (let round = 0; round < 10 && compared < 20; round++) {
          if ((await site.post('sessions', { login, password: 'one more' })).status === 401) compared++
          await site.pass(60_000)
        }
        assert.equal((await site.post('sessions', { login, password: PASSWORD })).status, 429)
        const one = await askAs(login)
        assert.ok(isSignedIn(await site.answer(one.challenge, one.digits)))
        figure(`${where}: 160 wrong passwords for one person in a day, ${compared} compared; the mailed code signed in`)
      })

      async function askAs (login: string): Promise<{ challenge: string, digits: string }> {
        const before = site.arrived(login)
        const { text } = await site.post('sign-in-codes', { login })
        return { challenge: (JSON.parse(text) as { challenge: string }).challenge, digits: await site.digits(login, before + 1) }
      }
    })
  }
}

/** Other digits than these, of the same length. */
function wrong (digits: string, i: number): string {
  return String((Number(digits) + 1 + i) % 10 ** digits.length).padStart(digits.length, '0')
}
