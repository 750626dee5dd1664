import { IdParams, MyProviders, ProviderAnswer, ProviderLink, ProviderLinkForm, ProviderStart } from '@oncekey/protocol/schemas'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { safeNext } from './next.ts'
import { settingsOf } from './issuer.ts'
import { findMyProviders, unlink } from './own.ts'
import { Refused, refusalOf } from './refusals.ts'
import { comeBack, signInAddress } from './return.ts'
import { setOut } from './start.ts'

/** Signing in by somebody who knows people already (OpenID Connect, authorization code with PKCE). */
export function providerRoutes (app: App, house: House): void {
  const tags = ['providers']
  const everybody = { audience: 'everybody' as const }
  const member = { audience: 'member' as const }
  const dangerous = { ...member, needsProof: true as const }
  const away = { 302: Type.Null({ description: 'to the page that `location` names' }) }

  app.get('/api/v1/providers/oidc/start', { config: everybody, schema: { tags, summary: 'For browsers: to the provider\'s page, to sign in or to prove anew who one is', querystring: ProviderStart, response: away } }, async (request, reply) => {
    settingsOf(house)
    const next = safeNext(request.query.next)
    // Nobody is signed in by a page of somebody else's, without a press of theirs: here is the button.
    const from = request.headers['sec-fetch-site']
    if (from === 'cross-site' || from === 'same-site') return leave(reply, signInAddress(house, null, next))
    const proves = request.query.prove === '1' && request.caller !== null
    try {
      return await leave(reply, await setOut(request, reply, house, { purpose: proves ? 'prove' : 'signIn', next, personId: proves ? callerOf(request).id : null }))
    } catch (error) {
      // Somebody looks at a page here: they get one, with a sentence.
      const why = error instanceof Problem && error.code === 'tooManyTries' ? 'busy' : error instanceof Refused ? error.why : null
      if (why === null) throw error
      return leave(reply, signInAddress(house, why, next))
    }
  })

  app.get('/api/v1/providers/oidc/callback', { config: everybody, schema: { tags, summary: 'Where the provider sends browsers back to', querystring: ProviderAnswer, response: away } }, async (request, reply) => {
    settingsOf(house)
    return leave(reply, await comeBack(request, reply, house, request.query.state))
  })

  app.get('/api/v1/me/providers', { config: member, schema: { tags, summary: 'By which providers one can sign in', response: { 200: MyProviders } } }, (request) => findMyProviders(house, callerOf(request).id))

  app.post('/api/v1/me/providers', { config: dangerous, schema: { tags, summary: 'The address to go to, to sign in by the provider from now on', body: ProviderLinkForm, response: { 200: ProviderLink } } }, async (request, reply) => {
    settingsOf(house)
    try {
      return { url: await setOut(request, reply, house, { purpose: 'link', next: safeNext(request.body.next), personId: callerOf(request).id }) }
    } catch (error) {
      if (error instanceof Problem) throw error
      throw new Problem('busy', { detail: `The provider can not be reached (${refusalOf(house, error).why}).`, retryAfterSeconds: 10 })
    }
  })

  app.delete('/api/v1/me/providers/:id', { config: dangerous, schema: { tags, summary: 'No longer sign in by a provider', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    await house.db.write((trx) => unlink(trx, house, callerOf(request).id, request.params.id))
    return reply.status(204).send(null)
  })
}

/** What the address of the page before says is nobody's business there. */
function leave (reply: FastifyReply, where: string): FastifyReply {
  return reply.header('referrer-policy', 'no-referrer').redirect(where, 302)
}
