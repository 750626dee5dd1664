import type { GroupRole, ProviderGroups } from './groups.ts'

/** A provider of sign-ins (OpenID Connect), as the operator named it. */
export type ProviderSettings = {
  /** Its name in the protocol: an address, as `URL` writes it. */
  issuer: string
  clientId: string
  clientSecret: string
  /** What people know it by. */
  name: string
  /** Words with a space between; `openid` is among them. */
  scopes: string
  /** null: its groups mean nothing here. */
  groups: ProviderGroups | null
}

const ISSUER = 'ONCEKEY_OIDC_ISSUER'
const CLIENT_ID = 'ONCEKEY_OIDC_CLIENT_ID'
const CLIENT_SECRET = 'ONCEKEY_OIDC_CLIENT_SECRET'
const NAME = 'ONCEKEY_OIDC_NAME'
const SCOPES = 'ONCEKEY_OIDC_SCOPES'
const GROUPS = 'ONCEKEY_OIDC_GROUPS'
const ROLES = 'ONCEKEY_OIDC_ROLES'
const usualClaim = 'groups'
export const usualScopes = 'openid email profile'
export const providerSettings: readonly string[] = [ISSUER, CLIENT_ID, CLIENT_SECRET, NAME, SCOPES, GROUPS, ROLES]

/**
 * Reads the settings of the provider: the first three or none of them. Its address needs TLS, because what it says there
 * decides who somebody is; only on this machine there is nobody on the way.
 * @param hasAddress whether there is one address to which it can send people back
 * @param needs takes the name of a setting that can not be used, and its cure
 */
export function readProvider ({ value, hasAddress, isLoopback, needs }: { value: (name: string) => string | undefined, hasAddress: boolean, isLoopback: (host: string) => boolean, needs: (name: string, cure: string) => void }): ProviderSettings | null {
  const named = providerSettings.filter((name) => value(name) !== undefined)
  if (named.length === 0) return null
  const missing = [ISSUER, CLIENT_ID, CLIENT_SECRET].filter((name) => value(name) === undefined)
  for (const name of missing) needs(name, `is missing, and ${named.join(', ')} ${named.length === 1 ? 'is' : 'are'} set: ${ISSUER}, ${CLIENT_ID} and ${CLIENT_SECRET} go together`)
  if (missing.length > 0) return null
  const url = URL.parse(value(ISSUER) ?? '')
  const isHere = url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, ''))
  if (url === null || !(url.protocol === 'https:' || isHere)) needs(ISSUER, 'the address of the provider as it says it itself ("issuer"), beginning with https:// (http:// only on this machine)')
  else if (url.search !== '' || url.hash !== '' || url.username !== '' || url.pathname.includes('/.well-known/')) needs(ISSUER, 'only the address of the provider, without /.well-known/…, "?", "#" and a password')
  if (!hasAddress) needs('ONCEKEY_PUBLIC_URL', `where people reach this server: the provider of ${ISSUER} sends them back there`)
  const scopes = (value(SCOPES) ?? usualScopes).split(/[\s,]+/).filter((one) => one !== '')
  if (!scopes.includes('openid') || scopes.some((one) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(one))) needs(SCOPES, 'words with a blank between, "openid" among them, e.g. openid email profile')
  const name = (value(NAME) ?? url?.hostname ?? '').trim()
  if (name.length < 1 || name.length > 40) needs(NAME, 'what the button says after "Sign in with", 1 to 40 characters')
  return { issuer: url?.href ?? '', clientId: value(CLIENT_ID) ?? '', clientSecret: value(CLIENT_SECRET) ?? '', name, scopes: scopes.join(' '), groups: readGroups(value, needs) }
}

/** `door-admins=admin; cn=desk,dc=example=operator`: what follows the last "=" is the role. */
function readGroups (value: (name: string) => string | undefined, needs: (name: string, cure: string) => void): ProviderGroups | null {
  const list = value(ROLES)
  if (list === undefined) {
    if (value(GROUPS) !== undefined) needs(ROLES, `is missing, and ${GROUPS} is set: say which group is which role, e.g. door-admins=admin; desk=operator`)
    return null
  }
  const claim = (value(GROUPS) ?? usualClaim).trim()
  if (claim === '' || claim.length > 200) needs(GROUPS, 'the claim in which the provider names groups, e.g. groups or realm_access.roles')
  const roles = new Map<string, GroupRole>()
  for (const pair of list.split(';').map((one) => one.trim()).filter((one) => one !== '')) {
    const at = pair.lastIndexOf('=')
    const [group, role] = [pair.slice(0, Math.max(0, at)).trim(), pair.slice(at + 1).trim()]
    if (group === '' || !isGroupRole(role)) needs(ROLES, `pairs of a group and a role with ";" between, e.g. door-admins=admin; desk=operator. "${pair.slice(0, 80)}" is none. Roles are operator and admin: owners are made by owners`)
    else if (roles.has(group)) needs(ROLES, `names "${group.slice(0, 80)}" twice`)
    else roles.set(group, role)
  }
  if (roles.size === 0) needs(ROLES, 'at least one group and its role, e.g. door-admins=admin')
  return { claim, roles }
}

function isGroupRole (text: string): text is GroupRole {
  return text === 'operator' || text === 'admin'
}
