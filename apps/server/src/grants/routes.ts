import { GrantForm, GrantsAnswer, Holiday, HolidayForm, HolidaysAnswer, Id, IdParams } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { endGrant } from './end.ts'
import { giveGrants } from './give.ts'
import { addHoliday, findHolidays, removeHoliday } from './holidays.ts'
import { findGrants } from './queries.ts'

const GrantsQuery = Type.Object({ personId: Type.Optional(Id), accessPointId: Type.Optional(Id) })

export function grantsRoutes (app: App, house: House): void {
  const tags = ['grants']

  app.get('/api/v1/grants', { config: { audience: 'operator' }, schema: { tags, summary: 'Who may open what', querystring: GrantsQuery, response: { 200: GrantsAnswer } } }, async (request) => ({
    grants: await findGrants(house, callerOf(request).siteId, request.query)
  }))

  app.post('/api/v1/grants', { config: { audience: 'operator' }, schema: { tags, summary: 'Give a person access', body: GrantForm, response: { 201: GrantsAnswer } } }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    const ids = await house.db.write((trx) => giveGrants(trx, house, siteId, request.body, { id, name }))
    return reply.status(201).send({ grants: await findGrants(house, siteId, { ids }) })
  })

  app.delete('/api/v1/grants/:id', { config: { audience: 'operator' }, schema: { tags, summary: 'End a grant; live codes under it end, too', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => endGrant(trx, house, siteId, request.params.id, { id, name }))
    return reply.status(204).send(null)
  })

  app.get('/api/v1/holidays', { config: { audience: 'operator' }, schema: { tags, summary: 'Dates on which schedules do not hold', response: { 200: HolidaysAnswer } } }, async (request) => ({
    holidays: await findHolidays(house, callerOf(request).siteId)
  }))

  app.post('/api/v1/holidays', { config: { audience: 'admin' }, schema: { tags, summary: 'Add a holiday', body: HolidayForm, response: { 201: Holiday } } }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    return reply.status(201).send(await house.db.write((trx) => addHoliday(trx, house, siteId, request.body, { id, name })))
  })

  app.delete('/api/v1/holidays/:id', { config: { audience: 'admin' }, schema: { tags, summary: 'Remove a holiday: schedules hold on its date again', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => removeHoliday(trx, house, siteId, request.params.id, { id, name }))
    return reply.status(204).send(null)
  })
}
