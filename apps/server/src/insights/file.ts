import type { InsightsFileQuery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { csvOf } from '../platform/csv.ts'
import { measuredBatteries } from './batteries.ts'
import { endOf } from './latency.ts'
import { countsByDay, dateOf, openingsByHour, openingsByPoint, periodOf, weekdayOf, type Period } from './queries.ts'

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const STAGES = ['asked', 'shown', 'sent', 'typed', 'moved']

/** The figures behind a chart, by day where they have one, safe to open in a spreadsheet. */
export async function insightFile (house: House, siteId: string, { chart, ...query }: InsightsFileQuery): Promise<{ name: string, text: string }> {
  const period = await periodOf(house, query)
  return { name: `oncekey-${chart}-${dateOf(period.first)}-to-${dateOf(period.last)}.csv`, text: csvOf(await linesOf(house, siteId, chart, period)) }
}

async function linesOf (house: House, siteId: string, chart: InsightsFileQuery['chart'], period: Period): Promise<string[][]> {
  switch (chart) {
    case 'use':
      return [['day', 'weekday', 'hour', 'openings'], ...(await openingsByHour(house, period)).map(({ day, hour, openings }) => [dateOf(day), WEEKDAYS[weekdayOf(day)] ?? '', String(hour), String(openings)])]
    case 'points':
      return [['access point', 'place', 'openings', 'id'], ...(await openingsByPoint(house, period)).map(({ id, name, place, openings }) => [name, place, String(openings), id])]
    case 'refusals':
      return [['day', 'reason', 'refusals'], ...(await countsByDay(house, period)).filter(({ what }) => what.startsWith('refused:')).map(({ what, day, count }) => [dateOf(day), what.slice('refused:'.length), String(count)])]
    case 'codes':
      return [['day', 'stage', 'codes'], ...(await countsByDay(house, period)).filter(({ what }) => STAGES.includes(what)).map(({ what, day, count }) => [dateOf(day), what, String(count)])]
    case 'latency':
      return [['day', 'up to ms', 'openings'], ...(await countsByDay(house, period)).filter(({ what }) => what.startsWith('took:')).map(({ what, day, count }) => [dateOf(day), endOf(Number(what.slice('took:'.length))).toFixed(1), String(count)])]
    case 'batteries':
      return [['controller', 'day', 'millivolts', 'low at', 'id'], ...(await measuredBatteries(house, siteId)).flatMap((one) => one.days.map(({ day, millivolts }) => [one.name, dateOf(day), String(millivolts), String(one.lowMillivolts), one.controllerId]))]
  }
}
