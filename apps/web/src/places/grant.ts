import type { Bank, Grant } from '@oncekey/protocol/schemas'
import { named, pieces, type Piece, type Say } from '../audit/sentence.ts'
import { daysText, timeText } from './schedule.ts'

/** Whether a grant holds at a moment. */
export function standing (grant: Pick<Grant, 'startsAt' | 'endsAt'>, now: number): 'future' | 'valid' | 'over' {
  if (grant.endsAt !== null && grant.endsAt <= now) return 'over'
  return grant.startsAt !== null && grant.startsAt > now ? 'future' : 'valid'
}

/** A grant as a sentence: "Ana may open Bank A · A07 until 31 Dec 2026, 18:00". `when` writes a moment in words. */
export function grantSentence (grant: Grant, say: Say, when: (moment: number) => string): Piece[] {
  const start = grant.startsAt === null ? '' : when(grant.startsAt)
  const end = grant.endsAt === null ? '' : when(grant.endsAt)
  const params = { person: named(grant.personName), point: named(`${grant.place} · ${grant.accessPointName}`), start, end }
  if (start && end) return pieces(say('grant.between', params))
  if (start) return pieces(say('grant.from', params))
  return pieces(say(end ? 'grant.until' : 'grant.always', params))
}

/** At which hours and how often a grant holds: "Mon–Fri 08:00–18:00, 1 of 3 openings used"; empty when always. */
export function grantLimits ({ schedule, maxUses, uses }: Pick<Grant, 'schedule' | 'maxUses' | 'uses'>, say: Say, language: string): string {
  const hours = grantHours(schedule, say, language)
  if (maxUses !== null) hours.push(say('grant.uses', { uses, most: maxUses }))
  return hours.join(', ')
}

/** The hours of a grant, one by one: "Mon–Fri 08:00–18:00". */
export function grantHours (schedule: Grant['schedule'], say: Say, language: string): string[] {
  const hours = (schedule?.hours ?? []).map(({ days, fromMinute, toMinute }) => say('grant.hours', { days: daysText(days, language), from: timeText(fromMinute), to: timeText(toMinute) }))
  if (schedule?.alsoOnHolidays) hours.push(say('grant.holidaysToo'))
  return hours
}

/** What a group is given: banks of which everything is chosen as banks, so that it has what they get later; the rest one by one. */
export function inBanks (banks: readonly Pick<Bank, 'id' | 'accessPoints'>[], chosen: readonly string[]): { bankIds: string[], accessPointIds: string[] } {
  const whole = banks.filter(bank => bank.accessPoints.length > 1 && bank.accessPoints.every(point => chosen.includes(point.id)))
  const inside = new Set(whole.flatMap(bank => bank.accessPoints.map(point => point.id)))
  return { bankIds: whole.map(bank => bank.id), accessPointIds: chosen.filter(id => !inside.has(id)) }
}
