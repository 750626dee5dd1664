import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld, type TestPerson } from './world.ts'

type Line = [method: 'GET' | 'POST' | 'DELETE', url: string, mayFrom: 'nobody' | 'member' | 'operator' | 'admin', body?: object]

test('who may call what: controllers, codes, live pages', async () => {
  const world = await openWorld()
  try {
    const { people, points, controllers } = world
    const lines: Line[] = [
      ['GET', 'me/access', 'member'], ['POST', 'codes', 'member', { accessPointId: points.a03 }], ['GET', 'codes', 'member'], ['DELETE', `codes/${world.house.newId()}`, 'member'],
      ['GET', 'live', 'operator'],
      ['POST', `access-points/${points.a01}/unlock`, 'operator', { reason: 'why not' }], ['POST', `access-points/${points.a01}/lock`, 'operator', { reason: 'why not' }],
      ['POST', `controllers/${controllers.bank}/clear-lockout`, 'operator', { reason: 'why not' }],
      ['POST', 'controllers/claim', 'admin', { claimCode: 'ABCDEFGHJK', name: 'x' }], ['GET', `controllers/${controllers.bank}/simulation`, 'admin'],
      ['DELETE', `controllers/${world.house.newId()}`, 'admin'],
      ['POST', 'commissioning', 'nobody', { key: 'A'.repeat(43), claimCode: 'ABCDEFGHJK', hardware: '', firmware: '', locks: 1 }]
    ]
    const callers: [string, TestPerson | null][] = [['nobody', null], ['member', people.maya], ['operator', people.otto], ['admin', people.adam], ['owner', people.olga]]
    for (const [method, url, mayFrom, body] of lines) {
      for (const [i, [role, who]] of callers.entries()) {
        const answer = await world.call(who, method, url, body)
        const isAllowed = i >= callers.findIndex(([name]) => name === mayFrom)
        const refused = who === null ? 'signInNeeded' : 'notAllowed'
        assert.equal(answer.refusal === refused, !isAllowed, `${role} ${method} ${url}: ${answer.said}`)
        assert.ok(answer.status < 500, `${role} ${method} ${url}: ${answer.status}`)
      }
    }
    // A page of another site can not make a signed-in browser do anything.
    const foreign = await world.call(people.otto, 'POST', `access-points/${points.a01}/unlock`, { reason: 'why not' }, { origin: 'https://evil.example' })
    assert.deepEqual([foreign.status, foreign.refusal], [403, 'originRefused'])
    // Odd values are refused, not broken by.
    for (const odd of [null, [], 'x', 7, { accessPointId: '' }, { accessPointId: 'x'.repeat(60_000) }, { accessPointId: { a: 1 } }, { accessPointId: points.a01, personId: '<b>' }, { accessPointId: points.a01, deliver: 'maybe' }]) {
      const answer = await world.call(people.maya, 'POST', 'codes', odd as object)
      assert.deepEqual([answer.status, answer.refusal], [400, 'badRequest'], JSON.stringify(odd)?.slice(0, 80))
    }
    assert.equal((await world.call(people.maya, 'POST', 'codes', { accessPointId: points.a01 }, { 'idempotency-key': 'x'.repeat(129) })).status, 400)
    assert.equal((await world.call(people.maya, 'POST', 'codes', { accessPointId: 'x'.repeat(70_000) })).status, 413)
    assert.equal((await world.call(people.maya, 'GET', 'codes?personId=nobody')).status, 400)
    assert.equal((await world.call(people.adam, 'DELETE', 'controllers/..%2f..')).status, 400)
  } finally {
    await world.close()
  }
})
