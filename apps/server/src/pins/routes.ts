import { IdParams, OfflinePinsForm, PinForm, PinMade, PinsAnswer } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { setPinLease } from './lend.ts'
import { makePin, pinsOf, revokePin } from './pins.ts'

export function pinRoutes (app: App, house: House): void {
  app.get('/api/v1/access-points/:id/pins', {
    config: { audience: 'operator' },
    schema: { tags: ['access points'], summary: 'The standing pins of a door or compartment, without their digits', params: IdParams, response: { 200: PinsAnswer } }
  }, (request) => house.db.write((trx) => pinsOf(trx, house, callerOf(request).siteId, request.params.id), { beside: [] }))

  app.post('/api/v1/access-points/:id/pins', {
    config: { audience: 'operator', needsProof: true },
    schema: { tags: ['access points'], summary: 'Make a pin that opens again and again; its digits are in the answer and never again', params: IdParams, body: PinForm, response: { 201: PinMade } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    const made = await house.db.write((trx) => makePin(trx, house, { siteId, accessPointId: request.params.id, ...request.body, actor: { id, name } }))
    return reply.status(201).send(made)
  })

  app.delete('/api/v1/pins/:id', {
    config: { audience: 'operator' },
    schema: { tags: ['access points'], summary: 'End a pin; harmless when it has ended', params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => revokePin(trx, house, { siteId, pinId: request.params.id, actor: { id, name } }))
    return reply.status(204).send(null)
  })

  app.patch('/api/v1/controllers/:id/offline-pins', {
    config: { audience: 'admin', needsProof: true },
    schema: { tags: ['controllers'], summary: 'Whether known pins also open without a network, and for how many days', params: IdParams, body: OfflinePinsForm, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => setPinLease(trx, house, { siteId, controllerId: request.params.id, days: request.body.days, actor: { id, name } }))
    return reply.status(204).send(null)
  })
}
