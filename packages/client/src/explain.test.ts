import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCall } from './http.ts'
import { explainVerbs } from './explain.ts'
import { json, world } from './testing/server.ts'

test('every verb that explains asks its own path', async (t) => {
  const made = await world(json({}))
  t.after(made.close)
  const { access, groups, holidays } = explainVerbs(createCall(made.base, fetch, 5_000))
  const verbs: [string, () => Promise<unknown>][] = [
    ['GET /api/v1/access/why?personId=p1&accessPointId=a1&at=5&by=remote', () => access.why({ personId: 'p1', accessPointId: 'a1', at: 5, by: 'remote' })],
    ['GET /api/v1/access/holders?accessPointId=a1&after=x', () => access.holders({ accessPointId: 'a1', after: 'x' })],
    ['GET /api/v1/access/points?personId=p1&limit=5', () => access.points({ personId: 'p1', limit: 5 })],
    ['GET /api/v1/audit/why?seq=7', () => access.refusal(7)],
    ['GET /api/v1/groups', () => groups.list()],
    ['POST /api/v1/groups {"name":"Staff"}', () => groups.make({ name: 'Staff' })],
    ['PATCH /api/v1/groups/g1 {"name":"Crew"}', () => groups.rename('g1', { name: 'Crew' })],
    ['DELETE /api/v1/groups/..%2Fg', () => groups.remove('../g')],
    ['GET /api/v1/groups/g1/people', () => groups.people('g1')],
    ['PATCH /api/v1/groups/g1/people {"join":["p1"]}', () => groups.changePeople('g1', { join: ['p1'] })],
    ['POST /api/v1/groups/g1/grants {"bankIds":["b1"]}', () => groups.give('g1', { bankIds: ['b1'] })],
    ['DELETE /api/v1/group-grants/gg1', () => groups.endGrant('gg1')],
    ['GET /api/v1/holidays', () => holidays.list()],
    ['POST /api/v1/holidays {"date":"2026-12-25","name":"Christmas"}', () => holidays.add({ date: '2026-12-25', name: 'Christmas' })],
    ['DELETE /api/v1/holidays/..%2Fh', () => holidays.remove('../h')]
  ]
  for (const [says, call] of verbs) {
    await call()
    const { method, path, body } = made.asked.at(-1)!
    assert.equal(`${method} ${path.replace('/deep/', '/')} ${body}`.trim(), says)
  }
})
