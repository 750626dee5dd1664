import assert from 'node:assert/strict'
import { fromBase32, totp } from '@oncekey/otp'
import type { CodeVerdict, Proof, SignedIn } from '@oncekey/protocol/schemas'
import { openAccounts, PASSWORD, type Accounts } from './accounts.ts'
import type { TestPerson } from './world.ts'

/** People with second factors: accounts, and what an authenticator app shows. */
export type Factors = Accounts & {
  /** Adds an authenticator app; what it shows from the next step on, and the recovery codes. */
  addTotp: (who: TestPerson) => Promise<{ code: () => string, codes: string[] }>
  /** The first step of a sign-in, by the password: the ticket of the second. */
  halfWay: (login: string, more?: { cookies?: Record<string, string> }) => Promise<string>
  second: (ticket: string, proof: Proof, more?: { remember?: boolean, cookies?: Record<string, string> }) => ReturnType<Accounts['confirm']>
  /** To the next step of an authenticator: a code lets in once. */
  nextStep: () => void
}

export async function openFactors (...options: Parameters<typeof openAccounts>): Promise<Factors> {
  const a = await openAccounts(...options)
  const nextStep = (): void => { a.world.house.wait(30_000) }
  return {
    ...a, nextStep,
    async addTotp (who) {
      const { ticket, secret } = (await a.world.call(who, 'POST', 'me/totp/setup')).body
      const bytes = fromBase32(secret)
      assert.ok(bytes)
      const code = (): string => totp({ secret: bytes, now: a.world.house.clock() })
      const added = (await a.world.call(who, 'POST', 'me/totp', { ticket, code: code() })).body
      assert.ok(added.granted)
      nextStep()
      return { code, codes: added.recoveryCodes ?? [] }
    },
    async halfWay (login, more) {
      const answer = await a.post<SignedIn>('sessions', { login, password: PASSWORD }, more)
      assert.ok(answer.body.state === 'secondFactor', answer.text)
      assert.equal(answer.cookie, null)
      return answer.body.ticket
    },
    second: (ticket, proof, { remember, cookies } = {}) => a.post<CodeVerdict>('sessions/second-factor', { ticket, proof, ...remember === undefined ? {} : { remember } }, cookies === undefined ? {} : { cookies })
  }
}
