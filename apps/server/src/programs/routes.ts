import { ProgramCode, ProgramCodeMade, ProgramUnlock, RecordPage, RecordQuery, RemoteAnswer } from '@oncekey/protocol/schemas'
import { recordAfter } from '../audit/after.ts'
import type { House } from '../house.ts'
import { keyHolderOf, type App } from '../platform/http.ts'
import { issueByKey, unlockByKey } from './act.ts'

/** What other programs may do about doors, each by a scope of its own. */
export function programRoutes (app: App, house: House): void {
  const tags = ['programs']

  app.get('/api/v1/programs/record', {
    config: { audience: 'key:record:read' }, schema: { tags, summary: 'What happened, the oldest first, after a number of the record', querystring: RecordQuery, response: { 200: RecordPage } }
  }, (request) => recordAfter(house, request.query))

  app.post('/api/v1/programs/unlocks', {
    config: { audience: 'key:access:unlock' }, schema: { tags, summary: 'Unlock from afar, with a reason; answers what was measured', body: ProgramUnlock, response: { 200: RemoteAnswer } }
  }, (request) => unlockByKey(house, keyHolderOf(request), request.body))

  app.post('/api/v1/programs/codes', {
    config: { audience: 'key:access:codes' }, schema: { tags, summary: 'Have a code made for a person, who gets it by their own channel; its digits are not in the answer', body: ProgramCode, response: { 201: ProgramCodeMade } }
  }, async (request, reply) => reply.status(201).send(await issueByKey(house, keyHolderOf(request), request.body)))
}
