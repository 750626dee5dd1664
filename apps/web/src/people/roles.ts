import type { Person, PersonState, Role } from '@oncekey/protocol/schemas'

/** From least to most. */
export const roles: readonly Role[] = ['member', 'operator', 'admin', 'owner']

export const states: readonly PersonState[] = ['active', 'invited', 'suspended']

/** Nobody gives a role above their own. */
export function mayGive (own: Role): Role[] {
  return roles.slice(0, roles.indexOf(own) + 1)
}

/** Nobody changes somebody of a higher role. */
export function mayChange (own: Role, other: Role): boolean {
  return roles.indexOf(other) <= roles.indexOf(own)
}

/**
 * Whether somebody of the role `own` may change an address, reset a password, take factors away, or give another role: only
 * whoever is above, and owners among themselves. Whoever never came in may be helped by their equals. The server decides.
 */
export function mayRecover (own: Role, { role, state, lastSeen }: Pick<Person, 'role' | 'state' | 'lastSeen'>): boolean {
  const hasNeverCome = state === 'invited' && lastSeen === null
  return mayChange(own, role) && (own !== role || own === 'owner' || hasNeverCome)
}
