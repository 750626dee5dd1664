import { ContactForm } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { countTries, networkOf } from '../platform/tries.ts'
import { askSupport } from './ask.ts'

export function supportRoutes (app: App, house: House): void {
  const tries = countTries({ most: 5, windowMs: 3_600_000, clock: house.clock })

  app.post('/api/v1/contact', { config: { audience: 'everybody' }, schema: { tags: ['support'], summary: 'Ask the administrators something', body: ContactForm, response: { 204: Type.Null() } } }, async (request, reply) => {
    tries.take(networkOf(request.ip))
    const { caller } = request
    await house.db.write((trx) => askSupport(trx, house, request.body, caller === null ? null : { id: caller.id, name: caller.name }))
    return reply.status(204).send(null)
  })
}
