import { IdParams, StandingOrderEnd, StandingOrderForm, StandingOrders } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, isAtLeast, type App } from '../platform/http.ts'
import { describeOrders } from './describe.ts'
import { endOrder, giveOrder } from './give.ts'

export function standingOrderRoutes (app: App, house: House): void {
  const tags = ['standing orders']

  app.get('/api/v1/standing-orders', { config: { audience: 'operator' }, schema: { tags, summary: 'Holds, lockdowns and evacuations that stand, with who has not heard of them', response: { 200: StandingOrders } } },
    async (request) => ({ orders: await describeOrders(house, callerOf(request).siteId) }))

  app.post('/api/v1/standing-orders', { config: { audience: 'operator', needsProof: true }, schema: { tags, summary: 'Hold, lock down or evacuate, with a reason', body: StandingOrderForm, response: { 201: StandingOrders } } }, async (request, reply) => {
    const { siteId, id, name } = callerOf(request)
    await house.db.write((trx) => giveOrder(trx, house, { ...request.body, reason: request.body.reason.trim() }, { siteId, actor: { id, name } }))
    return reply.status(201).send({ orders: await describeOrders(house, siteId) })
  })

  app.post('/api/v1/standing-orders/:id/end', { config: { audience: 'operator', needsProof: true }, schema: { tags, summary: 'End an order that stands, with a reason; a lockdown or an evacuation as an administrator', params: IdParams, body: StandingOrderEnd, response: { 200: StandingOrders } } }, async (request) => {
    const { siteId, id, name, role } = callerOf(request)
    await house.db.write((trx) => endOrder(trx, house, { siteId, id: request.params.id, reason: request.body.reason.trim(), mayEndAll: isAtLeast(role, 'admin'), actor: { id, name } }))
    return { orders: await describeOrders(house, siteId) }
  })
}
