import { ChallengeStarted, CodeVerdict, LoginForm, RecoveryForm } from '@oncekey/protocol/schemas'
import { countAnswer, countStart } from '../challenges/network.ts'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { languageFrom } from '../platform/language.ts'
import { askForCode } from '../sessions/by-code.ts'
import { answerEntered, visitorOf } from '../sessions/visit.ts'
import { recover } from './recover.ts'

export function recoveryRoutes (app: App, house: House): void {
  const tags = ['recovery']
  const config = { audience: 'everybody' as const }

  app.post('/api/v1/recoveries', { config, schema: { tags, summary: 'Have a code mailed that lets choose a new password; answers the same whoever is named', body: LoginForm, response: { 202: ChallengeStarted } } }, async (request, reply) => {
    await countStart(house, request)
    return reply.status(202).send(await askForCode(house, 'recover', request.body.login, { visitor: visitorOf(house, request), language: languageFrom(request.headers['accept-language']) }))
  })

  app.post('/api/v1/recoveries/confirm', { config, schema: { tags, summary: 'Choose a new password by the mailed code; ends all sessions and signs in', body: RecoveryForm, response: { 200: CodeVerdict } } }, async (request, reply) => {
    countAnswer(house, request.ip)
    const answer = await recover(house, request.body, visitorOf(house, request))
    return answer.granted ? { granted: true as const, signIn: answerEntered(house, request, reply, answer.entered) } : answer
  })
}
