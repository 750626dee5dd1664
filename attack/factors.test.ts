import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { fromBase32, totp } from '@oncekey/otp'
import { isSignedIn, openAccounts, PASSWORD, type Accounts } from './support/accounts.ts'
import { databases } from './support/databases.ts'
import { figure, processCounts, size } from './support/size.ts'

const ROUNDS = size(2, 40)
/** Passwords that are compared at the same moment: more wait for a pause. */
const TICKETS = 8

for (const database of databases) {
  for (const count of processCounts) {
    void describe(`second factors, ${count} process(es), ${database.name}`, () => {
      const where = `${database.name}, ${count} process(es)`
      const login = 'member0@example.org'
      let site: Accounts
      let secret: Uint8Array
      let recoveryCodes: string[]
      let ahead = 0

      const pass = async (ms: number): Promise<void> => {
        ahead += ms
        await site.pass(ms)
      }
      const code = (): string => totp({ secret, now: Date.now() + ahead })
      const ticket = async (): Promise<string> => {
        const { status, text } = await site.post('sessions', { login, password: PASSWORD })
        assert.equal(status, 200, text)
        // The server wrote it, by its own schema.
        return (JSON.parse(text) as { ticket: string }).ticket
      }
      const tickets = async (): Promise<string[]> => {
        const all: string[] = []
        while (all.length < TICKETS) all.push(await ticket())
        return all
      }
      /** To the beginning of a step, so that one code is right as long as a test needs it. */
      const nextStep = (): Promise<void> => pass(30_000 - (Date.now() + ahead) % 30_000 + 500)
      const second = (one: string, proof: object) => site.post('sessions/second-factor', { ticket: one, proof })

      before(async () => {
        site = await openAccounts(database, count)
        const member = createClient({ base: site.fleet.processes[0]?.url ?? '', fetch: fetchWithCookies() })
        await member.session.start({ login, password: PASSWORD })
        const setUp = await member.factors.setUpTotp()
        secret = fromBase32(setUp.secret) ?? new Uint8Array()
        const added = await member.factors.addTotp({ ticket: setUp.ticket, code: code() })
        assert.ok(added.granted && added.recoveryCodes !== null)
        recoveryCodes = added.recoveryCodes
      })
      after(async () => { await site.end() })

      test('one code of an authenticator at many sign-ins at once is one session', async () => {
        for (let round = 0; round < ROUNDS; round++) {
          await nextStep()
          const all = await tickets()
          await nextStep()
          const seen = code()
          const said = await Promise.all(all.map((one) => second(one, { totp: seen })))
          assert.equal(said.filter(isSignedIn).length, 1, said.map(({ text }) => text).join('\n'))
          // What failed is counted: ten in a row pause.
          await pass(2 * 86_400_000)
        }
        figure(`${where}: ${ROUNDS} codes of an authenticator, each at ${TICKETS} sign-ins at once, ${ROUNDS} sessions`)
      })

      test('one recovery code at many sign-ins at once is one session', async () => {
        // The last one is for the day of guesses.
        for (const recoveryCode of recoveryCodes.slice(0, -1).slice(0, ROUNDS)) {
          const said = await Promise.all((await tickets()).map((one) => second(one, { recoveryCode })))
          assert.equal(said.filter(isSignedIn).length, 1)
          await pass(2 * 86_400_000)
        }
      })

      test('guesses at the second factor: twenty in a day, whoever knows the password and however many come at once', async () => {
        for (let round = 0; round < 8; round++) {
          const said = await Promise.all((await tickets()).flatMap((one) => Array.from({ length: 8 }, (_, i) => second(one, { totp: String((Number(code()) + 5000 + i) % 1e6).padStart(6, '0') }))))
          assert.ok(said.every(({ status }) => status === 200 || status === 429), said.map(({ text }) => text).join('\n'))
          await pass(3_600_001)
        }
        const refused = (await site.fleet.record({ event: 'session.refused' })).filter((row) => row.details['second'] === 'totp')
        const today = refused.filter((row) => row.time > Date.now() + ahead - 9 * 3_600_001)
        assert.equal(today.length, 20)
        figure(`${where}: ${8 * TICKETS * 8} guesses at an authenticator in a day, ${today.length} compared`)
        assert.ok(isSignedIn(await second(await ticket(), { recoveryCode: recoveryCodes.at(-1) })), 'recovery codes stay open')
      })
    })
  }
}
