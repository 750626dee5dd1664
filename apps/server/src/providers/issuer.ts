import type { SignInProvider } from '@oncekey/protocol/schemas'
import type * as openid from 'openid-client'
import type { ClientAuth, Configuration, CustomFetch } from 'openid-client'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import { LONGEST_S, limitedFetch } from './limits.ts'
import type { ProviderSettings } from './settings.ts'
import { refusalOf, Refused } from './refusals.ts'

type Client = typeof openid
/** The provider as it describes itself, and the library that speaks with it. */
export type Provider = { client: Client, configuration: Configuration }

/** A description is good for an hour, and asked for again at most every five seconds. */
const FRESH_MS = 3_600_000
const AGAIN_MS = 5_000

type Kept = { provider: Provider | null, asking: Promise<Provider> | null, askedAt: number }
const keptOf = perHouse((_house: House): Kept => ({ provider: null, asking: null, askedAt: -Infinity }))

/** What the sign-in page offers; null where there is no provider. */
export function offered (house: House): SignInProvider | null {
  const { provider } = house.config
  return provider === null ? null : { name: provider.name, start: house.link('/api/v1/providers/oidc/start') }
}

/** @throws Problem notFound where there is no provider */
export function settingsOf (house: House): ProviderSettings {
  const { provider } = house.config
  if (provider === null) throw new Problem('notFound', { detail: 'Nobody else signs people in here.' })
  return provider
}

/** Where the provider sends people back to: a fixed address, which it has to know. */
export function redirectAddress (house: House): string {
  return house.link('/api/v1/providers/oidc/callback')
}

/**
 * The provider, asked who it is when somebody first wants to go there: one that is away keeps nobody from starting. While it
 * is away, what it said before still counts.
 * @throws Refused unreachable, failed
 */
export async function reachProvider (house: House): Promise<Provider> {
  const kept = keptOf(house)
  const now = house.clock()
  if (kept.provider !== null && now - kept.askedAt < FRESH_MS && now >= kept.askedAt) return kept.provider
  if (kept.asking === null) {
    if (Math.abs(now - kept.askedAt) < AGAIN_MS) {
      if (kept.provider !== null) return kept.provider
      throw new Refused('unreachable')
    }
    kept.askedAt = now
    kept.asking = discover(settingsOf(house))
    void kept.asking.then((provider) => { kept.provider = provider }, () => {}).finally(() => { kept.asking = null })
  }
  try {
    return await kept.asking
  } catch (error) {
    if (kept.provider !== null) return kept.provider
    throw refusalOf(house, error)
  }
}

async function discover ({ issuer, clientId, clientSecret }: ProviderSettings): Promise<Provider> {
  // Loaded by the first sign-in of this kind: most houses have none.
  const client = await import('openid-client')
  const isHere = issuer.startsWith('http:')
  const configuration = await client.discovery(new URL(issuer), clientId, undefined, proveUs(client, clientSecret), {
    timeout: LONGEST_S, [client.customFetch]: limitedFetch as CustomFetch,
    // Tokens come over TLS from the provider itself, and their signatures are looked at all the same.
    execute: [client.enableNonRepudiationChecks, ...isHere ? [client.allowInsecureRequests] : []]
  })
  const described = configuration.serverMetadata()
  // The library lets big providers name a placeholder here, for the organisations of all the world; one was meant.
  if (URL.parse(described.issuer)?.href !== issuer) throw new TypeError('the provider is another one than it was said to be')
  const page = URL.parse(described.authorization_endpoint ?? '')
  if (page?.protocol !== 'https:' && !(isHere && page?.protocol === 'http:')) throw new TypeError('the provider has no page with TLS to sign in at')
  return { client, configuration }
}

/** As the provider wants it; `client_secret_basic` unless it says something else (OpenID Connect Discovery 1.0, 3). */
function proveUs (client: Client, secret: string): ClientAuth {
  const basic = client.ClientSecretBasic(secret)
  const post = client.ClientSecretPost(secret)
  return (server, metadata, body, headers) => {
    const ways = server.token_endpoint_auth_methods_supported
    const prove = ways === undefined || ways.includes('client_secret_basic') || !ways.includes('client_secret_post') ? basic : post
    prove(server, metadata, body, headers)
  }
}
