/** Who is signed in at this browser. */
import type { Me, SetupState } from '@oncekey/protocol/schemas'
import { client } from '../client.ts'
import { forget } from '../access/live-codes.svelte.ts'

let me = $state.raw<Me | null>(null)
let hasOwner = true
let provider = $state.raw<SetupState['provider']>(null)
let asked: Promise<void> | null = null

/** The person, or null while nobody is signed in (or nobody has asked yet). */
export function who (): Me | null {
  return me
}

/** Operators, administrators and owners see the house; members see their own doors. */
export function isOperator (person: Me | null = me): boolean {
  return person !== null && person.role !== 'member'
}

/** Administrators and owners decide what holds for the whole site. */
export function isAdmin (person: Me | null = me): boolean {
  return person?.role === 'admin' || person?.role === 'owner'
}

/** Only demonstration sites have doors without hardware, and only those who own the site may play them. */
export function mayPlayDoors (person: Me | null = me): boolean {
  return person !== null && person.site.demonstration && isAdmin(person)
}

/**
 * Asks the server once who we are and whether it is set up. Throws OfflineError when it can not be reached (and asks
 * anew next time); being signed out is no error.
 */
export function findOut (): Promise<void> {
  asked ??= client.setup.state().then(state => {
    me = state.me
    hasOwner = !state.needed
    provider = state.provider
  }, (error: unknown) => {
    asked = null
    throw error
  })
  return asked
}

/** False while the first run is still to come. */
export function isSetUp (): boolean {
  return hasOwner
}

/** Who else signs people in here; null for nobody, or while nobody has asked yet. */
export function otherProvider (): SetupState['provider'] {
  return provider
}

/** After setting up or signing in. */
export function signedIn (person: Me): void {
  me = person
  hasOwner = true
  asked = Promise.resolve()
}

/** The server says that the session is over, or we ended it: nothing of the person stays on the page. */
export function signedOut (): void {
  me = null
  asked = Promise.resolve()
  forget()
}

/** Ends the session on the server too. */
export async function signOut (): Promise<void> {
  await client.session.end()
  signedOut()
}
