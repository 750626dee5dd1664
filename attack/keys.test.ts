import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { databases } from './support/databases.ts'
import { startFleet, type Fleet } from './support/servers.ts'
import { figure, size } from './support/size.ts'

const HUNT_MS = size(1_600, 3_000)
/** How long a server may believe what it has looked up. */
const BELIEVED_MS = 1_000
const THIEVES = 8
const CODE = '424242'

type Try = { begunAt: number, what: 'read' | 'check', status: number }

for (const database of databases) {
  void describe(`a leaked key, two processes, ${database.name}`, () => {
    let fleet: Fleet
    before(async () => { fleet = await startFleet(database, 2) })
    after(async () => { await fleet.end() })

    for (const way of ['revoked', 'rotated'] as const) {
      test(`${way} at one server: a second later it opens nothing anywhere`, async () => {
        const { apiKey, secret } = await fleet.owner.apiKeys.make({ name: 'Leaked' })
        const to = `${way}@example.org`
        await fleet.owner.testRecipients.add({ to, code: CODE, expiresAt: Date.now() + 3_600_000 })
        const by = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
        const { id } = await (await fetch(`${fleet.processes[0]?.url}/api/v1/verifications`, { method: 'POST', headers: by, body: JSON.stringify({ to }) })).json() as { id: string }
        const tries: Try[] = []
        let isOver = false
        const hunts = Array.from({ length: THIEVES }, async (_, i) => {
          const base = `${fleet.processes[i % 2]?.url}/api/v1/verifications/${id}`
          for (let n = 0; !isOver; n++) {
            const begunAt = performance.now()
            const what = n % 2 === 0 ? 'read' as const : 'check' as const
            // What is no code is compared as well, and uses a try up: the reason for a refusal is not what is looked at.
            const { status } = await (what === 'read' ? fetch(base, { headers: by }) : fetch(`${base}/check`, { method: 'POST', headers: by, body: '{"code":"000000"}' }))
            tries.push({ begunAt, what, status })
          }
        })
        await sleep(300)
        if (way === 'revoked') await fleet.owner.apiKeys.revoke(apiKey.id)
        else await fleet.owner.apiKeys.rotate(apiKey.id, { graceHours: 0 })
        const endedAt = performance.now()
        await sleep(HUNT_MS)
        isOver = true
        await Promise.all(hunts)
        const served = tries.filter(({ status }) => status !== 401)
        const late = tries.filter(({ begunAt }) => begunAt > endedAt + BELIEVED_MS)
        assert.ok(served.length > 3 && late.length > 10, `${served.length} served, ${late.length} late`)
        assert.deepEqual(late.filter(({ status }) => status !== 401), [])
        // A check looks at the key in its own transaction.
        if (way === 'revoked') assert.deepEqual(tries.filter(({ begunAt, what, status }) => what === 'check' && begunAt > endedAt && status !== 401), [])
        const last = Math.max(0, ...served.map(({ begunAt }) => begunAt - endedAt))
        figure(`${database.name}, 2 processes: a ${way} key served ${served.length} of ${tries.length} requests, the last one begun ${last.toFixed(0)} ms after it ended (bound 1000)`)
      })
    }
  })
}
