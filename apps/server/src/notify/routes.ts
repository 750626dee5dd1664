import { ChannelsAnswer, IdParams, InboxAnswer, Revealed } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { findInbox } from './queries.ts'
import { revealMessage } from './reveal.ts'
import { findChannels } from './states.ts'

export function notifyRoutes (app: App, house: House): void {
  const tags = ['inbox']

  app.get('/api/v1/me/inbox', { config: { audience: 'member' }, schema: { tags, summary: 'Messages to me; codes in them stay sealed', response: { 200: InboxAnswer } } }, async (request) => ({
    messages: await findInbox(house, callerOf(request).id), mailWorks: house.config.smtpUrl !== null
  }))

  app.post('/api/v1/me/inbox/:id/reveal', { config: { audience: 'member' }, schema: { tags, summary: 'Open a message of mine', params: IdParams, response: { 200: Revealed } } }, (request) => house.db.write((trx) => revealMessage(trx, house, request.params.id, callerOf(request).id)))

  app.get('/api/v1/channels', { config: { audience: 'admin' }, schema: { tags: ['channels'], summary: 'Which ways out are set up, by whom, and how they have done of late', response: { 200: ChannelsAnswer } } }, (request) => findChannels(house, callerOf(request).siteId))
}
