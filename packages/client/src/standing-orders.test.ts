import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCall } from './http.ts'
import { standingOrderVerbs } from './standing-orders.ts'
import { json, world } from './testing/server.ts'

test('every verb about orders that stand asks its own path', async (t) => {
  const made = await world(json({}))
  t.after(made.close)
  const orders = standingOrderVerbs(createCall(made.base, fetch, 5_000))
  const verbs: [string, () => Promise<unknown>][] = [
    ['GET /api/v1/standing-orders', () => orders.list()],
    ['POST /api/v1/standing-orders {"kind":"hold","accessPointId":"a1","reason":"Broken glass"}', () => orders.give({ kind: 'hold', accessPointId: 'a1', reason: 'Broken glass' })],
    ['POST /api/v1/standing-orders/..%2Fo/end {"reason":"It is over"}', () => orders.end('../o', 'It is over')]
  ]
  for (const [says, call] of verbs) {
    await call()
    const { method, path, body } = made.asked.at(-1)!
    assert.equal(`${method} ${path.replace('/deep/', '/')} ${body}`.trim(), says)
  }
})
