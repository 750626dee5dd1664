/** What comes after a first factor: the person is in, or the page of the second factor. */
import { OfflineError } from '@oncekey/client'
import type { SecondFactor, SignedIn } from '@oncekey/protocol/schemas'
import { go } from '../router.svelte.ts'
import { recall, remember } from '../ui/memory.ts'
import type * as Passkeys from './passkeys.ts'
import { signedIn } from './session.svelte.ts'

/** A sign-in that waits for its second factor. It outlives a reload, in this tab only: phones drop a page while its owner looks into another app. */
export type HalfWay = { ticket: string, ways: SecondFactor[], /** Was wished at the first step. */ remember: boolean }

const ways: readonly string[] = ['totp', 'passkey', 'recoveryCode'] satisfies SecondFactor[]

/** @param remembers the person wished this browser to be remembered */
export function entered (answer: SignedIn, remembers = false): void {
  if (answer.state === 'signedIn') {
    forgetHalfWay()
    return signedIn(answer.me)
  }
  remember('halfWay', JSON.stringify({ ticket: answer.ticket, ways: answer.ways, remember: remembers } satisfies HalfWay), 'session')
  // The page that was wanted goes along.
  go('/sign-in/second' + location.search)
}

export function halfWay (): HalfWay | null {
  try {
    const kept: unknown = JSON.parse(recall('halfWay', 'session') ?? 'null')
    return isHalfWay(kept) ? kept : null
  } catch {
    return null
  }
}

export function forgetHalfWay (): void {
  remember('halfWay', null, 'session')
}

function isHalfWay (kept: unknown): kept is HalfWay {
  return typeof kept === 'object' && kept !== null && 'ticket' in kept && typeof kept.ticket === 'string' && 'ways' in kept && Array.isArray(kept.ways) && kept.ways.length > 0 &&
    kept.ways.every(way => ways.includes(way)) && 'remember' in kept && typeof kept.remember === 'boolean'
}

/** Whether a passkey could be used here: browsers want a name, not an IP address, and a safe way. */
export function passkeysWork (): boolean {
  return 'PublicKeyCredential' in globalThis && isSecureContext && !/^[\d.]+$|^\[/.test(location.hostname)
}

/** Comes when somebody uses a passkey. */
export function loadPasskeys (): Promise<typeof Passkeys> {
  // Browsers tell a file that can not be fetched by a TypeError each in its own words.
  return import('./passkeys.ts').catch((cause: unknown) => { throw new OfflineError('', { cause }) })
}
