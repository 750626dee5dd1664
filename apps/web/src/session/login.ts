import type { ChallengePurpose } from '@oncekey/protocol/schemas'
import { keepChallenge, recallChallenge, type KeptChallenge } from './kept-challenge.ts'

/** What was typed as e-mail or user name, for the next page that asks for it. In memory only: people type passwords there. */
let login = ''

export function typedLogin (): string {
  return login
}

export function typeLogin (text: string): void {
  login = text
}

/** The challenge that waits, unless somebody else was named since. */
export function recallFor (purpose: ChallengePurpose): KeptChallenge | null {
  const kept = recallChallenge(purpose)
  const asked = kept?.typed['login'] ?? ''
  if (login.trim() === '') login = asked
  if (kept === null || login.trim() === asked) return kept
  keepChallenge(purpose, null)
  return null
}
