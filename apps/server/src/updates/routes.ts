import { GroupForm, IdParams, ImageKey, ImageKeyForm, RolloutAnswer, RolloutForm, UpdatesAnswer } from '@oncekey/protocol/schemas'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { advanceRollouts } from './advance.ts'
import { describeRollout, describeUpdates } from './describe.ts'
import { setGroup } from './group.ts'
import { removeKey, trustKey } from './keys.ts'
import { endRollout, haltRollout, resumeRollout, startRollout } from './rollouts.ts'
import { servePart } from './serve.ts'
import { removeImage, uploadImage } from './upload.ts'

/** The largest image and its head. */
const MOST_BYTES = 67_108_864 + 4096

const tags = ['updates']
const nothing = { 204: Type.Null() }

/** Signed programs for controllers, and their way there. */
export function updateRoutes (app: App, house: House): void {
  app.get('/api/v1/updates', {
    config: { audience: 'operator' }, schema: { tags, summary: 'Images, roll-outs and what each controller runs', response: { 200: UpdatesAnswer } }
  }, (request) => describeUpdates(house, callerOf(request).siteId))

  app.post('/api/v1/updates/keys', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Take images with this key\'s signature', body: ImageKeyForm, response: { 201: ImageKey } }
  }, async (request, reply) => reply.status(201).send(await house.db.write((trx) => trustKey(trx, house, request.body, by(request)))))

  app.delete('/api/v1/updates/keys/:id', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Take no more images with this key\'s signature', params: IdParams, response: nothing }
  }, async (request, reply) => {
    await house.db.write((trx) => removeKey(trx, house, request.params.id, by(request)))
    return reply.status(204).send(null)
  })

  app.post('/api/v1/updates/images', {
    config: { audience: 'admin', needsProof: true }, bodyLimit: MOST_BYTES,
    schema: { tags, consumes: ['application/octet-stream'], summary: 'Upload a signed image (oncekey image sign)', response: { 201: UpdatesAnswer } }
  }, async (request, reply) => {
    await uploadImage(house, request.raw, by(request))
    return reply.status(201).send(await describeUpdates(house, callerOf(request).siteId))
  })

  app.delete('/api/v1/updates/images/:id', {
    config: { audience: 'admin' }, schema: { tags, summary: 'Forget an image', params: IdParams, response: nothing }
  }, async (request, reply) => {
    await removeImage(house, request.params.id, by(request))
    return reply.status(204).send(null)
  })

  app.post('/api/v1/updates/rollouts', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Bring an image to controllers, in stages', body: RolloutForm, response: { 201: RolloutAnswer } }
  }, async (request, reply) => {
    const id = await house.db.write((trx) => startRollout(trx, house, request.body, by(request)))
    await advanceRollouts(house)
    return reply.status(201).send(await describeRollout(house, callerOf(request).siteId, id))
  })

  app.get('/api/v1/updates/rollouts/:id', {
    config: { audience: 'operator' }, schema: { tags, summary: 'How far a roll-out is, controller by controller', params: IdParams, response: { 200: RolloutAnswer } }
  }, (request) => describeRollout(house, callerOf(request).siteId, request.params.id))

  app.post('/api/v1/updates/rollouts/:id/halt', {
    config: { audience: 'operator' }, schema: { tags, summary: 'Begin with no more controllers', params: IdParams, response: nothing }
  }, async (request, reply) => {
    await house.db.write((trx) => haltRollout(trx, house, request.params.id, by(request)))
    return reply.status(204).send(null)
  })

  app.post('/api/v1/updates/rollouts/:id/resume', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Go on with a roll-out that was halted', params: IdParams, response: nothing }
  }, async (request, reply) => {
    await house.db.write((trx) => resumeRollout(trx, house, request.params.id, by(request)))
    await advanceRollouts(house)
    return reply.status(204).send(null)
  })

  app.post('/api/v1/updates/rollouts/:id/end', {
    config: { audience: 'admin' }, schema: { tags, summary: 'End a roll-out for good', params: IdParams, response: nothing }
  }, async (request, reply) => {
    await house.db.write((trx) => endRollout(trx, house, request.params.id, by(request)))
    return reply.status(204).send(null)
  })

  app.patch('/api/v1/controllers/:id/group', {
    config: { audience: 'operator' }, schema: { tags, summary: 'Put a controller into a group by which roll-outs go', params: IdParams, body: GroupForm, response: nothing }
  }, async (request, reply) => {
    await house.db.write((trx) => setGroup(trx, house, { controllerId: request.params.id, group: request.body.group, ...by(request) }))
    return reply.status(204).send(null)
  })

  app.get('/api/v1/controllers/:id/image', {
    config: { audience: 'everybody' },
    schema: { tags: ['controllers'], summary: 'What is offered to this controller, in ranges, by the token of that offer', params: IdParams }
  }, async (request, reply) => {
    const token = /^Bearer ([\w-]{43})$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const { from, to, size, stream, isWhole } = await servePart(house, request.params.id, token, request.headers.range)
    void reply.header('accept-ranges', 'bytes').header('content-length', String(to - from)).type('application/octet-stream')
    if (!isWhole) void reply.status(206).header('content-range', `bytes ${from}-${to - 1}/${size}`)
    return reply.send(stream)
  })
}

function by (request: FastifyRequest): { siteId: string, actor: Named } {
  const { id, name, siteId } = callerOf(request)
  return { siteId, actor: { id, name } }
}
