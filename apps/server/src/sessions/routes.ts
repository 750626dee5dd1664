import { ChallengeResend, ChallengeStarted, MailedCode, CodeVerdict, LoginForm, PasskeyOptions, PasskeyOptionsForm, PasskeySignIn, SecondFactorForm, SignedIn, SignInForm } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import { withDemand } from '../captcha/demand.ts'
import { countAnswer, countStart } from '../challenges/network.ts'
import { resendChallenge } from '../challenges/start.ts'
import { askForPasskey } from '../factors/passkeys.ts'
import { placeOf } from '../factors/place.ts'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { languageFrom } from '../platform/language.ts'
import { Problem } from '../platform/problems.ts'
import { askForCode, signInByCode } from './by-code.ts'
import { clearSessionCookie } from './cookies.ts'
import { endSession } from './sessions.ts'
import { findHalfWay, giveSecondFactor, signInByPasskey } from './second-factor.ts'
import { signIn } from './sign-in.ts'
import { answerEntered, visitorOf } from './visit.ts'

export function sessionRoutes (app: App, house: House): void {
  const tags = ['sessions']
  const config = { audience: 'everybody' as const }

  app.post('/api/v1/sessions', { config, schema: { tags, summary: 'Sign in; sets the session cookie, or asks for the second factor', body: SignInForm, response: { 200: SignedIn } } }, async (request, reply) =>
    answerEntered(house, request, reply, await withDemand(house, request, () => signIn(house, request.body, visitorOf(house, request)))))

  app.delete('/api/v1/sessions/current', { config, schema: { tags, summary: 'Sign out; harmless when nobody is signed in', response: { 204: Type.Null() } } }, async (request, reply) => {
    const { caller } = request
    if (caller !== null) await house.db.write((trx) => endSession(trx, house, caller.sessionHash, { id: caller.id, name: caller.name }))
    clearSessionCookie(request, reply, house)
    return reply.status(204).send(null)
  })

  app.post('/api/v1/sign-in-codes', { config, schema: { tags, summary: 'Have a code mailed that signs in; answers the same whoever is named', body: LoginForm, response: { 202: ChallengeStarted } } }, async (request, reply) => {
    await countStart(house, request)
    return reply.status(202).send(await askForCode(house, 'signIn', request.body.login, { visitor: visitorOf(house, request), language: languageFrom(request.headers['accept-language']) }))
  })

  app.post('/api/v1/sessions/by-code', { config, schema: { tags, summary: 'Sign in by a mailed code', body: MailedCode, response: { 200: CodeVerdict } } }, async (request, reply) => {
    countAnswer(house, request.ip)
    const answer = await signInByCode(house, request.body, visitorOf(house, request))
    return answer.granted ? { granted: true as const, signIn: answerEntered(house, request, reply, answer.entered) } : answer
  })

  app.post('/api/v1/sessions/second-factor', { config, schema: { tags, summary: 'The second step of a sign-in', body: SecondFactorForm, response: { 200: CodeVerdict } } }, async (request, reply) => {
    const answer = await giveSecondFactor(house, request.body, visitorOf(house, request), () => placeOf(house, request))
    return answer.granted ? { granted: true as const, signIn: answerEntered(house, request, reply, answer.session) } : answer
  })

  app.post('/api/v1/passkeys/options', { config, schema: { tags, summary: 'What a browser needs to sign in by a passkey, without a name or as the second step', body: PasskeyOptionsForm, response: { 200: PasskeyOptions } } }, async (request) => {
    const { ticket } = request.body
    const personId = ticket === undefined ? null : await findHalfWay(house, ticket)
    // A ticket that waits no more: the page begins anew.
    if (ticket !== undefined && personId === null) throw new Problem('notFound')
    return askForPasskey(house, personId, placeOf(house, request))
  })

  app.post('/api/v1/sessions/by-passkey', { config, schema: { tags, summary: 'Sign in by a passkey alone', body: PasskeySignIn, response: { 200: SignedIn } } }, async (request, reply) =>
    answerEntered(house, request, reply, await signInByPasskey(house, request.body, visitorOf(house, request), placeOf(house, request))))

  app.post('/api/v1/challenges/resend', { config, schema: { tags, summary: 'Have another code mailed; the earlier one never works again, and no tries come back', body: ChallengeResend, response: { 202: ChallengeStarted } } }, async (request, reply) => {
    await countStart(house, request)
    return reply.status(202).send(await house.db.write((trx) => resendChallenge(trx, house, { id: request.body.challenge, language: languageFrom(request.headers['accept-language']) })))
  })
}
