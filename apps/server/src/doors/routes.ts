import { DoorRecipient, DoorRecipientForm, DoorRecipients, IdParams } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { addRecipient, findPoint, recipientsOf, removeRecipient } from './recipients.ts'

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
    const { personId, address } = request.body
    const recipientId = await house.db.write((trx) => addRecipient(trx, house, { siteId, accessPointId: request.params.id, personId, address, actor: { id, name } }))
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
}
