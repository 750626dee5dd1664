import { Email, Name } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { redirectAddress, settingsOf, type Provider } from './issuer.ts'
import type { Flow } from './flow.ts'
import { groupsIn, saysGroups } from './groups.ts'
import { Refused } from './refusals.ts'

/** What the provider says about somebody, as far as it can be true. */
export type Told = {
  issuer: string
  subject: string
  /** Only one of which the provider says that it is theirs. */
  email: string | null
  name: string | null
  /** When they last proved to the provider who they are, ms; null: it does not say. */
  authenticatedAt: number | null
  /** Groups that they are in, as the operator's claim names them; empty where it says nothing, or nobody asks. */
  groups: readonly string[]
}

/**
 * Takes the provider's answer for a token, and what that says. State, nonce, issuer (RFC 9207, too), audience, times, signature
 * and the PKCE verifier are checked by the library on the way.
 * @param search the query of the answer
 * @throws errors of the library; Refused failed
 */
export async function hear (house: House, { client, configuration }: Provider, flow: Flow, search: string): Promise<Told> {
  const answer = new URL(redirectAddress(house))
  answer.search = search
  const tokens = await client.authorizationCodeGrant(configuration, answer, { expectedState: flow.state, expectedNonce: flow.nonce, pkceCodeVerifier: flow.verifier, idTokenExpected: true })
  const claims = tokens.claims()
  // At most 255 signs of ASCII (OpenID Connect Core 1.0, 2).
  if (claims === undefined || !/^[\x20-\x7e]{1,255}$/.test(claims.sub)) throw new Refused('failed')
  const settings = settingsOf(house)
  const claim = settings.groups?.claim ?? null
  const isWanting = claims['email'] === undefined || (claim !== null && !saysGroups(claims, claim))
  const asked = isWanting && configuration.serverMetadata().userinfo_endpoint !== undefined ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub) : null
  const { about, groups } = sourcesOf(claims, asked, claim)
  const { Check } = await import('typebox/value')
  const { email, email_verified: isVerified, name } = about
  return {
    issuer: settings.issuer, subject: claims.sub,
    email: isVerified === true && Check(Email, email) ? email : null,
    name: typeof name === 'string' && Check(Name, name.trim()) ? name.trim() : null,
    authenticatedAt: typeof claims.auth_time === 'number' && Number.isFinite(claims.auth_time) ? claims.auth_time * 1000 : null,
    groups
  }
}

type Said = Record<string, unknown>

/**
 * What the token says goes before what its address for people does, and whole: an address of the one with the word of the other
 * that it was verified would be anybody's.
 * @param asked what the address said, if it was asked @param claim where groups are; null: nobody asks
 */
export function sourcesOf (claims: Said, asked: Said | null, claim: string | null): { about: Said, groups: string[] } {
  return {
    about: claims['email'] === undefined && asked !== null ? asked : claims,
    groups: claim === null ? [] : groupsIn(saysGroups(claims, claim) || asked === null ? claims : asked, claim)
  }
}
