import { InsightBatteries, Insights, InsightsFileQuery, InsightsQuery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { findBatteries } from './batteries.ts'
import { insightFile } from './file.ts'
import { findInsights } from './queries.ts'

export function insightRoutes (app: App, house: House): void {
  const tags = ['insights']

  app.get('/api/v1/insights', { config: { audience: 'operator' }, schema: { tags, summary: 'How the house is used: counts of the record, by days of the site\'s calendar; of the last 28 unless told', querystring: InsightsQuery, response: { 200: Insights } } }, (request) => findInsights(house, request.query))

  app.get('/api/v1/insights/batteries', { config: { audience: 'operator' }, schema: { tags, summary: 'Batteries as they were measured, and when they will be low', response: { 200: InsightBatteries } } }, (request) => findBatteries(house, callerOf(request).siteId))

  app.get('/api/v1/insights/csv', { config: { audience: 'operator' }, schema: { tags, summary: 'The figures behind a chart (CSV)', querystring: InsightsFileQuery } }, async (request, reply) => {
    const { name, text } = await insightFile(house, callerOf(request).siteId, request.query)
    return reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${name}"`).send(text)
  })
}
