import { ChallengeResend, ChallengeStarted, MailedCode, CodeVerdict, LoginForm, Me, SignInForm } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import { countStart } from '../challenges/network.ts'
import { resendChallenge } from '../challenges/start.ts'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { askForCode, signInByCode } from './by-code.ts'
import { deviceOf } from './devices.ts'
import { clearCookie, endSession } from './sessions.ts'
import { signIn } from './sign-in.ts'
import { signedIn, visitorOf } from './visit.ts'

export function sessionRoutes (app: App, house: House): void {
  const tags = ['sessions']
  const config = { audience: 'everybody' as const }

  app.post('/api/v1/sessions', { config, schema: { tags, summary: 'Sign in; sets the session cookie', body: SignInForm, response: { 200: Me } } }, async (request, reply) =>
    signedIn(house, request, reply, await signIn(house, request.body, visitorOf(request), deviceOf(house, request))))

  app.delete('/api/v1/sessions/current', { config, schema: { tags, summary: 'Sign out; harmless when nobody is signed in', response: { 204: Type.Null() } } }, async (request, reply) => {
    const { caller } = request
    if (caller !== null) await house.db.write((trx) => endSession(trx, house, caller.sessionHash, { id: caller.id, name: caller.name }))
    clearCookie(request, reply, house)
    return reply.status(204).send(null)
  })

  app.post('/api/v1/sign-in-codes', { config, schema: { tags, summary: 'Have a code mailed that signs in; answers the same whoever is named', body: LoginForm, response: { 202: ChallengeStarted } } }, async (request, reply) => {
    countStart(house, request.ip)
    return reply.status(202).send(await askForCode(house, 'signIn', request.body.login))
  })

  app.post('/api/v1/sessions/by-code', { config, schema: { tags, summary: 'Sign in by a mailed code', body: MailedCode, response: { 200: CodeVerdict } } }, async (request, reply) => {
    const answer = await signInByCode(house, request.body, visitorOf(request))
    return answer.granted ? { granted: true as const, me: await signedIn(house, request, reply, answer) } : answer
  })

  app.post('/api/v1/challenges/resend', { config, schema: { tags, summary: 'Have another code mailed; the earlier one never works again, and no tries come back', body: ChallengeResend, response: { 202: ChallengeStarted } } }, async (request, reply) => {
    countStart(house, request.ip)
    return reply.status(202).send(await house.db.write((trx) => resendChallenge(trx, house, request.body.challenge)))
  })
}
