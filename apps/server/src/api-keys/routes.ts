import { type ApiKey, ApiKeyForm, ApiKeyMade, ApiKeysAnswer, IdParams, RotateForm } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { makeApiKey } from './make.ts'
import { findApiKeys } from './queries.ts'
import { revokeApiKey } from './revoke.ts'
import { rotateApiKey } from './rotate.ts'

export function apiKeyRoutes (app: App, house: House): void {
  const tags = ['api-keys']

  app.get('/api/v1/api-keys', { config: { audience: 'admin' }, schema: { tags, summary: 'Keys of other programs, without their secrets', response: { 200: ApiKeysAnswer } } }, async (request) => ({
    apiKeys: await findApiKeys(house, callerOf(request).siteId)
  }))

  app.post('/api/v1/api-keys', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Make a key; its secret is in this answer only', body: ApiKeyForm, response: { 201: ApiKeyMade } } }, async (request, reply) => {
    const { id: callerId, name: callerName, siteId } = callerOf(request)
    const { name, scopes = ['verifications'], expiresAt = null } = request.body
    const { id, secret } = await house.db.write((trx) => makeApiKey(trx, house, { siteId, name: name.trim(), scopes, expiresAt, madeBy: { id: callerId, name: callerName } }))
    return reply.status(201).send({ apiKey: await theKey(siteId, id), secret })
  })

  app.post('/api/v1/api-keys/:id/rotate', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Give a key another secret, which is in this answer only; the one before works on for the hours of grace', params: IdParams, body: RotateForm, response: { 200: ApiKeyMade } } }, async (request) => {
    const { id: callerId, name, siteId } = callerOf(request)
    const { id } = request.params
    const { secret } = await house.db.write((trx) => rotateApiKey(trx, house, { id, siteId, graceHours: request.body.graceHours }, { id: callerId, name }))
    return { apiKey: await theKey(siteId, id), secret }
  })

  app.delete('/api/v1/api-keys/:id', { config: { audience: 'admin' }, schema: { tags, summary: 'Revoke a key; harmless when it is', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => revokeApiKey(trx, house, { id: request.params.id, siteId }, { id, name }))
    return reply.status(204).send(null)
  })

  async function theKey (siteId: string, id: string): Promise<ApiKey> {
    const apiKey = (await findApiKeys(house, siteId)).find((one) => one.id === id)
    if (apiKey === undefined) throw new Problem('notFound')
    return apiKey
  }
}
