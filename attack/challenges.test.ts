import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { startTestRedis, type TestRedis } from '../apps/server/src/testing/redis.ts'
import { isApproved, openChallenger, type Challenge, type Challenger, type Said } from './support/challenger.ts'
import { databases } from './support/databases.ts'
import { dice, figure, processCounts, seedOfRun, size } from './support/size.ts'

const GUESSES = size(1000, 1000)
const RIGHT = size(500, 500)
const TRIALS = size(8, 1000)
const seed = seedOfRun()
/** Where codes wait to be typed makes no difference. */
const places = [...processCounts.map((count) => ({ count, codes: '' })), { count: 2, codes: ', codes in Redis' }]

for (const database of databases) {
  for (const { count, codes } of places) {
    void describe(`guesses at a web challenge, ${count} process(es), ${database.name}${codes}, seed ${seed}`, () => {
      const roll = dice(seed)
      let shop: Challenger
      let redis: TestRedis | null = null
      let ahead = 0

      before(async () => {
        if (codes !== '') redis = await startTestRedis()
        shop = await openChallenger(database, count, redis === null ? {} : { ONCEKEY_REDIS_URL: redis.url })
      })
      after(async () => {
        await shop.end()
        await redis?.stop()
      })

      test('a thousand at once: five are compared, and then not even the right code is approved', async () => {
        const one = await shop.start()
        const said = await Promise.all(Array.from({ length: GUESSES }, (_, i) => shop.check(one.id, wrong(one.digits, i))))
        const last = await shop.check(one.id, one.digits)
        assert.deepEqual(spellings([...said, last]), ['200 {"status":"refused"}'])
        const rows = (await shop.fleet.record({ event: 'verification.refused' })).filter((row) => row.details['verificationId'] === one.id)
        const compared = rows.filter((row) => row.reason === 'wrong')
        assert.equal(compared.length, 5)
        assert.equal((await shop.fleet.record({ event: 'verification.blocked' })).length, 1)
        figure(`${database.name}${codes}, ${count} process(es): ${GUESSES} guesses at one challenge, ${compared.length} compared (budget 5), no answer but 200`)
      })

      test('five hundred times the right code at once is approved once', async () => {
        const one = await shop.start()
        const said = await Promise.all(Array.from({ length: RIGHT }, () => shop.check(one.id, one.digits)))
        assert.equal(said.filter(isApproved).length, 1)
        assert.deepEqual(new Set(said.map((each) => each.status)), new Set([200]))
        figure(`${database.name}${codes}, ${count} process(es): ${RIGHT} right submissions at one challenge, 1 approval`)
      })

      test('an honest right code among four wrong ones is never lost', async () => {
        let lost = 0
        for (let i = 0; i < TRIALS; i++) {
          const one = await shop.start()
          const codes = [1, 2, 3, 4].map((by) => wrong(one.digits, by))
          codes.splice(roll(5), 0, one.digits)
          const said = await Promise.all(codes.map((code) => shop.check(one.id, code)))
          if (said.filter(isApproved).length !== 1) lost++
        }
        assert.equal(lost, 0)
        figure(`${database.name}${codes}, ${count} process(es): ${TRIALS} right codes raced by four wrong ones each, ${lost} lost`)
      })

      test('a code that races its own replacement: one of both is approved, the old one never afterwards', async () => {
        let early = 0
        for (let i = 0; i < TRIALS; i++) {
          const one = await shop.start()
          await pass(31_000)
          const tasks = [() => shop.check(one.id, one.digits), () => shop.post(`verifications/${one.id}/resend`)]
          if (roll(2) === 0) tasks.reverse()
          const said = await Promise.all(tasks.map((task) => task()))
          const isEarly = said.some(isApproved)
          if (isEarly) early++
          const isResent = said.every((each) => each.status === 200) && said.some((each) => each.text.includes('"pending"'))
          assert.equal(isApproved(await shop.check(one.id, one.digits)), false, 'the old code was approved after its replacement')
          if (isEarly) continue
          assert.ok(isResent, JSON.stringify(said))
          assert.ok(isApproved(await shop.check(one.id, await shop.digits(one.to, 2))), 'the new code was lost')
        }
        figure(`${database.name}${codes}, ${count} process(es): ${TRIALS} resends raced by the old code, approved ${early} times before and 0 times after`)
      })

      test('tries do not come back with a resend; of five resends at once one is sent', async () => {
        const one = await shop.start()
        for (let i = 0; i < 4; i++) await shop.check(one.id, wrong(one.digits, i))
        await pass(31_000)
        const resent = await Promise.all(Array.from({ length: 5 }, () => shop.post(`verifications/${one.id}/resend`)))
        assert.deepEqual(resent.map((each) => each.status).sort(), [200, 429, 429, 429, 429])
        const digits = await shop.digits(one.to, 2)
        assert.equal(isApproved(await shop.check(one.id, wrong(digits, 1))), false)
        assert.equal(isApproved(await shop.check(one.id, digits)), false, 'a sixth guess was compared')
      })

      test('a hundred requests with one key: one message and a hundred equal answers; a hundred checks: one comparison', async () => {
        const to = `once${count}@example.org`
        const key = { 'idempotency-key': randomUUID() }
        const started = await Promise.all(Array.from({ length: 100 }, () => shop.post('verifications', { to }, key)))
        assert.equal(spellings(started).length, 1)
        const digits = await shop.digits(to)
        const { id } = JSON.parse(started[0]?.text ?? '{}') as { id: string }
        const wrongOnce = { 'idempotency-key': randomUUID() }
        const refused = await Promise.all(Array.from({ length: 100 }, () => shop.check(id, wrong(digits, 1), wrongOnce)))
        assert.deepEqual(spellings(refused), ['200 {"status":"refused"}'])
        assert.equal((await shop.fleet.record({ event: 'verification.refused' })).filter((row) => row.details['verificationId'] === id).length, 1)
        const rightOnce = { 'idempotency-key': randomUUID() }
        const approved = await Promise.all(Array.from({ length: 100 }, () => shop.check(id, digits, rightOnce)))
        assert.equal(spellings(approved).length, 1)
        assert.ok(approved.every(isApproved))
        assert.equal(shop.mail.mails.filter((mail) => mail.to?.some((one) => one.address === to)).length, 1)
      })

      test('wrong, used, replaced, foreign and unknown read the same to the byte, and a code serves its own challenge only', async () => {
        const used = await shop.start()
        assert.ok(isApproved(await shop.check(used.id, used.digits)))
        const one = await shop.start()
        const other = await startUnlike(one)
        const said = [
          await shop.check(used.id, used.digits), await shop.check(one.id, other.digits), await shop.check(one.id, wrong(one.digits, 1)),
          await shop.check('A'.repeat(22), one.digits), await shop.check(one.id, 'no digits'), await shop.check(one.id, '१२३४५६')
        ]
        assert.deepEqual(spellings(said), ['200 {"status":"refused"}'])
        assert.ok(isApproved(await shop.check(other.id, other.digits)))
      })

      test('strangers burn nothing: without the key, or with another challenge\'s id, no try is taken', async () => {
        const one = await shop.start()
        const { url } = shop.fleet.processes[0] ?? { url: '' }
        for (let i = 0; i < 20; i++) {
          const answer = await fetch(`${url}/api/v1/verifications/${one.id}/check`, { method: 'POST', headers: { 'content-type': 'application/json', ...i % 2 === 0 ? {} : { authorization: `Bearer ok_${'A'.repeat(43)}` } }, body: JSON.stringify({ code: wrong(one.digits, i) }) })
          assert.equal(answer.status, 401)
          await answer.arrayBuffer()
        }
        assert.ok((await shop.get(`verifications/${one.id}`)).text.includes('"attemptsLeft":5'))
        assert.ok(isApproved(await shop.check(one.id, one.digits)))
      })

      /** A challenge whose digits happen to be others. */
      async function startUnlike (one: Challenge): Promise<Challenge> {
        const other = await shop.start()
        return other.digits === one.digits ? startUnlike(one) : other
      }

      async function pass (ms: number): Promise<void> {
        ahead += ms
        await shop.fleet.setAhead(ahead)
      }
    })
  }
}

/** The different answers, each once, with their status. */
function spellings (said: readonly Said[]): string[] {
  return [...new Set(said.map(({ status, text }) => `${status} ${text}`))]
}

/** Other digits than these, of the same length. */
function wrong (digits: string, i: number): string {
  return String((Number(digits) + 1 + i) % 10 ** digits.length).padStart(digits.length, '0')
}
