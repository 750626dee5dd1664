import { Group, PeopleGroupChange, PeopleGroupForm, GroupGrantForm, GroupPeople, GroupPeopleChange, GroupPeopleChanged, GroupsAnswer, IdParams } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { changeMembers, endGroupGrant, giveToGroup, makeGroup, removeGroup, renameGroup } from './change.ts'
import { findGroup, findGroups, findMembers } from './queries.ts'

export function groupsRoutes (app: App, house: House): void {
  const tags = ['grants']
  const config = { audience: 'operator' as const }

  app.get('/api/v1/groups', { config, schema: { tags, summary: 'Groups of people, and what they may open', response: { 200: GroupsAnswer } } }, async (request) => ({ groups: await findGroups(house, callerOf(request).siteId) }))

  app.post('/api/v1/groups', { config, schema: { tags, summary: 'Make a group', body: PeopleGroupForm, response: { 201: Group } } }, async (request, reply) => {
    const { id: callerId, name, siteId } = callerOf(request)
    const id = await house.db.write((trx) => makeGroup(trx, house, siteId, request.body.name.trim(), { id: callerId, name }))
    return reply.status(201).send(await findGroup(house, siteId, id))
  })

  app.patch('/api/v1/groups/:id', { config, schema: { tags, summary: 'Give a group another name', params: IdParams, body: PeopleGroupChange, response: { 200: Group } } }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => renameGroup(trx, house, siteId, { id: request.params.id, ...request.body, name: request.body.name.trim() }, { id, name }))
    return findGroup(house, siteId, request.params.id)
  })

  app.delete('/api/v1/groups/:id', { config, schema: { tags, summary: 'Remove a group that has neither people nor access', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => removeGroup(trx, house, siteId, request.params.id, { id, name }))
    return reply.status(204).send(null)
  })

  app.get('/api/v1/groups/:id/people', { config, schema: { tags, summary: 'Who is in a group', params: IdParams, response: { 200: GroupPeople } } }, (request) => findMembers(house, callerOf(request).siteId, request.params.id))

  app.patch('/api/v1/groups/:id/people', { config, schema: { tags, summary: 'People join and leave a group; live codes of who leaves end, too', params: IdParams, body: GroupPeopleChange, response: { 200: GroupPeopleChanged } } }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    return house.db.write((trx) => changeMembers(trx, house, siteId, request.params.id, request.body, { id, name }))
  })

  app.post('/api/v1/groups/:id/grants', { config, schema: { tags, summary: 'Give a group access to access points and banks', params: IdParams, body: GroupGrantForm, response: { 201: Group } } }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => giveToGroup(trx, house, siteId, request.params.id, request.body, { id, name }))
    return reply.status(201).send(await findGroup(house, siteId, request.params.id))
  })

  app.delete('/api/v1/group-grants/:id', { config, schema: { tags, summary: 'End what a group may open; live codes under it end, too', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => endGroupGrant(trx, house, siteId, request.params.id, { id, name }))
    return reply.status(204).send(null)
  })
}
