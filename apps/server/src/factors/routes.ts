import { BrowsersForgotten, FactorAdded, IdParams, MyFactors, PasskeyChange, PasskeyForm, PasskeyOptions, ProofForm, ProofVerdict, RecoveryCodes, SecondFactorsRemoved, TotpForm, TotpSetup } from '@oncekey/protocol/schemas'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, PROVEN_MS, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { forgetBrowser, forgetBrowsers } from '../sessions/browsers.ts'
import { setSessionCookie } from '../sessions/cookies.ts'
import { proveSession } from '../sessions/sessions.ts'
import { visitorOf } from '../sessions/visit.ts'
import { describeFactors } from './describe.ts'
import type { Here } from './first.ts'
import { addPasskey, askForPasskey, setUpPasskey } from './passkeys.ts'
import { placeIn, placeOf } from './place.ts'
import { checkProof, prepareProof } from './prove.ts'
import { renewCodes } from './recovery-codes.ts'
import { removePasskey, removeSecondFactors, removeTotp } from './remove.ts'
import { ownerOf } from './tell.ts'
import { addTotp, setUpTotp } from './totp.ts'
import { waysOf } from './ways.ts'

/** Second factors of one's own, and the proof that dangerous calls ask for. */
export function factorRoutes (app: App, house: House): void {
  const tags = ['me']
  const config = { audience: 'member' as const }
  const dangerous = { ...config, needsProof: true as const }
  const nothing = { 204: Type.Null() }

  app.get('/api/v1/me/factors', { config, schema: { tags, summary: 'With what one proves who one is', response: { 200: MyFactors } } }, (request) =>
    describeFactors(house, callerOf(request), { browser: visitorOf(house, request).browser, passkeysPossible: placeIn(house, request) !== null }))

  app.post('/api/v1/me/proof', { config, schema: { tags, summary: 'Prove anew who one is; dangerous calls are allowed for 15 minutes', body: ProofForm, response: { 200: ProofVerdict } } }, async (request, reply) => {
    const { id, sessionHash } = callerOf(request)
    const prepared = await prepareProof(house, id, request.body.proof, () => placeOf(house, request))
    const session = await house.db.write(async (trx) => {
      const owner = await ownerOf(trx, id)
      if (await checkProof(trx, house, owner, prepared)) return proveSession(trx, house, sessionHash)
      house.audit.append(trx, house.clock(), { event: 'session.proofRefused', actor: { id, name: owner.name }, subject: { id, name: owner.name }, details: { address: request.ip, proof: prepared.by } })
      return null
    })
    if (session === null) return { granted: false as const, triesLeft: 1 }
    setSessionCookie(request, reply, house, session.token, session.keptMs)
    return { granted: true as const, provenUntil: house.clock() + PROVEN_MS }
  })

  app.post('/api/v1/me/proof/passkey-options', { config, schema: { tags, summary: 'What a browser needs to ask one of one\'s own passkeys', response: { 200: PasskeyOptions } } }, (request) =>
    askForPasskey(house, callerOf(request).id, placeOf(house, request)))

  app.post('/api/v1/me/totp/setup', { config: dangerous, schema: { tags, summary: 'A secret for an authenticator app; nothing is kept yet', response: { 200: TotpSetup } } }, (request) =>
    setUpTotp(house, callerOf(request).id))

  app.post('/api/v1/me/totp', { config: dangerous, schema: { tags, summary: 'Add the authenticator app by a code of it', body: TotpForm, response: { 200: FactorAdded } } }, (request) =>
    house.db.write(async (trx) => addTotp(trx, house, await ownerOf(trx, callerOf(request).id), hereOf(house, request), request.body)))

  app.delete('/api/v1/me/totp', { config: dangerous, schema: { tags, summary: 'Take the authenticator app away', response: nothing } }, async (request, reply) => {
    await house.db.write(async (trx) => { await removeTotp(trx, house, await ownerOf(trx, callerOf(request).id)) })
    return reply.status(204).send(null)
  })

  app.post('/api/v1/me/passkeys/setup', { config: dangerous, schema: { tags, summary: 'What a browser needs to make a passkey', response: { 200: PasskeyOptions } } }, (request) =>
    setUpPasskey(house, callerOf(request).id, placeOf(house, request)))

  app.post('/api/v1/me/passkeys', { config: dangerous, schema: { tags, summary: 'Add the passkey that the browser made', body: PasskeyForm, response: { 200: FactorAdded } } }, (request) =>
    addPasskey(house, callerOf(request).id, { ...hereOf(house, request), place: placeOf(house, request) }, request.body))

  app.patch('/api/v1/me/passkeys/:id', { config, schema: { tags, summary: 'Rename a passkey', params: IdParams, body: PasskeyChange, response: nothing } }, async (request, reply) => {
    const { changes } = await house.db.write(async (trx) => trx.prepare('UPDATE passkeys SET name = ? WHERE id = ? AND person_id = ?').run(request.body.name.trim(), request.params.id, callerOf(request).id))
    if (changes === 0) throw new Problem('notFound')
    return reply.status(204).send(null)
  })

  app.delete('/api/v1/me/passkeys/:id', { config: dangerous, schema: { tags, summary: 'Take a passkey away', params: IdParams, response: nothing } }, async (request, reply) => {
    await house.db.write(async (trx) => { await removePasskey(trx, house, await ownerOf(trx, callerOf(request).id), request.params.id) })
    return reply.status(204).send(null)
  })

  app.post('/api/v1/me/recovery-codes', { config: dangerous, schema: { tags, summary: 'New recovery codes in place of the earlier ones', response: { 200: RecoveryCodes } } }, (request) =>
    house.db.write(async (trx) => {
      const owner = await ownerOf(trx, callerOf(request).id)
      if ((await waysOf(trx, owner.id)).length === 0) throw new Problem('notFound', { detail: 'Recovery codes stand in for a second factor. Add an authenticator app or a passkey first.' })
      return { recoveryCodes: await renewCodes(trx, house, owner) }
    }))

  app.delete('/api/v1/me/browsers', { config, schema: { tags, summary: 'Forget all browsers but this one', response: { 200: BrowsersForgotten } } }, async (request) => ({
    browsers: await house.db.write((trx) => forgetBrowsers(trx, callerOf(request).id, visitorOf(house, request).browser))
  }))

  app.delete('/api/v1/me/browsers/:id', { config, schema: { tags, summary: 'Forget a browser: it counts as a new one from now on', params: IdParams, response: nothing } }, async (request, reply) => {
    if (!await house.db.write((trx) => forgetBrowser(trx, callerOf(request).id, request.params.id))) throw new Problem('notFound')
    return reply.status(204).send(null)
  })

  app.delete('/api/v1/people/:id/second-factors', { config: { audience: 'admin', needsProof: true }, schema: { tags: ['people'], summary: 'Take the second factors of somebody away who lost them all', params: IdParams, response: { 200: SecondFactorsRemoved } } }, (request) =>
    house.db.write((trx) => removeSecondFactors(trx, house, request.params.id, callerOf(request))))
}

function hereOf (house: House, request: FastifyRequest): Here {
  return { sessionHash: callerOf(request).sessionHash, browser: visitorOf(house, request).browser }
}
