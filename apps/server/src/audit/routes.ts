import { AuditExportQuery, AuditExports, AuditPage, AuditQuery, AuditRowsQuery, ChainProgress, ChainState, IdParams, Refusal, RefusalQuery, RetentionChange, RetentionPreview, RetentionQuery, RetentionState, WitnessChange, WitnessState } from '@oncekey/protocol/schemas'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { chainProgress, checkChain } from './chain.ts'
import { cancelExport, ownExports } from './exports.ts'
import { filterOf, findAudit } from './queries.ts'
import { changeRetention, previewRetention, retentionState } from './retention.ts'
import { refuseMore, sendExport, type SentExport } from './send-export.ts'
import { explainRefusal } from './why.ts'
import { changeMailWitness } from './witness-mail.ts'
import { witnessState } from './witness-state.ts'

export function auditRoutes (app: App, house: House): void {
  const tags = ['audit']
  /** A page asks so before it lets a browser keep the file: the browser would keep a refusal, too. */
  const mayBeHad = (reply: FastifyReply): FastifyReply => {
    refuseMore(house)
    return reply.send('')
  }

  app.get('/api/v1/audit', { config: { audience: 'operator' }, schema: { tags, summary: 'The record, newest first', querystring: AuditQuery, response: { 200: AuditPage } } }, async (request) => findAudit(house, request.query))

  app.get('/api/v1/audit/why', { config: { audience: 'operator' }, schema: { tags, summary: 'Why a code was refused: the checks as they were then, by the number of the row', querystring: RefusalQuery, response: { 200: Refusal } } }, async (request) => explainRefusal(house, request.query.seq))

  app.get('/api/v1/audit/chain', { config: { audience: 'operator' }, schema: { tags, summary: 'Verify the record\'s chain, now', response: { 200: ChainState } } }, async () => checkChain(house))

  app.get('/api/v1/audit/chain/progress', { config: { audience: 'operator' }, schema: { tags, summary: 'How far the verification is that is under way', response: { 200: ChainProgress } } }, async () => ({ walk: chainProgress(house) }))

  app.get('/api/v1/audit/export', { config: { audience: 'operator', needsProof: true }, schema: { tags, summary: 'The record as a file that can be checked without the server', querystring: AuditExportQuery } }, async (request, reply) => {
    if (request.method === 'HEAD') return mayBeHad(reply)
    return sent(reply, await sendExport(house, request.query, callerOf(request)))
  })

  app.get('/api/v1/audit/export/rows', { config: { audience: 'operator', needsProof: true }, schema: { tags, summary: 'Rows that a search finds, as CSV or JSON; proves nothing', querystring: AuditRowsQuery } }, async (request, reply) => {
    const { format, ticket, ...asked } = request.query
    if (request.method === 'HEAD') return mayBeHad(reply)
    const { filter } = await filterOf(house, asked)
    return sent(reply, await sendExport(house, { ticket, found: { format, filter, asked } }, callerOf(request)))
  })

  app.get('/api/v1/audit/exports', { config: { audience: 'operator' }, schema: { tags, summary: 'How far one\'s own exports are', response: { 200: AuditExports } } }, async (request) => ownExports(house, callerOf(request).id))

  app.delete('/api/v1/audit/exports/:id', { config: { audience: 'operator' }, schema: { tags, summary: 'Cut off an export of one\'s own', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    cancelExport(house, { ticket: request.params.id, personId: callerOf(request).id })
    return reply.status(204).send(null)
  })

  app.get('/api/v1/audit/retention', { config: { audience: 'operator' }, schema: { tags, summary: 'How long the contents of each kind of events are kept, and what was erased', response: { 200: RetentionState } } }, async () => retentionState(house))

  app.get('/api/v1/audit/retention/preview', { config: { audience: 'owner' }, schema: { tags, summary: 'How many contents a shorter time would erase, and from when on', querystring: RetentionQuery, response: { 200: RetentionPreview } } }, async (request) => previewRetention(house, request.query))

  app.patch('/api/v1/audit/retention', { config: { audience: 'owner', needsProof: true }, schema: { tags, summary: 'Change how long the contents of one kind are kept, unless somebody else has done so meanwhile; shorter begins a day later', body: RetentionChange, response: { 200: RetentionState } } }, async (request) => {
    await house.db.write((trx) => changeRetention(trx, house, request.body, callerOf(request)))
    return retentionState(house)
  })

  app.get('/api/v1/audit/witness', { config: { audience: 'operator' }, schema: { tags, summary: 'Who keeps the record\'s checkpoints elsewhere', response: { 200: WitnessState } } }, async () => witnessState(house))

  app.patch('/api/v1/audit/witness', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Set the address that gets checkpoints by mail', body: WitnessChange, response: { 200: WitnessState } } }, async (request) => {
    await house.db.write((trx) => changeMailWitness(trx, house, request.body.mail, callerOf(request)))
    return witnessState(house)
  })
}

function sent (reply: FastifyReply, { name, stream, type }: SentExport): FastifyReply {
  return reply.type(type).header('content-disposition', `attachment; filename="${name}"`).send(stream)
}
