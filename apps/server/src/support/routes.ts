import { ContactForm, ConversationAnswer, ConversationChange, ConversationDetail, ConversationsAnswer, ConversationsQuery, FollowUp, IdParams, LinkedConversation, LinkedFollowUp, OwnConversation, OwnConversations } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import { demandOfStrangers } from '../captcha/demand.ts'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { countTries, networkOf } from '../platform/tries.ts'
import { theSite } from '../sites/the-site.ts'
import { conversationFor, findConversation, findConversations, findLinked, findOwnConversations } from './queries.ts'
import { answer, ask, followUp, remove, setState } from './say.ts'

const HOUR_MS = 3_600_000

/** Questions to those who run the place: asked by anybody, answered by operators. */
export function supportRoutes (app: App, house: House): void {
  const tags = ['support']
  const nothing = { 204: Type.Null() }
  const tries = countTries({ most: 5, windowMs: HOUR_MS, clock: house.clock })
  const looks = countTries({ most: 120, windowMs: HOUR_MS, clock: house.clock })
  const everybody = { audience: 'everybody' as const }
  const member = { audience: 'member' as const }
  const operator = { audience: 'operator' as const }

  app.post('/api/v1/contact', { config: everybody, schema: { tags, summary: 'Ask those who run the place something; who is not signed in does a little work first', body: ContactForm, response: nothing } }, async (request, reply) => {
    const { caller } = request
    await demandOfStrangers(house, request)
    tries.take(networkOf(request.ip))
    const siteId = caller?.siteId ?? (await theSite(house)).id
    await house.db.write((trx) => ask(trx, house, { ...request.body, siteId }, caller === null ? null : { id: caller.id, name: caller.name }))
    return reply.status(204).send(null)
  })

  app.post('/api/v1/contact/conversation', { config: everybody, schema: { tags, summary: 'What was written, by the link of a mail', body: LinkedConversation, response: { 200: OwnConversation } } }, (request) => {
    looks.take(networkOf(request.ip))
    return findLinked(house, request.body.token)
  })

  app.post('/api/v1/contact/messages', { config: everybody, schema: { tags, summary: 'Write back, by the link of a mail', body: LinkedFollowUp, response: nothing } }, async (request, reply) => {
    looks.take(networkOf(request.ip))
    await house.db.write(async (trx) => followUp(trx, house, await conversationFor(trx, request.body), request.body.text))
    return reply.status(204).send(null)
  })

  app.get('/api/v1/me/conversations', { config: member, schema: { tags, summary: 'What one has asked, and the answers', response: { 200: OwnConversations } } }, async (request) =>
    ({ conversations: await findOwnConversations(house, callerOf(request).id) }))

  app.post('/api/v1/me/conversations/:id/messages', { config: member, schema: { tags, summary: 'Write again', params: IdParams, body: FollowUp, response: nothing } }, async (request, reply) => {
    const personId = callerOf(request).id
    await house.db.write(async (trx) => followUp(trx, house, await conversationFor(trx, { personId, id: request.params.id }), request.body.text))
    return reply.status(204).send(null)
  })

  app.get('/api/v1/conversations', { config: operator, schema: { tags, summary: 'Questions that were asked', querystring: ConversationsQuery, response: { 200: ConversationsAnswer } } }, (request) =>
    findConversations(house, callerOf(request).siteId, request.query))

  app.get('/api/v1/conversations/:id', { config: operator, schema: { tags, summary: 'One of them, with its answers', params: IdParams, response: { 200: ConversationDetail } } }, (request) =>
    findConversation(house, callerOf(request).siteId, request.params.id))

  app.post('/api/v1/conversations/:id/messages', { config: operator, schema: { tags, summary: 'Answer it', params: IdParams, body: ConversationAnswer, response: { 200: ConversationDetail } } }, async (request) => {
    const actor = callerOf(request)
    const { id } = request.params
    await house.db.write(async (trx) => answer(trx, house, await conversationFor(trx, { siteId: actor.siteId, id }), request.body, actor))
    return findConversation(house, actor.siteId, id)
  })

  app.patch('/api/v1/conversations/:id', { config: operator, schema: { tags, summary: 'Close it, or open it again', params: IdParams, body: ConversationChange, response: { 200: ConversationDetail } } }, async (request) => {
    const actor = callerOf(request)
    const { id } = request.params
    await house.db.write(async (trx) => setState(trx, house, await conversationFor(trx, { siteId: actor.siteId, id }), request.body.state, actor))
    return findConversation(house, actor.siteId, id)
  })

  app.delete('/api/v1/conversations/:id', { config: { audience: 'admin' }, schema: { tags, summary: 'Remove it for good', params: IdParams, response: nothing } }, async (request, reply) => {
    const actor = callerOf(request)
    await house.db.write(async (trx) => remove(trx, house, await conversationFor(trx, { siteId: actor.siteId, id: request.params.id }), actor))
    return reply.status(204).send(null)
  })
}
