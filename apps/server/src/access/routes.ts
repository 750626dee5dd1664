import { HoldersPage, HoldersQuery, PointsPage, PointsQuery, WhyAnswer, WhyQuery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { explainAccess, holdersOf, pointsOf } from './why.ts'

export function accessRoutes (app: App, house: House): void {
  const tags = ['grants']

  app.get('/api/v1/access/why', { config: { audience: 'operator' }, schema: { tags, summary: 'Would this person open this at that moment, and why, or why not', querystring: WhyQuery, response: { 200: WhyAnswer } } }, (request) => explainAccess(house, callerOf(request).siteId, request.query))

  app.get('/api/v1/access/holders', { config: { audience: 'operator' }, schema: { tags, summary: 'Who can open this access point, at that moment or at others', querystring: HoldersQuery, response: { 200: HoldersPage } } }, (request) => holdersOf(house, callerOf(request).siteId, request.query))

  app.get('/api/v1/access/points', { config: { audience: 'operator' }, schema: { tags, summary: 'What a person can open, at that moment or at others', querystring: PointsQuery, response: { 200: PointsPage } } }, (request) => pointsOf(house, callerOf(request).siteId, request.query))
}
