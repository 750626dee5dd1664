import { HomeAssistantAllow, HomeAssistantForm, HomeAssistantState, HomeAssistantTest, IdParams } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { allowCommands, changeHomeAssistant, describeHomeAssistant } from './settings.ts'
import { tryHomeAssistant } from './try.ts'

export function homeAssistantRoutes (app: App, house: House): void {
  const tags = ['home assistant']

  app.get('/api/v1/home-assistant', {
    config: { audience: 'admin' }, schema: { tags, summary: 'The connection to Home Assistant, and what may be commanded from there', response: { 200: HomeAssistantState } }
  }, (request) => describeHomeAssistant(house, callerOf(request).siteId))

  app.patch('/api/v1/home-assistant', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Name the broker that Home Assistant listens to; switch the connection on or off', body: HomeAssistantForm, response: { 200: HomeAssistantState } }
  }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => changeHomeAssistant(trx, house, siteId, request.body, { id, name }))
    return describeHomeAssistant(house, siteId)
  })

  app.post('/api/v1/home-assistant/test', {
    config: { audience: 'admin' }, schema: { tags, summary: 'Try the settings, with a connection of its own: how far it came', response: { 200: HomeAssistantTest } }
  }, (request) => tryHomeAssistant(house, callerOf(request).siteId))

  app.patch('/api/v1/access-points/:id/home-assistant', {
    // Whoever allows it lets another program unlock from afar.
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Whether Home Assistant may lock and unlock it, in the name of whoever allows it', params: IdParams, body: HomeAssistantAllow, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => allowCommands(trx, house, { siteId, accessPointId: request.params.id, isAllowed: request.body.isAllowed }, { id, name }))
    return reply.status(204).send(null)
  })
}
