import { AccessPoint, AccessPointChange, Bank, BankChange, BankForm, CompartmentsForm, DoorForm, IdParams, Places, PlacesQuery } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App, type Caller } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { addAccessPoint, removeAccessPoints, renameAccessPoint, type Measures } from './access-points.ts'
import { addBank, addCompartments, removeBank, renameBank } from './banks.ts'
import { describeAccessPoints, describePlaces } from './describe.ts'
import { importRoutes } from './import-routes.ts'
import { namesOfRange } from './range.ts'

export function sitesRoutes (app: App, house: House): void {
  const tags = ['places']

  app.get('/api/v1/places', { config: { audience: 'operator' }, schema: { tags, summary: 'The site: banks, doors, controllers', querystring: PlacesQuery, response: { 200: Places } } }, async (request) => describePlaces(house, callerOf(request).siteId, request.query.controllers !== false))

  app.post('/api/v1/banks', { config: { audience: 'operator' }, schema: { tags, summary: 'Add a bank with compartments by range', body: BankForm, response: { 201: Bank } } }, async (request, reply) => {
    const { siteId, ...caller } = callerOf(request)
    const names = namesOfRange(request.body.range)
    const bankId = await house.db.write(async (trx) => {
      const bankId = await addBank(trx, house, { siteId, name: request.body.name.trim(), range: request.body.range }, named(caller))
      await addCompartments(trx, house, { siteId, bankId, names, measures: () => measuresOf(request.body) }, named(caller))
      return bankId
    })
    return reply.status(201).send(await oneBank(siteId, bankId))
  })

  app.patch('/api/v1/banks/:id', { config: { audience: 'operator' }, schema: { tags, summary: 'Give a bank another name', params: IdParams, body: BankChange, response: { 200: Bank } } }, async (request) => {
    const { siteId, ...caller } = callerOf(request)
    await house.db.write((trx) => renameBank(trx, house, { siteId, id: request.params.id, ...request.body, name: request.body.name.trim() }, named(caller)))
    return oneBank(siteId, request.params.id)
  })

  app.delete('/api/v1/banks/:id', { config: { audience: 'operator', needsProof: true }, schema: { tags, summary: 'Remove a bank with its compartments; their codes and grants end', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { siteId, ...caller } = callerOf(request)
    await house.db.write((trx) => removeBank(trx, house, { siteId, id: request.params.id }, named(caller)))
    return reply.status(204).send(null)
  })

  app.post('/api/v1/banks/:id/compartments', { config: { audience: 'operator' }, schema: { tags, summary: 'Add compartments to a bank by range', params: IdParams, body: CompartmentsForm, response: { 201: Bank } } }, async (request, reply) => {
    const { siteId, ...caller } = callerOf(request)
    const names = namesOfRange(request.body.range)
    await house.db.write((trx) => addCompartments(trx, house, { siteId, bankId: request.params.id, names, measures: () => measuresOf(request.body) }, named(caller)))
    return reply.status(201).send(await oneBank(siteId, request.params.id))
  })

  app.post('/api/v1/doors', { config: { audience: 'operator' }, schema: { tags, summary: 'Add a door', body: DoorForm, response: { 201: AccessPoint } } }, async (request, reply) => {
    const { siteId, ...caller } = callerOf(request)
    const id = await house.db.write((trx) => addAccessPoint(trx, house, { siteId, bankId: null, kind: 'door', name: request.body.name.trim(), controllerId: null, lock: 1 }, named(caller)))
    return reply.status(201).send(await onePoint(id))
  })

  app.patch('/api/v1/access-points/:id', { config: { audience: 'operator' }, schema: { tags, summary: 'Rename a door or compartment', params: IdParams, body: AccessPointChange, response: { 200: AccessPoint } } }, async (request) => {
    const { siteId, ...caller } = callerOf(request)
    await house.db.write((trx) => renameAccessPoint(trx, house, { siteId, id: request.params.id, ...request.body, name: request.body.name.trim() }, named(caller)))
    return onePoint(request.params.id)
  })

  app.delete('/api/v1/access-points/:id', { config: { audience: 'operator', needsProof: true }, schema: { tags, summary: 'Remove a door or compartment; its codes and grants end', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { siteId, ...caller } = callerOf(request)
    await house.db.write((trx) => removeAccessPoints(trx, house, { siteId, ids: [request.params.id] }, named(caller)))
    return reply.status(204).send(null)
  })

  void app.register(async (scope) => importRoutes(scope as App, house))

  async function oneBank (siteId: string, id: string): Promise<Bank> {
    const bank = await house.db.read.selectFrom('banks').select(['id', 'name']).where('id', '=', id).executeTakeFirst()
    if (bank === undefined) throw new Problem('notFound')
    const points = await describeAccessPoints(house, { siteId })
    return { ...bank, accessPoints: points.filter((point) => point.bankId === id) }
  }

  async function onePoint (id: string): Promise<AccessPoint> {
    const [point] = await describeAccessPoints(house, { ids: [id] })
    if (point === undefined) throw new Problem('notFound')
    return point
  }
}

function measuresOf ({ size, heightMm }: Measures): Measures {
  return { size: size?.trim(), heightMm }
}

function named ({ id, name }: Pick<Caller, 'id' | 'name'>): { id: string, name: string } {
  return { id, name }
}
