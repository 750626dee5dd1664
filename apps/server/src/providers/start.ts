import type { FastifyReply, FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { networkOf } from '../platform/tries.ts'
import { networkTriesOf } from '../sessions/sign-in.ts'
import { visitorOf } from '../sessions/visit.ts'
import { challengeOf, startFlow, type Purpose } from './flow.ts'
import { reachProvider, redirectAddress, settingsOf } from './issuer.ts'

/**
 * Sets out for the provider. @returns the address of its page
 * @throws Problem notFound, tooManyTries; Refused unreachable, failed
 */
export async function setOut (request: FastifyRequest, reply: FastifyReply, house: House, { purpose, next, personId }: { purpose: Purpose, next: string, personId: string | null }): Promise<string> {
  const { scopes } = settingsOf(house)
  networkTriesOf(house).take(networkOf(request.ip))
  const { client, configuration } = await reachProvider(house)
  const flow = startFlow(request, reply, house, { purpose, next, personId, visitor: visitorOf(house, request) })
  return client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectAddress(house), scope: scopes, state: flow.state, nonce: flow.nonce, code_challenge: challengeOf(flow), code_challenge_method: 'S256',
    // It asks them anew, and says when (OpenID Connect Core 1.0, 3.1.2.1).
    ...purpose === 'prove' ? { prompt: 'login', max_age: '0' } : {}
  }).href
}
