import { ChannelTest, ChannelTestForm, MailTest, VerificationParams } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { tryOwnMail } from './mail.ts'
import { addresseeOfTest, findTest, sendTest } from './send.ts'

export function channelTestRoutes (app: App, house: House): void {
  const tags = ['channels']

  app.post('/api/v1/channel-tests', {
    config: { audience: 'admin' }, schema: { tags, summary: 'Send yourself a real message by one channel alone; mail goes to your own address', body: ChannelTestForm, response: { 202: ChannelTest } }
  }, async (request, reply) => {
    const { channel } = request.body
    const tester = callerOf(request)
    const to = await addresseeOfTest(house, request.body, tester)
    return reply.status(202).send(await house.db.write((trx) => sendTest(trx, house, channel, to, tester)))
  })

  app.post('/api/v1/mail-tests', {
    config: { audience: 'admin' }, schema: { tags, summary: 'Send yourself a mail step by step, past the outbox: says at which step it failed', response: { 200: MailTest } }
  }, (request) => tryOwnMail(house, callerOf(request)))

  app.get('/api/v1/channel-tests/:id', {
    config: { audience: 'admin' }, schema: { tags, summary: 'What the other side has said of a message that you sent to try a channel', params: VerificationParams, response: { 200: ChannelTest } }
  }, (request) => findTest(house, request.params.id, callerOf(request)))
}
