import { ChallengeStarted, CodeVerdict, ConfirmForm, RegistrationForm, RegistrationPolicy } from '@oncekey/protocol/schemas'
import { countAnswer, countStart } from '../challenges/network.ts'
import { isFlooded } from '../challenges/unproven.ts'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { languageFrom } from '../platform/language.ts'
import { answerEntered, visitorOf } from '../sessions/visit.ts'
import { registrationPolicy, setRegistrationPolicy } from './policy.ts'
import { confirmRegistration, register } from './register.ts'

export function registrationRoutes (app: App, house: House): void {
  const tags = ['registration']
  const config = { audience: 'everybody' as const }

  app.post('/api/v1/registrations', { config, schema: { tags, summary: 'Register; a code is mailed. Answers the same whether or not somebody has the address', body: RegistrationForm, response: { 202: ChallengeStarted } } }, async (request, reply) => {
    await countStart(house, request, await isFlooded(house))
    return reply.status(202).send(await register(house, request.body, languageFrom(request.headers['accept-language'])))
  })

  app.post('/api/v1/registrations/confirm', { config, schema: { tags, summary: 'Make the account by the mailed code; signs in', body: ConfirmForm, response: { 200: CodeVerdict } } }, async (request, reply) => {
    countAnswer(house, request.ip)
    const answer = await confirmRegistration(house, request.body, visitorOf(house, request))
    return answer.granted ? { granted: true as const, signIn: answerEntered(house, request, reply, answer.entered) } : answer
  })

  app.get('/api/v1/registration-policy', { config, schema: { tags, summary: 'Who may register', response: { 200: RegistrationPolicy } } }, () => registrationPolicy(house))

  app.patch('/api/v1/registration-policy', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Decide who may register', body: RegistrationPolicy, response: { 200: RegistrationPolicy } } }, (request) =>
    house.db.write((trx) => setRegistrationPolicy(trx, house, request.body, callerOf(request))))
}
