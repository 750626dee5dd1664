import { IdParams, RotateForm, type Webhook, WebhookChange, WebhookDeliveries, WebhookForm, WebhookMade, Webhook as WebhookAnswer, WebhooksAnswer } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { changeWebhook, makeWebhook, removeWebhook, replayDelivery, rotateWebhook, testWebhook } from './endpoints.ts'
import { findDeliveries, findWebhooks } from './queries.ts'
import { tellOfRow } from './tell.ts'

export function webhookRoutes (app: App, house: House): void {
  house.audit.onAppended((trx, row) => { tellOfRow(trx, house, row) })
  const tags = ['webhooks']
  const params = IdParams

  app.get('/api/v1/webhooks', { config: { audience: 'admin' }, schema: { tags, summary: 'Programs that are told what becomes of verifications', response: { 200: WebhooksAnswer } } }, async (request) => ({
    webhooks: await findWebhooks(house, callerOf(request).siteId)
  }))

  app.post('/api/v1/webhooks', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Have events told to a program; the secret is in this answer only', body: WebhookForm, response: { 201: WebhookMade } }
  }, async (request, reply) => {
    const { id: callerId, name, siteId } = callerOf(request)
    const { id, secret } = await house.db.write((trx) => makeWebhook(trx, house, request.body, { siteId, actor: { id: callerId, name } }))
    return reply.status(201).send({ webhook: await theWebhook(siteId, id), secret })
  })

  app.patch('/api/v1/webhooks/:id', {
    config: { audience: 'admin' }, schema: { tags, summary: 'Other events; a pause, or its end', params, body: WebhookChange, response: { 200: WebhookAnswer } }
  }, async (request) => {
    const { id: callerId, name, siteId } = callerOf(request)
    const { id } = request.params
    await house.db.write((trx) => changeWebhook(trx, house, { id, siteId }, request.body, { id: callerId, name }))
    return theWebhook(siteId, id)
  })

  app.post('/api/v1/webhooks/:id/rotate', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Another secret, which is in this answer only; for the hours of grace messages are signed with both', params, body: RotateForm, response: { 200: WebhookMade } }
  }, async (request) => {
    const { id: callerId, name, siteId } = callerOf(request)
    const { id } = request.params
    const { secret } = await house.db.write((trx) => rotateWebhook(trx, house, { id, siteId }, request.body.graceHours, { id: callerId, name }))
    return { webhook: await theWebhook(siteId, id), secret }
  })

  app.delete('/api/v1/webhooks/:id', {
    config: { audience: 'admin' }, schema: { tags, summary: 'Tell it nothing more; harmless when it is removed', params, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => removeWebhook(trx, house, { id: request.params.id, siteId }, { id, name }))
    return reply.status(204).send(null)
  })

  app.post('/api/v1/webhooks/:id/test', {
    config: { audience: 'admin' }, schema: { tags, summary: 'Send a message that says nothing (webhook.test); one that still waits is not joined by another', params, response: { 202: WebhookDeliveries } }
  }, async (request, reply) => {
    const { id: callerId, name, siteId } = callerOf(request)
    const { id } = request.params
    await house.db.write((trx) => testWebhook(trx, house, { id, siteId }, { id: callerId, name }))
    return reply.status(202).send({ deliveries: await theDeliveries(siteId, id) })
  })

  app.get('/api/v1/webhooks/:id/deliveries', {
    config: { audience: 'admin' }, schema: { tags, summary: 'What became of its latest messages', params, response: { 200: WebhookDeliveries } }
  }, async (request) => ({ deliveries: await theDeliveries(callerOf(request).siteId, request.params.id) }))

  app.post('/api/v1/webhook-deliveries/:id/replay', {
    config: { audience: 'admin' },
    schema: { tags, summary: 'Send a message again, under its own id', params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 80 }) }), response: { 202: WebhookDeliveries } }
  }, async (request, reply) => {
    const { id: callerId, name, siteId } = callerOf(request)
    const { webhookId } = await house.db.write((trx) => replayDelivery(trx, house, { id: request.params.id, siteId }, { id: callerId, name }))
    return reply.status(202).send({ deliveries: await theDeliveries(siteId, webhookId) })
  })

  async function theWebhook (siteId: string, id: string): Promise<Webhook> {
    const webhook = (await findWebhooks(house, siteId)).find((one) => one.id === id)
    if (webhook === undefined) throw new Problem('notFound')
    return webhook
  }

  async function theDeliveries (siteId: string, id: string): Promise<WebhookDeliveries['deliveries']> {
    const deliveries = await findDeliveries(house, id, siteId)
    if (deliveries === null) throw new Problem('notFound')
    return deliveries
  }
}
