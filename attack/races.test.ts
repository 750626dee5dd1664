import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { readerPolicy } from '@oncekey/otp'
import { openWorld, type World } from '../apps/server/src/testing/world.ts'
import { databases } from './support/databases.ts'
import { openEngines, type Engines, type Question } from './support/engine.ts'
import { dice, figure, processCounts, seedOfRun, size } from './support/size.ts'

const GUESSES = size(1000, 1000)
const RIGHT = size(500, 500)
const TRIALS = size(60, 1000)
const seed = seedOfRun()

// Behind the line: no broker, no limit on questions. Everything reaches the database at once, from one process and from two.
for (const database of databases) {
  for (const count of database.name === 'sqlite' ? [1, 2] : processCounts) {
    void describe(`races for one keypad behind the line, ${count} process(es), ${database.name}, seed ${seed}`, () => {
      const roll = dice(seed)
      let world: World
      let engines: Engines
      let bank: { id: string, name: string }

      before(async () => {
        const env = await database.settings()
        world = await openWorld({ env })
        engines = await openEngines(world, count, env)
        bank = { id: world.controllers.bank, name: 'Bank A' }
      })
      beforeEach(async () => {
        // A day later: no cool-down, no failures that count, no run.
        world.house.wait(86_400_001)
        await world.house.db.write(async () => { await world.house.otp.clear({ scope: bank.id, policy: readerPolicy }) })
        for (const one of Object.values(world.people)) await world.signIn(one)
      })
      after(async () => {
        engines.end()
        const logged = world.house.logged.filter((line) => /locked|"error"/.test(line))
        await world.close()
        assert.deepEqual(logged, [])
      })

      test('a thousand guesses at once: three are compared, whatever comes after, the right code too', async () => {
        const { digits } = await world.code()
        const since = await newest()
        const { answers } = await engines.all({ verify: Array.from({ length: GUESSES }, (_, i) => question(wrong(digits, i))) })
        const last = await engines.all({ verify: [question(digits)] })
        assert.equal(answers.length, GUESSES)
        assert.equal([...answers, ...last.answers].filter((one) => one.granted).length, 0)
        const compared = await denied(since)
        assert.deepEqual(compared, ['wrong', 'wrong', 'wrong'])
        figure(`${database.name}, ${count} process(es), behind the line: ${GUESSES} guesses, ${compared.length} compared (budget 3)`)
      })

      test('five hundred right submissions at once: one opening', async () => {
        const { digits } = await world.code()
        const { answers } = await engines.all({ verify: Array.from({ length: RIGHT }, () => question(digits)) })
        assert.equal(answers.filter((one) => one.granted).length, 1)
        figure(`${database.name}, ${count} process(es), behind the line: ${RIGHT} right submissions, 1 opening`)
      })

      test('the same question a hundred times at once: a hundred equal answers, one comparison', async () => {
        const { digits } = await world.code()
        const since = await newest()
        const first = await engines.all({ verify: Array.from({ length: 100 }, () => question(wrong(digits, 0), 'again')) })
        assert.deepEqual(new Set(first.answers.map((one) => JSON.stringify(one))), new Set(['{"granted":false,"triesLeft":2,"lockoutMs":0}']))
        assert.deepEqual(await denied(since), ['wrong'])
        const right = await engines.all({ verify: Array.from({ length: 100 }, () => question(digits, 'once')) })
        assert.deepEqual(new Set(right.answers.map((one) => JSON.stringify(one))), new Set(['{"granted":true,"lock":1,"mode":"unlock"}']))
        assert.equal((await grantedSince(since)).length, 1)
      })

      test('an honest right code among wrong ones is never lost while tries are left', async () => {
        let lost = 0
        for (let i = 0; i < TRIALS; i++) {
          await nextTrial()
          const { digits } = await world.code()
          const questions = [question(wrong(digits, 1)), question(wrong(digits, 2))]
          questions.splice(roll(3), 0, question(digits))
          const { answers } = await engines.all({ verify: questions })
          if (!answers.some((one) => one.granted)) lost++
        }
        assert.equal(lost, 0)
        figure(`${database.name}, ${count} process(es): ${TRIALS} right codes raced by two wrong ones each, ${lost} lost`)
      })

      test('a code that races its own replacement: one of both opens, the old one never afterwards, the new one never lost', async () => {
        let oldOpened = 0
        for (let i = 0; i < TRIALS; i++) {
          await nextTrial()
          const slot = `${world.people.maya.id}|${world.points.a01}`
          const wish = { scope: bank.id, slot, digits: 7 }
          const [old] = (await engines.all({ issue: [wish] })).issues
          assert.ok(old?.issued)
          // The engine alone: what a granted code's row says is another test's.
          const isFirst = roll(2) === 0
          const early = isFirst ? verifyAlone(old.code) : null
          const replacing = engines.on(roll(2), { issue: [wish] })
          const opened = await (early ?? verifyAlone(old.code))
          const [next] = (await replacing).issues
          assert.ok(next?.issued)
          if (opened) oldOpened++
          assert.equal(await verifyAlone(old.code), false, `trial ${i}: the old code opened after it was replaced`)
          assert.equal(await verifyAlone(next.code), true, `trial ${i}: the new code was lost`)
        }
        figure(`${database.name}, ${count} process(es): ${TRIALS} replacements raced by the old code, which opened ${oldOpened} times before and 0 times after`)
      })

      test('several replacements in one millisecond: the newest wins, alone', async () => {
        for (let i = 0; i < size(10, 100); i++) {
          await nextTrial()
          const wish = { scope: bank.id, slot: `${world.people.maya.id}|${world.points.a02}`, digits: 7 }
          const { issues } = await engines.all({ issue: Array.from({ length: 6 }, () => wish) })
          const issued = issues.flatMap((one) => one.issued ? [one] : []).sort((a, b) => a.generation - b.generation)
          assert.equal(issued.length, 6)
          assert.equal(new Set(issued.map((one) => one.generation)).size, 6)
          const newest = issued.pop()
          const [second] = issued.splice(roll(issued.length), 1)
          assert.equal(await verifyAlone(second?.code ?? ''), false)
          assert.equal(await verifyAlone(newest?.code ?? ''), true)
        }
      })

      test('whoever is suspended or removed while their code is being typed got in before, or not at all', async () => {
        let before = 0
        const { maya, adam } = world.people
        for (let i = 0; i < size(15, 300); i++) {
          await nextTrial()
          await world.signIn(adam)
          const { digits } = await world.code()
          const since = await newest()
          const isLast = i === size(15, 300) - 1
          const end = (): Promise<{ status: number }> => isLast ? world.call(adam, 'DELETE', `people/${maya.id}`) : world.call(adam, 'PATCH', `people/${maya.id}`, { suspended: true })
          const ending = end()
          // The request has its way to go before it writes: a finger is on the key at any moment of it.
          for (let turns = roll(30); turns > 0; turns--) await new Promise((resolve) => { setImmediate(resolve) })
          const typed = engines.on(roll(2), { verify: [question(digits)] })
          assert.equal((await ending).status, 200)
          const [answer] = (await typed).answers
          const later = (await engines.on(roll(2), { verify: [question(digits)] })).answers
          assert.deepEqual(later.map((one) => one.granted), [false], 'a code opened after its holder had gone')
          const rows = (await world.record()).filter((row) => row.seq > since)
          const granted = rows.find((row) => row.event === 'access.granted')
          const gone = rows.find((row) => row.event === (isLast ? 'person.removed' : 'person.suspended'))
          assert.equal(granted !== undefined, answer?.granted)
          if (granted !== undefined) {
            before++
            assert.ok(granted.seq < (gone?.seq ?? 0), 'the record says that somebody got in who had gone')
          }
          if (!isLast) assert.equal((await world.call(adam, 'PATCH', `people/${maya.id}`, { suspended: false })).status, 200)
        }
        figure(`${database.name}, ${count} process(es): ${size(15, 300)} codes raced by the suspension of their holder, ${before} opened before and 0 after`)
      })

      async function nextTrial (): Promise<void> {
        // Far enough apart for twenty codes a day.
        world.house.wait(7_200_000)
        await world.house.db.write(async () => { await world.house.otp.clear({ scope: bank.id, policy: readerPolicy }) })
        await world.signIn(world.people.maya)
      }

      async function verifyAlone (code: string): Promise<boolean> {
        return world.house.db.write(async () => (await world.house.otp.verify({ purpose: 'keypad', scope: bank.id, policy: readerPolicy, code })).granted)
      }

      function question (digits: string, requestId: string = randomUUID()): Question {
        return { controller: bank, requestId, digits }
      }

      async function newest (): Promise<number> {
        return (await world.record()).at(-1)?.seq ?? 0
      }

      /** Why entries after that row were refused that were compared. */
      async function denied (since: number): Promise<string[]> {
        return (await world.record('access.denied')).filter((row) => row.seq > since && row.reason !== 'lockedOut').map((row) => String(row.reason))
      }

      async function grantedSince (since: number): Promise<unknown[]> {
        return (await world.record('access.granted')).filter((row) => row.seq > since)
      }
    })
  }
}

/** Other digits than these, of the same length. */
function wrong (digits: string, i: number): string {
  return String((Number(digits) + 1 + i) % 10 ** digits.length).padStart(digits.length, '0')
}
