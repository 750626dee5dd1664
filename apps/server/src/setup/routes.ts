import { Me, SetupForm, SetupState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { visitorOf, welcome } from '../sessions/visit.ts'
import type { App } from '../platform/http.ts'
import { offered } from '../providers/issuer.ts'
import { countTries, networkOf } from '../platform/tries.ts'
import { restoreRoutes } from './restore-routes.ts'
import { setUp } from './set-up.ts'

/** The first run: one form, or a backup of an earlier installation. */
export function setupRoutes (app: App, house: House): void {
  const tags = ['setup']
  const tries = countTries({ most: 30, windowMs: 600_000, clock: house.clock })

  app.get('/api/v1/setup', { config: { audience: 'everybody' }, schema: { tags, summary: 'Whether the first run is still to come, and who is signed in', response: { 200: SetupState } } }, async ({ caller }) => {
    const owner = await house.db.read.selectFrom('people').select('id').where('role', '=', 'owner').limit(1).executeTakeFirst()
    return { needed: owner === undefined, version: house.version, me: caller?.me ?? null, provider: offered(house) }
  })

  app.post('/api/v1/setup', { config: { audience: 'everybody' }, schema: { tags, summary: 'The one form of the first run, by the link in the log; signs the owner in', body: SetupForm, response: { 201: Me } } }, async (request, reply) => {
    tries.take(networkOf(request.ip))
    return reply.status(201).send(welcome(house, request, reply, await setUp(house, request.body, visitorOf(house, request))))
  })

  restoreRoutes(app, house, tries)
}
