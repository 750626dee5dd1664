import { CameraAnswer, CameraForm, CameraTried, IdParams } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { findCamera, removeCamera, setCamera } from './cameras.ts'
import { openPicture } from './pictures.ts'
import { tryCamera } from './take.ts'

export function cameraRoutes (app: App, house: House): void {
  const tags = ['cameras']
  const params = IdParams

  app.get('/api/v1/access-points/:id/camera', { config: { audience: 'operator' }, schema: { tags, summary: 'The camera at an access point, and the pictures that are kept', params, response: { 200: CameraAnswer } } }, (request) =>
    findCamera(house, callerOf(request), request.params.id))

  app.patch('/api/v1/access-points/:id/camera', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Put a camera at an access point, or set the one that is there', params, body: CameraForm, response: { 200: CameraAnswer } } }, async (request) => {
    const { id, name, siteId, role } = callerOf(request)
    await house.db.write((trx) => setCamera(trx, house, { siteId, accessPointId: request.params.id, form: request.body, actor: { id, name } }))
    return findCamera(house, { siteId, role }, request.params.id)
  })

  app.delete('/api/v1/access-points/:id/camera', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Take a camera away, with its pictures', params, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => removeCamera(trx, house, { siteId, accessPointId: request.params.id, actor: { id, name } }))
    return reply.status(204).send(null)
  })

  app.post('/api/v1/access-points/:id/camera/test', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Ask the camera for a picture now', params, response: { 200: CameraTried } } }, async (request) => {
    // Of one's own site.
    await findCamera(house, callerOf(request), request.params.id)
    const tried = await tryCamera(house, request.params.id)
    if (tried === null) throw new Problem('notFound')
    return 'fault' in tried ? { picture: null, fault: tried.fault } : { picture: tried, fault: null }
  })

  app.get('/api/v1/pictures/:id', { config: { audience: 'operator' }, schema: { tags, summary: 'A picture of a camera (JPEG or PNG); who looked is on the record', params, response: { 200: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } } }, async (request, reply) => {
    const { id, name, role, siteId } = callerOf(request)
    const { type, bytes } = await house.db.write((trx) => openPicture(trx, house, { siteId, id: request.params.id, actor: { id, name, role } }))
    return reply.type(type).send(bytes)
  })
}
