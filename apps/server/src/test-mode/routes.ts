import { IdParams, TestRecipientForm, TestRecipients } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { addresseeOf } from '../verifications/address.ts'
import { addTestRecipient, findTestRecipients, removeTestRecipient } from './recipients.ts'

export function testModeRoutes (app: App, house: House): void {
  const tags = ['verifications']

  app.get('/api/v1/test-recipients', { config: { audience: 'admin' }, schema: { tags, summary: 'Recipients with a fixed code, without it', response: { 200: TestRecipients } } }, (request) => findTestRecipients(house, callerOf(request).siteId))

  app.post('/api/v1/test-recipients', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Give a recipient a fixed code for tests, for 30 days at most; it is sent nothing', body: TestRecipientForm, response: { 201: TestRecipients } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    const { to } = await addresseeOf({ to: request.body.to })
    await house.db.write((trx) => addTestRecipient(trx, house, { ...request.body, to: to.address }, { siteId, actor: { id, name } }))
    return reply.status(201).send(await findTestRecipients(house, siteId))
  })

  app.delete('/api/v1/test-recipients/:id', {
    config: { audience: 'admin' }, schema: { tags, summary: 'Take the fixed code away', params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => removeTestRecipient(trx, house, { id: request.params.id, siteId }, { id, name }))
    return reply.status(204).send(null)
  })
}
