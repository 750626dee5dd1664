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
}

const ISSUER = 'ONCEKEY_OIDC_ISSUER'
const CLIENT_ID = 'ONCEKEY_OIDC_CLIENT_ID'
const CLIENT_SECRET = 'ONCEKEY_OIDC_CLIENT_SECRET'
const NAME = 'ONCEKEY_OIDC_NAME'
const SCOPES = 'ONCEKEY_OIDC_SCOPES'
export const usualScopes = 'openid email profile'
export const providerSettings: readonly string[] = [ISSUER, CLIENT_ID, CLIENT_SECRET, NAME, SCOPES]

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
  return { issuer: url?.href ?? '', clientId: value(CLIENT_ID) ?? '', clientSecret: value(CLIENT_SECRET) ?? '', name, scopes: scopes.join(' ') }
}
