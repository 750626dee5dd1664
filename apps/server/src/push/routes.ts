import { IdParams, PushForm, PushState } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { addBrowser, myPush, removeBrowser } from './subscriptions.ts'

/** Browsers that show notifications, each person's own. */
export function pushRoutes (app: App, house: House): void {
  const tags = ['notifications']

  app.get('/api/v1/me/push', { config: { audience: 'member' }, schema: { tags, summary: 'Browsers that show me notifications', response: { 200: PushState } } }, async (request) => myPush(house, callerOf(request).id))

  app.post('/api/v1/me/push', { config: { audience: 'member' }, schema: { tags, summary: 'Show me notifications in this browser', body: PushForm, response: { 201: PushState } } }, async (request, reply) => {
    const { id } = callerOf(request)
    await house.db.write((trx) => addBrowser(trx, house, id, request.body, request.headers['user-agent'] ?? ''))
    return reply.status(201).send(await myPush(house, id))
  })

  app.delete('/api/v1/me/push/:id', { config: { audience: 'member' }, schema: { tags, summary: 'No notifications there any more', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { id } = callerOf(request)
    await house.db.write((trx) => removeBrowser(trx, id, request.params.id))
    return reply.status(204).send(null)
  })
}
