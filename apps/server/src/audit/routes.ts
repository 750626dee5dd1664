import { AuditExportQuery, AuditPage, AuditQuery, ChainState, WitnessChange, WitnessState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { checkChain } from './chain.ts'
import { findAudit } from './queries.ts'
import { sendExport } from './send-export.ts'
import { changeMailWitness } from './witness-mail.ts'
import { witnessState } from './witness-state.ts'

export function auditRoutes (app: App, house: House): void {
  const tags = ['audit']

  app.get('/api/v1/audit', { config: { audience: 'operator' }, schema: { tags, summary: 'The record, newest first', querystring: AuditQuery, response: { 200: AuditPage } } }, async (request) => findAudit(house, request.query))

  app.get('/api/v1/audit/chain', { config: { audience: 'operator' }, schema: { tags, summary: 'Verify the record\'s chain, now', response: { 200: ChainState } } }, async () => checkChain(house))

  app.get('/api/v1/audit/export', { config: { audience: 'operator' }, schema: { tags, summary: 'The record as a file that can be checked without the server', querystring: AuditExportQuery } }, async (request, reply) => {
    const { name, stream } = await sendExport(house, request.query, callerOf(request))
    return reply.type('application/x-ndjson').header('content-disposition', `attachment; filename="${name}"`).send(stream)
  })

  app.get('/api/v1/audit/witness', { config: { audience: 'operator' }, schema: { tags, summary: 'Who keeps the record\'s checkpoints elsewhere', response: { 200: WitnessState } } }, async () => witnessState(house))

  app.patch('/api/v1/audit/witness', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Set the address that gets checkpoints by mail', body: WitnessChange, response: { 200: WitnessState } } }, async (request) => {
    await house.db.write((trx) => changeMailWitness(trx, house, request.body.mail, callerOf(request)))
    return witnessState(house)
  })
}
