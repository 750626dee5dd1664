import type { InsightBatteries, InsightChart, Insights, InsightsQuery } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** How the house is used, for operators: apart from the client, so that only that page carries it. */
export function insightVerbs (call: Call, base: string) {
  const insights = 'api/v1/insights'
  return {
    /** Of the last 28 days unless told; days by the site's calendar, `2026-01-31`. */
    get: (query: InsightsQuery = {}) => call<Insights>('GET', insights, { query }),
    batteries: () => call<InsightBatteries>('GET', insights + '/batteries'),
    /** Where the figures behind a chart are downloaded from. */
    address: (chart: InsightChart, { from, to, days }: InsightsQuery = {}) => `${base}${insights}/csv?${new URLSearchParams({ chart, ...from !== undefined && { from }, ...to !== undefined && { to }, ...days !== undefined && { days: String(days) } })}`
  }
}
