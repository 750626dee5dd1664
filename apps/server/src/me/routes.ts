import { Me, MySessionParams, MySessions, PasswordChange, SessionsEnded } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { endOtherSessions } from '../sessions/sessions.ts'
import { visitorOf } from '../sessions/visit.ts'
import { changeMyPassword } from './password.ts'
import { endMySession, findMySessions } from './sessions.ts'

/** What is one's own. */
export function meRoutes (app: App, house: House): void {
  const tags = ['me']
  const config = { audience: 'member' as const }
  const dangerous = { ...config, needsProof: true as const }

  app.get('/api/v1/me', { config, schema: { tags, summary: 'Who is signed in', response: { 200: Me } } }, (request, reply) => { void reply.send(callerOf(request).me) })

  app.get('/api/v1/me/sessions', { config, schema: { tags, summary: 'Where one is signed in', response: { 200: MySessions } } }, async (request) => {
    const { id, sessionHash } = callerOf(request)
    return { sessions: await findMySessions(house, id, sessionHash) }
  })

  app.delete('/api/v1/me/sessions/:id', { config: dangerous, schema: { tags, summary: 'Sign out there', params: MySessionParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { id, name } = callerOf(request)
    await house.db.write((trx) => endMySession(trx, house, { id, name }, request.params.id))
    return reply.status(204).send(null)
  })

  app.delete('/api/v1/me/sessions', { config: dangerous, schema: { tags, summary: 'Sign out everywhere but here', response: { 200: SessionsEnded } } }, async (request) => {
    const { id, name, sessionHash } = callerOf(request)
    return { sessions: await house.db.write((trx) => endOtherSessions(trx, house, { id, name }, sessionHash)) }
  })

  app.post('/api/v1/me/password', { config: dangerous, schema: { tags, summary: 'Choose another password; all other sessions end', body: PasswordChange, response: { 200: SessionsEnded } } }, (request) =>
    changeMyPassword(house, { ...callerOf(request), browser: visitorOf(house, request).browser }, request.body))
}
