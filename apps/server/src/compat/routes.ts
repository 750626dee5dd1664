import { CompatChange, CompatState, CompatTokenForm, CompatTokenMade, IdParams } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { compatState, switchCompat } from './state.ts'
import { makeCompatToken, revokeCompatToken } from './tokens.ts'
import { phoneProgramRoutes } from './phone-routes.ts'
import { oldProgramRoutes } from './old-programs.ts'

export function compatRoutes (app: App, house: House): void {
  const tags = ['compat']

  app.get('/api/v1/compat', {
    config: { audience: 'admin' },
    schema: { tags, summary: 'Whether old programs are let in, and which', response: { 200: CompatState } }
  }, (request) => compatState(house, callerOf(request).siteId))

  app.patch('/api/v1/compat', {
    config: { audience: 'admin', needsProof: true },
    schema: { tags, summary: 'Let old programs in, or none of them', body: CompatChange, response: { 200: CompatState } }
  }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => switchCompat(trx, house, request.body.on, { id, name }))
    return compatState(house, siteId)
  })

  app.post('/api/v1/compat/tokens', {
    config: { audience: 'admin', needsProof: true },
    schema: { tags, summary: 'Let an old program drive an access point; its token is in this answer only', body: CompatTokenForm, response: { 201: CompatTokenMade } }
  }, async (request, reply) => {
    const { id: callerId, name, siteId } = callerOf(request)
    const { id, token } = await house.db.write((trx) => makeCompatToken(trx, house, request.body, { siteId, actor: { id: callerId, name } }))
    const compatToken = (await compatState(house, siteId)).tokens.find((one) => one.id === id)
    if (compatToken === undefined) throw new Problem('notFound')
    return reply.status(201).send({ compatToken, token, path: `/compat/${token}` })
  })

  app.delete('/api/v1/compat/tokens/:id', {
    config: { audience: 'admin' },
    schema: { tags, summary: 'Revoke the token of an old program; harmless when it is', params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => revokeCompatToken(trx, house, { siteId, id: request.params.id, actor: { id, name } }))
    return reply.status(204).send(null)
  })

  oldProgramRoutes(app, house)
  phoneProgramRoutes(app, house)
}
