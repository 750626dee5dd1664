import { GuardFigures, GuardFiguresQuery, GuardLift, GuardSettings, GuardSettingsChange, GuardState, IdParams } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { liftBlock } from './blocks.ts'
import { findFigures } from './figures.ts'
import { findGuard } from './queries.ts'
import { changeGuard } from './settings.ts'

export function guardRoutes (app: App, house: House): void {
  const tags = ['guard']

  app.get('/api/v1/guard', { config: { audience: 'operator' }, schema: { tags, summary: 'The fraud guard: settings, blocks with their reasons, what went out today', response: { 200: GuardState } } }, () => findGuard(house))

  app.get('/api/v1/guard/figures', { config: { audience: 'operator' }, schema: { tags, summary: 'Messages that were sent, typed in and refused, by hour or day; of the last 24 hours unless told', querystring: GuardFiguresQuery, response: { 200: GuardFigures } } }, (request) => findFigures(house, request.query))

  app.patch('/api/v1/guard/settings', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Countries, caps and costs', body: GuardSettingsChange, response: { 200: GuardSettings } } }, (request) =>
    house.db.write((trx) => changeGuard(trx, house, request.body, callerOf(request))))

  app.post('/api/v1/guard/blocks/:id/lift', { config: { audience: 'operator' }, schema: { tags, summary: 'Lift a block: its allowance begins anew', params: IdParams, body: GuardLift } }, async (request, reply) => {
    await house.db.write((trx) => liftBlock(trx, house, { id: request.params.id, reason: request.body.reason }, callerOf(request)))
    return reply.status(204).send()
  })
}
