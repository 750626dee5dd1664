import type { Role } from '@oncekey/protocol/schemas'
import { isAtLeast } from '../platform/http.ts'

/** Roles that a provider may give by its groups. An owner is made by an owner. */
export type GroupRole = 'operator' | 'admin'

/** Where the provider says somebody's groups, and what they are here. */
export type ProviderGroups = {
  /** A claim, e.g. `groups`, or a path to one, e.g. `realm_access.roles`. */
  claim: string
  roles: ReadonlyMap<string, GroupRole>
}

/** What one answer may name: more is a fault of the provider, and nobody's role hangs on it. */
const MOST_GROUPS = 10_000

/**
 * The groups that the claims name: a list of strings, or one string. Anything else is no group: who is in none has the role
 * that was given by hand.
 */
export function groupsIn (claims: Record<string, unknown>, claim: string): string[] {
  const found = claimAt(claims, claim)
  const list = typeof found === 'string' ? [found] : Array.isArray(found) ? found.slice(0, MOST_GROUPS) : []
  return list.filter((one) => typeof one === 'string')
}

/** Whether the claims say anything about groups. */
export function saysGroups (claims: Record<string, unknown>, claim: string): boolean {
  return claimAt(claims, claim) !== undefined
}

/** The claim of this very name first: some are addresses, with dots in them. */
function claimAt (claims: Record<string, unknown>, claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim]
  let at: unknown = claims
  for (const part of claim.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Record<string, unknown>)[part]
  }
  return at
}

/** The highest role of these groups; null: none of them has one. */
export function roleOf (groups: readonly string[], roles: ProviderGroups['roles']): GroupRole | null {
  const given = groups.map((group) => roles.get(group))
  return given.includes('admin') ? 'admin' : given.includes('operator') ? 'operator' : null
}

export function higher (one: Role, other: Role | null): Role {
  return other !== null && isAtLeast(other, one) ? other : one
}
