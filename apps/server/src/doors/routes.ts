import { DoorCodes, DoorCodesQuery, DoorDecision, DoorMode, DoorModeForm, DoorRecipient, DoorRecipientForm, DoorRecipients, IdParams } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { doorCodesOf } from './codes.ts'
import { cancelDoorCode, decide } from './decide.ts'
import { changeDoorMode, doorModeOf } from './mode.ts'
import { addRecipient, findPoint, recipientsOf, removeRecipient } from './recipients.ts'
import { stopRoutes } from './stop.ts'

export function doorRoutes (app: App, house: House): void {
  const tags = ['access points']

  app.get('/api/v1/access-points/:id/recipients', {
    config: { audience: 'operator' },
    schema: { tags, summary: 'Who is sent the codes that are asked for at this door', params: IdParams, response: { 200: DoorRecipients } }
  }, async (request) => {
    const { id } = await findPoint({ sql: house.db.read }, callerOf(request).siteId, request.params.id)
    return { recipients: await recipientsOf(house.db.read, id) }
  })

  app.post('/api/v1/access-points/:id/recipients', {
    config: { audience: 'operator' },
    schema: { tags, summary: 'Have the codes of this door sent to somebody, too', params: IdParams, body: DoorRecipientForm, response: { 201: DoorRecipient } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    const { personId, address, language } = request.body
    const recipientId = await house.db.write((trx) => addRecipient(trx, house, { siteId, accessPointId: request.params.id, personId, address, language, actor: { id, name } }))
    const recipient = (await recipientsOf(house.db.read, request.params.id)).find((one) => one.id === recipientId)
    if (recipient === undefined) throw new Problem('notFound')
    return reply.status(201).send(recipient)
  })

  app.delete('/api/v1/door-recipients/:id', {
    config: { audience: 'operator' },
    schema: { tags, summary: 'Send the codes of this door to somebody no longer', params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => removeRecipient(trx, house, { siteId, recipientId: request.params.id, actor: { id, name } }))
    return reply.status(204).send(null)
  })

  app.get('/api/v1/access-points/:id/door-mode', {
    config: { audience: 'operator' },
    schema: { tags, summary: 'What asking for a code at this door leads to', params: IdParams, response: { 200: DoorMode } }
  }, (request) => house.db.write((trx) => doorModeOf(trx, callerOf(request).siteId, request.params.id), { beside: [] }))

  app.patch('/api/v1/access-points/:id/door-mode', {
    config: { audience: 'admin', needsProof: true },
    schema: { tags, summary: 'Let people ask for a code at this door, or no longer', params: IdParams, body: DoorModeForm, response: { 200: DoorMode } }
  }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    return house.db.write(async (trx) => {
      await changeDoorMode(trx, house, { ...request.body, siteId, accessPointId: request.params.id, actor: { id, name } })
      return doorModeOf(trx, siteId, request.params.id)
    })
  })

  app.get('/api/v1/door-codes', {
    config: { audience: 'member' },
    schema: { tags, summary: 'Codes that were asked for at doors, with what became of their messages, and requests that wait for a yes', querystring: DoorCodesQuery, response: { 200: DoorCodes } }
  }, async (request) => ({ codes: await doorCodesOf(house, callerOf(request), request.query.accessPointId) }))

  app.post('/api/v1/door-codes/:id/decision', {
    config: { audience: 'member', needsProof: true },
    schema: { tags, summary: 'Say yes or no to somebody who asks at a door', params: IdParams, body: DoorDecision, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, role, siteId } = callerOf(request)
    await house.db.write((trx) => decide(trx, house, { siteId, codeId: request.params.id, approve: request.body.approve, actor: { id, name, role } }))
    return reply.status(204).send(null)
  })

  app.delete('/api/v1/door-codes/:id', {
    config: { audience: 'operator' },
    schema: { tags, summary: 'End a code that was asked for at a door, or the request for one; harmless when it has ended', params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => cancelDoorCode(trx, house, { siteId, codeId: request.params.id, actor: { id, name } }))
    return reply.status(204).send(null)
  })

  stopRoutes(app, house)
}
