import { ClaimForm, CommissioningAnswer, CommissioningForm, Controller, IdParams, OfflineCodesForm, PoliciesForm, RemoteAnswer, RemoteForm, ReplaceForm, Simulation } from '@oncekey/protocol/schemas'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { clearLockout } from './clear.ts'
import { giveCommand, outcomeOf, type CommandOrder } from './commands.ts'
import { claimController } from './commission.ts'
import { describeControllers } from './describe.ts'
import { findSimulation } from './queries.ts'
import { allowOffline } from './offline.ts'
import { setPolicies } from './set-policies.ts'
import { removeController } from './remove.ts'
import { replaceController } from './replace.ts'
import { findWaiting, present } from './waiting.ts'

const tags = ['controllers']

export function controllerRoutes (app: App, house: House): void {
  app.post('/api/v1/commissioning', {
    config: { audience: 'everybody' },
    schema: { tags, summary: 'A controller presents itself until somebody claims it', body: CommissioningForm, response: { 200: CommissioningAnswer } }
  }, (request) => present(house, request.body, { address: request.ip, isPrivate: isPrivate(request, house.config.publicUrl) }))

  app.post('/api/v1/controllers/claim', {
    config: { audience: 'admin' },
    schema: { tags, summary: 'Make the controller ours that shows this claim code', body: ClaimForm, response: { 201: Controller } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    const waiting = findWaiting(house, request.body.claimCode, id)
    const controllerId = await house.db.write((trx) => claimController(trx, house, waiting, request.body, { siteId, actor: { id, name } }))
    const [controller] = await describeControllers(house, siteId, controllerId)
    if (controller === undefined) throw new Problem('notFound')
    return reply.status(201).send(controller)
  })

  app.get('/api/v1/controllers/:id', {
    config: { audience: 'operator' },
    schema: { tags, summary: 'One controller: its connection, program, battery and keypad', params: IdParams, response: { 200: Controller } }
  }, async (request) => {
    const [controller] = await describeControllers(house, callerOf(request).siteId, request.params.id)
    if (controller === undefined) throw new Problem('notFound')
    return controller
  })

  app.get('/api/v1/controllers/:id/simulation', {
    config: { audience: 'admin' },
    schema: { tags, summary: 'What a door without hardware needs, on a demonstration site', params: IdParams, response: { 200: Simulation } }
  }, (request) => findSimulation(house, request.params.id, callerOf(request).siteId))

  app.post('/api/v1/controllers/:id/clear-lockout', {
    config: { audience: 'operator' },
    schema: { tags, summary: 'End the lockout of a keypad, with a reason', params: IdParams, body: RemoteForm, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => clearLockout(trx, house, { siteId, controllerId: request.params.id, why: request.body.reason, askedBy: { id, name } }))
    return reply.status(204).send(null)
  })

  app.patch('/api/v1/controllers/:id/offline-codes', {
    config: { audience: 'admin' },
    schema: { tags, summary: 'Whether a controller checks codes without a network, and with which clock', params: IdParams, body: OfflineCodesForm, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => allowOffline(trx, house, { siteId, controllerId: request.params.id, clock: request.body.clock, actor: { id, name } }))
    return reply.status(204).send(null)
  })

  app.patch('/api/v1/controllers/:id/policies', {
    // With a bound that is above what its battery has, a lock that fails safe unlocks: that is unlocking from afar.
    config: { audience: 'admin', needsProof: ({ body }) => (body as PoliciesForm).failSafeLocks.length > 0 },
    schema: { tags, summary: 'What a controller does about its doors and its battery', params: IdParams, body: PoliciesForm, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    const { before, ...policies } = request.body
    await house.db.write((trx) => setPolicies(trx, house, { siteId, controllerId: request.params.id, policies, before, actor: { id, name } }))
    return reply.status(204).send(null)
  })

  app.post('/api/v1/controllers/:id/replace', {
    config: { audience: 'admin', needsProof: true },
    schema: { tags, summary: 'Put the box that shows this claim code in the place of another', params: IdParams, body: ReplaceForm, response: { 200: Controller } }
  }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    if ((await describeControllers(house, siteId, request.params.id)).length === 0) throw new Problem('notFound')
    const waiting = findWaiting(house, request.body.claimCode, id)
    await house.db.write((trx) => replaceController(trx, house, waiting, { siteId, controllerId: request.params.id, actor: { id, name } }))
    const [controller] = await describeControllers(house, siteId, request.params.id)
    if (controller === undefined) throw new Problem('notFound')
    return controller
  })

  app.delete('/api/v1/controllers/:id', {
    config: { audience: 'admin', needsProof: true },
    schema: { tags, summary: 'Take a controller out of service', params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => removeController(trx, house, { siteId, controllerId: request.params.id, actor: { id, name } }))
    return reply.status(204).send(null)
  })

  for (const op of ['unlock', 'lock'] as const) {
    app.post(`/api/v1/access-points/:id/${op}`, {
      config: { audience: 'operator', ...op === 'unlock' && { needsProof: true as const } },
      schema: {
        tags: ['access points'], summary: `${op === 'unlock' ? 'Unlock' : 'Lock'} from afar, with a reason; answers what was measured`,
        params: IdParams, body: RemoteForm, response: { 200: RemoteAnswer }
      }
    }, async (request) => {
      const { id, name, siteId } = callerOf(request)
      // Fastify knows a parameter's name only from a literal path.
      const accessPointId = (request.params as { id: string }).id
      const order: CommandOrder = { siteId, accessPointId, op, why: (request.body as { reason: string }).reason, askedBy: { id, name } }
      const given = await house.db.write((trx) => giveCommand(trx, house, order))
      return outcomeOf(house, given)
    })
  }
}

/** Whether nobody on the way could read the request. A proxy on this machine makes every caller look local, so its mark counts. */
function isPrivate (request: FastifyRequest, publicUrl: string | null): boolean {
  if (request.protocol === 'https' || publicUrl?.startsWith('https:') === true) return true
  const isForwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined
  return !isForwarded && ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.ip)
}
