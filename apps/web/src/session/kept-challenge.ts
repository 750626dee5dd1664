/**
 * A code that was asked for and is not typed yet. It outlives a reload of its page, in this tab only: whoever has the
 * challenge may answer it, but not without the code. Passwords are never kept.
 */
import type { ChallengePurpose, ChallengeStarted } from '@oncekey/protocol/schemas'
import { recall, remember } from '../ui/memory.ts'

export type KeptChallenge = ChallengeStarted & {
  /** What the form said, by field, to fill it again. */
  typed: Readonly<Record<string, string>>
  /** When the answer came, by this machine's clock. */
  receivedAt: number
  /** After a wrong code; null before. */
  triesLeft: number | null
}

/** Null: none waits, or it has expired meanwhile. */
export function recallChallenge (purpose: ChallengePurpose): KeptChallenge | null {
  const kept = revive(recall(`challenge.${purpose}`, 'session'), Date.now())
  if (kept === null) keepChallenge(purpose, null)
  return kept
}

/** Null forgets. */
export function keepChallenge (purpose: ChallengePurpose, kept: KeptChallenge | null): void {
  remember(`challenge.${purpose}`, kept && JSON.stringify(kept), 'session')
}

/** The server's present moment, though it told its time only when the code was sent. */
export function presentOf ({ sentAt, receivedAt }: Pick<KeptChallenge, 'sentAt' | 'receivedAt'>, here: number): number {
  return sentAt + here - receivedAt
}

/** @param text as it was kept @param here this machine's clock @returns null for anything that is of no use any more */
export function revive (text: string | null, here: number): KeptChallenge | null {
  try {
    const kept: unknown = JSON.parse(text ?? 'null')
    return isKept(kept) && presentOf(kept, here) < kept.expiresAt && kept.triesLeft !== 0 ? kept : null
  } catch {
    return null
  }
}

function isKept (kept: unknown): kept is KeptChallenge {
  const numbers = ['digits', 'sentAt', 'expiresAt', 'mayResendAt', 'receivedAt']
  return typeof kept === 'object' && kept !== null && numbers.every(name => Number.isFinite(Reflect.get(kept, name))) &&
    'challenge' in kept && typeof kept.challenge === 'string' && 'typed' in kept && typeof kept.typed === 'object' && kept.typed !== null &&
    'triesLeft' in kept && (kept.triesLeft === null || typeof kept.triesLeft === 'number')
}

/** The digits of what was typed or pasted: blanks, hyphens and wide digits are people's and keyboards' ways to write a code. */
export function digitsOf (typed: string): string {
  return typed.normalize('NFKC').replace(/\D/g, '')
}
