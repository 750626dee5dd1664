import type { BatteryForecast } from '@oncekey/protocol/schemas'

export type Measured = { day: number, millivolts: number }

/** Fewer days say nothing about weeks to come. */
const LEAST_DAYS = 7
/** Of the newest ones: cells fall in another way when they are full than when they are nearly empty. */
const MOST_DAYS = 60
/** Controllers tell voltages in such steps, so that not every flicker is a message; see packages/controller/src/report.ts. */
const STEP_MILLIVOLTS = 50
/** From one day to the next: nobody but a new or charged battery. */
const RISE_MILLIVOLTS = 150
/** Nobody plans so far ahead, and no line of a battery holds for so long. */
const FARTHEST_DAYS = 730

/** Two-sided 95 % points of Student's distribution, for 5 and more degrees of freedom: what is between is the lower one's. */
const STUDENT: readonly (readonly [number, number])[] = [[5, 2.571], [6, 2.447], [7, 2.365], [8, 2.306], [10, 2.228], [12, 2.179], [15, 2.131], [20, 2.086], [30, 2.042], [60, 2.0]]

/**
 * When a battery will be at its bound, if it goes on as it did: a line through the days since it was new or charged, and
 * the days between which that line is at its bound with 95 %. Voltage is not charge, so this is a hint when to go there, no promise.
 * @param days a mean for each, in order; some may be missing
 */
export function forecast (days: readonly Measured[], lowMillivolts: number): BatteryForecast {
  const since = sinceRise(days).slice(-MOST_DAYS)
  const last = since.at(-1)
  if (lowMillivolts === 0) return { is: 'noBound' }
  if (last !== undefined && last.millivolts <= lowMillivolts) return { is: 'low' }
  const first = since[0]
  if (last === undefined || first === undefined || since.length < LEAST_DAYS || last.day - first.day < LEAST_DAYS - 1) return { is: 'notEnough', days: since.length, of: LEAST_DAYS }
  const { slope, level, doubt } = lineThrough(since)
  const t = STUDENT.findLast(([freedom]) => freedom <= since.length - 2)?.[1] ?? 2.571
  /** The first day from the last measured one on which the line, or an edge of what its points bear, is at the bound. */
  const reaches = (edge: number): number | null => {
    for (let day = last.day; day <= last.day + 2 * FARTHEST_DAYS; day++) if (level(day) + edge * t * doubt(day) <= lowMillivolts) return day
    return null
  }
  const [earliest, on, latest] = [reaches(-1), reaches(0), reaches(1)]
  // Its points bear a line that does not fall, or not within years: they say nothing of an end.
  if (earliest === null || on === null || latest === null || on - last.day > FARTHEST_DAYS) return { is: 'steady' }
  return { is: 'falls', perDay: Math.round(-slope * 10) / 10, on, earliest, latest }
}

function sinceRise (days: readonly Measured[]): readonly Measured[] {
  const rise = days.findLastIndex((one, i) => i > 0 && one.millivolts - (days[i - 1]?.millivolts ?? one.millivolts) > RISE_MILLIVOLTS)
  return rise < 0 ? days : days.slice(rise)
}

/** Least squares; `doubt`: the standard error of where the line is on a day, which grows with the distance from what was measured. */
function lineThrough (points: readonly Measured[]): { slope: number, level: (day: number) => number, doubt: (day: number) => number } {
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
  const [x, y] = [mean(points.map((one) => one.day)), mean(points.map((one) => one.millivolts))]
  const spread = points.reduce((sum, one) => sum + (one.day - x) ** 2, 0)
  const slope = points.reduce((sum, one) => sum + (one.day - x) * (one.millivolts - y), 0) / spread
  const level = (day: number): number => y + slope * (day - x)
  // To round to steps is a variance of a twelfth of a step's square by itself: points on one line are no proof that it is exact.
  const rest = Math.max(points.length * STEP_MILLIVOLTS ** 2 / 12, points.reduce((sum, one) => sum + (one.millivolts - level(one.day)) ** 2, 0))
  const deviation = Math.sqrt(rest / (points.length - 2))
  return { slope, level, doubt: (day) => deviation * Math.sqrt(1 / points.length + (day - x) ** 2 / spread) }
}
