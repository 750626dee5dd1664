import { Live, LiveQuery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { feedRoute } from './feed.ts'
import { findLive } from './queries.ts'

export function liveRoutes (app: App, house: House): void {
  house.audit.onCommitted((row) => { house.feed.publish({ kind: 'audit', row }) })

  app.get('/api/v1/live', {
    config: { audience: 'operator' },
    schema: { tags: ['live'], summary: 'Numbers of the moment and the state of every access point', querystring: LiveQuery, response: { 200: Live } }
  }, (request) => findLive(house, callerOf(request).siteId, request.query.states !== false))

  feedRoute(app, house)
}
