import { AddressForm, AddressVerdict, ChallengeStarted, Ended, MailedCode, Me, MyChange, MyHistory, MyHistoryQuery, MySessionParams, MySessions, PasswordChange, SessionsEnded } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import { findMyHistory } from '../audit/own-history.ts'
import { countAnswer, countStart } from '../challenges/network.ts'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { languageFrom } from '../platform/language.ts'
import { clearSessionCookie } from '../sessions/cookies.ts'
import { endOtherSessions } from '../sessions/sessions.ts'
import { visitorOf } from '../sessions/visit.ts'
import { askForAddress, confirmAddress } from './address.ts'
import { describeMe } from './describe.ts'
import { copyOfMine } from './kept.ts'
import { leave } from './leave.ts'
import { changeMyPassword } from './password.ts'
import { changeMe, countName } from './profile.ts'
import { endMySession, findMySessions } from './sessions.ts'

/** What is one's own. */
export function meRoutes (app: App, house: House): void {
  const tags = ['me']
  const config = { audience: 'member' as const }
  const dangerous = { ...config, needsProof: true as const }

  app.get('/api/v1/me', { config, schema: { tags, summary: 'Who is signed in', response: { 200: Me } } }, (request, reply) => { void reply.send(callerOf(request).me) })

  app.patch('/api/v1/me', { config, schema: { tags, summary: 'Change one\'s name or user name', body: MyChange, response: { 200: Me } } }, async (request) => {
    const { id } = callerOf(request)
    countName(house, id, request.body)
    await house.db.write((trx) => changeMe(trx, house, id, request.body))
    return describeMe(house, id)
  })

  app.delete('/api/v1/me', { config: dangerous, schema: { tags, summary: 'Delete one\'s account; sessions, grants and codes end, the name stays in the record', response: { 200: Ended } } }, async (request, reply) => {
    const ended = await house.db.write((trx) => leave(trx, house, callerOf(request)))
    clearSessionCookie(request, reply, house)
    return ended
  })

  app.post('/api/v1/me/email', { config: dangerous, schema: { tags, summary: 'Have a code mailed to the address one wants; answers the same whether or not it is somebody else\'s', body: AddressForm, response: { 202: ChallengeStarted } } }, async (request, reply) => {
    await countStart(house, request)
    return reply.status(202).send(await askForAddress(house, callerOf(request), { email: request.body.email, language: languageFrom(request.headers['accept-language']) }))
  })

  app.post('/api/v1/me/email/confirm', { config, schema: { tags, summary: 'Take the new address by the code that went there; the former one is told', body: MailedCode, response: { 200: AddressVerdict } } }, async (request) => {
    countAnswer(house, request.ip)
    const { id } = callerOf(request)
    const answer = await confirmAddress(house, { id }, request.body)
    return answer.granted ? { granted: true as const, me: await describeMe(house, id) } : answer
  })

  app.get('/api/v1/me/history', { config, schema: { tags, summary: 'What the record says about oneself, newest first', querystring: MyHistoryQuery, response: { 200: MyHistory } } }, async (request) =>
    findMyHistory(house, callerOf(request), request.query))

  app.get('/api/v1/me/data', { config, schema: { tags, summary: 'Everything that is kept about oneself, as a file' } }, async (request, reply) =>
    reply.type('application/json').header('content-disposition', 'attachment; filename="oncekey-my-data.json"').send(copyOfMine(house, callerOf(request))))

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
