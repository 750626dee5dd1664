import { CodeForm, CodeIssued, CodesAnswer, Id, IdParams, MyAccess } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, isAtLeast, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { firstAnswer, keepAnswer, MOST_KEY_CHARACTERS, type OnceOrder } from './idempotency.ts'
import { issueCode, type IssuedCode } from './issue.ts'
import { mintOffline } from './mint.ts'
import { findAccess, findCodes, subjectsOfIssue } from './queries.ts'
import { revokeCodes } from './revoke.ts'

const tags = ['codes']

export function codeRoutes (app: App, house: House): void {
  app.get('/api/v1/me/access', {
    config: { audience: 'member' },
    schema: { tags, summary: 'What I may open now, its state, and my code for it', response: { 200: MyAccess } }
  }, (request) => {
    const { id, siteId } = callerOf(request)
    return findAccess(house, id, siteId)
  })

  app.post('/api/v1/codes', {
    config: { audience: 'member' },
    schema: {
      tags, summary: 'A code for myself, or by an operator for somebody else; its digits are in this answer only', body: CodeForm,
      headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: MOST_KEY_CHARACTERS })) }), response: { 201: CodeIssued }
    }
  }, async (request, reply) => {
    const { id, name, role, siteId } = callerOf(request)
    const { accessPointId, personId = id, validFrom, expiresAt, deliver, offline } = request.body
    if (personId !== id && !isAtLeast(role, 'operator')) throw new Problem('notAllowed')
    const key = request.headers['idempotency-key']
    const once: OnceOrder | null = key === undefined ? null : { personId: id, key, request: [accessPointId, personId, validFrom, expiresAt, deliver, ...offline === undefined ? [] : [offline]] }
    const beside = await subjectsOfIssue(house, accessPointId, id)
    const issued = await house.db.write(async (trx): Promise<IssuedCode> => {
      const first = once === null ? null : await firstAnswer<IssuedCode>(trx, house, once)
      // The code has ended since: what it was is still told, its digits are gone.
      if (first !== null) return 'answer' in first ? first.answer : { codeId: first.gone.codeId, digits: '', mayGetCodeAt: 0 }
      const order = { siteId, accessPointId, holderId: personId, askedBy: { id, name }, validFrom, expiresAt, deliver }
      const fresh = offline === undefined ? await issueCode(trx, house, order) : await mintOffline(trx, house, { ...order, offline, mayLast: isAtLeast(role, 'operator') })
      if (once !== null) await keepAnswer(trx, house, once, fresh, fresh.codeId)
      return fresh
    }, beside === null ? {} : { beside })
    const [code] = await findCodes(house, { siteId, codeIds: [issued.codeId] })
    if (code === undefined) throw new Problem('notFound')
    return reply.status(201).send({ code, digits: issued.digits, mayGetCodeAt: issued.mayGetCodeAt, ...issued.offline && { offline: issued.offline } })
  })

  app.get('/api/v1/codes', {
    config: { audience: 'member' },
    schema: {
      tags, summary: 'Codes, newest first, without digits; members see their own',
      querystring: Type.Object({ personId: Type.Optional(Id), accessPointId: Type.Optional(Id) }), response: { 200: CodesAnswer }
    }
  }, async (request) => {
    const { id, role, siteId } = callerOf(request)
    const seesAll = isAtLeast(role, 'operator')
    const { personId = seesAll ? undefined : id, accessPointId } = request.query
    if (!seesAll && personId !== id) throw new Problem('notAllowed')
    return { codes: await findCodes(house, { siteId, personId, accessPointId }) }
  })

  app.delete('/api/v1/codes/:id', {
    config: { audience: 'member' },
    schema: { tags, summary: 'End a live code; harmless when it has ended', params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id, name, role, siteId } = callerOf(request)
    const [code] = await findCodes(house, { siteId, codeIds: [request.params.id] })
    // Somebody else's code does not exist for a member.
    if (code === undefined || (code.holderId !== id && !isAtLeast(role, 'operator'))) throw new Problem('notFound')
    await house.db.write((trx) => revokeCodes(trx, house, { codeId: code.id }, { id, name }))
    return reply.status(204).send(null)
  })
}
