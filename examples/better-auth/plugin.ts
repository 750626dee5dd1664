/** Sign-in by a mailed code as a plugin of Better Auth: its users and sessions, our codes and budgets. */
import type { BetterAuthPlugin } from 'better-auth'
import { APIError, createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { randomUUID } from 'node:crypto'
import { challengePolicy, type Otp } from '@oncekey/otp'
import * as z from 'zod'

export type Options = {
  /** On a store of your choice, beside Better Auth's own tables or elsewhere. */
  readonly otp: Otp<'sync' | 'async'>
  readonly mail: (to: string, code: string) => Promise<void>
}

export function onceCodes ({ otp, mail }: Options) {
  return {
    id: 'once-codes',
    endpoints: {
      startOnceCode: createAuthEndpoint('/once-code/start', { method: 'POST', body: z.object({ email: z.email().max(254) }) }, async context => {
        const email = context.body.email.toLowerCase()
        const id = randomUUID()
        const issue = await otp.issue({ purpose: 'sign-in', scope: id, slot: 'email', policy: challengePolicy, digits: 6, ttlMs: 600_000, data: email })
        if (issue.issued) await mail(email, issue.code)
        return context.json({ id })
      }),
      checkOnceCode: createAuthEndpoint('/once-code/check', { method: 'POST', body: z.object({ id: z.uuid(), code: z.string().max(12) }) }, async context => {
        const { id, code } = context.body
        const verdict = await otp.verify({ purpose: 'sign-in', scope: id, policy: challengePolicy, code })
        if (!verdict.granted) throw new APIError('UNAUTHORIZED', { message: 'This code does not work.' })
        const users = context.context.internalAdapter
        const found = (await users.findUserByEmail(verdict.data))?.user
        // Somebody may have registered with this address, and a password of theirs, before its owner came.
        if (found !== undefined && !found.emailVerified) throw new APIError('UNAUTHORIZED', { message: 'Confirm the address first.' })
        const user = found ?? await users.createUser({ email: verdict.data, emailVerified: true, name: '' }, { method: 'email-otp' })
        await setSessionCookie(context, { session: await users.createSession(user.id), user })
        return context.json({ user: { id: user.id, email: user.email } })
      })
    },
    // Challenges are what somebody else pays for: mails.
    rateLimit: [{ pathMatcher: path => path === '/once-code/start', window: 60, max: 3 }]
  } satisfies BetterAuthPlugin
}
