import { AuditPage, AuditQuery, ChainState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { checkChain } from './chain.ts'
import { findAudit } from './queries.ts'

export function auditRoutes (app: App, house: House): void {
  const tags = ['audit']

  app.get('/api/v1/audit', { config: { audience: 'operator' }, schema: { tags, summary: 'The record, newest first', querystring: AuditQuery, response: { 200: AuditPage } } }, async (request) => findAudit(house, request.query))

  app.get('/api/v1/audit/chain', { config: { audience: 'operator' }, schema: { tags, summary: 'Verify the record\'s chain, now', response: { 200: ChainState } } }, async () => checkChain(house))
}
