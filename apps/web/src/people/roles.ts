import type { PersonState, Role } from '@oncekey/protocol/schemas'

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
