import type { Grant } from '@oncekey/protocol/schemas'
import { named, pieces, type Piece, type Say } from '../audit/sentence.ts'

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
