/** How long a code made for somebody else is valid. */
export const lengths = { tenMinutes: 600_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const
export type Length = keyof typeof lengths | 'own'

/** The longest window the server allows. */
export const longestMs = lengths.week

/**
 * The window that a form means: `own` takes the two moments, the others start now and leave `validFrom` out.
 * A string names what is wrong.
 */
export function windowOf (length: Length, from: number | null, until: number | null, now: number): { validFrom?: number, expiresAt: number } | 'endNeeded' | 'past' | 'backwards' | 'tooLong' {
  if (length !== 'own') return { expiresAt: now + lengths[length] }
  if (until === null) return 'endNeeded'
  if (until <= now) return 'past'
  if (from !== null && until <= from) return 'backwards'
  if (until - Math.max(from ?? now, now) > longestMs) return 'tooLong'
  return { ...(from !== null && from > now && { validFrom: from }), expiresAt: until }
}

/** How far ahead the server lets a code begin. */
export const farthestMs = 30 * lengths.day

/** When a code that works without a network begins; its kind says when it ends. Without a start at once. */
export function startOf (from: number | null, now: number): { validFrom?: number } | 'past' | 'tooFar' {
  if (from === null) return {}
  // Half an hour is what such codes count in: what began within it begins now.
  if (from <= now - 1_800_000) return 'past'
  if (from > now + farthestMs) return 'tooFar'
  return from > now ? { validFrom: from } : {}
}
