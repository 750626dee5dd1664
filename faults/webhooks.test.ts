import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@oncekey/client'
import { openReceiver } from '@oncekey/server/testing/receiver'
import { databases } from './support/databases.ts'
import { dice, isFull, seedFor } from './support/seed.ts'
import { openSite, owner } from './support/site.ts'

const KILLS = isFull ? 20 : 3
const AT_ONCE = 12
const CODE = '424242'
/** Longer than a message is in the hands of whoever claimed it. */
const LEASE_MS = 61_000
/** Its clock can be moved: a minute of waiting is none. */
const program = [join(import.meta.dirname, 'support/soak-program.ts')]

for (const database of databases) {
  test(`kill -9 at ${KILLS} random moments while messages leave for a webhook, on ${database.name}: none is lost`, { timeout: isFull ? 1_800_000 : 300_000 }, async () => {
    const random = dice(seedFor(`webhooks and kill -9 on ${database.name}`))
    const begun = performance.now()
    const shop = await openReceiver()
    // A receiver takes a moment, so that messages are on their way when the server dies; and it refuses some.
    shop.manner = (response) => { setTimeout(() => { response.writeHead(random.chance(0.1) ? 503 : 200).end() }, random.whole(25)) }
    const site = await openSite(database, { people: 0, env: { ONCEKEY_WEBHOOK_NETWORKS: 'loopback' }, program, withInput: true })
    try {
      const { webhook } = await site.client.webhooks.make({ url: `${shop.url}/hooks` })
      const { secret } = await site.client.apiKeys.make({ name: 'Shop' })
      const caller = createClient({ base: site.url, apiKey: secret, timeoutMs: 10_000 })
      for (let kill = 0; kill < KILLS; kill++) {
        const to = Array.from({ length: AT_ONCE }, (_, i) => `u${kill}-${i}@example.org`)
        let listed: { id: string }[] = []
        for (const one of to) listed = (await site.client.testRecipients.add({ to: one, code: CODE, expiresAt: Date.now() + 20 * 86_400_000 })).recipients
        // Answers that died with the server are nobody's promise; what the record has is.
        const work = Promise.allSettled(to.map(async (one) => {
          await sleep(random.whole(250))
          const { id } = await caller.verifications.start({ to: one })
          await caller.verifications.check(id, random.chance(0.2) ? '000000' : CODE)
        }))
        // In the midst of it, however fast the machine is.
        const least = shop.heard.length + 1 + random.whole(AT_ONCE)
        for (const ends = Date.now() + 10_000; shop.heard.length < least && Date.now() < ends;) await sleep(2)
        await site.process.kill()
        await work
        await site.start({ program, withInput: true })
        for (const { id } of listed) await site.client.testRecipients.remove(id)
      }
      const waiting = async (): Promise<number> => (await site.client.webhooks.deliveries(webhook.id)).deliveries.filter(({ state }) => state === 'waiting').length
      // Whoever was not typed for expires, too; then everything has to arrive, in the end.
      site.process.process.stdin?.write('wait 660000\n')
      const types = new Map<string, string>([['verification.started', 'verification.sent'], ['verification.approved', 'verification.verified'], ['verification.expired', 'verification.expired']])
      const expected = new Set<string>()
      let missing: string[] = []
      for (const ends = Date.now() + 60_000; ;) {
        site.process.process.stdin?.write(`wait ${LEASE_MS}\n`)
        await sleep(500)
        await site.client.session.start({ login: owner.email, password: owner.password })
        await site.readRecord()
        for (const { event, details } of site.record) if (types.has(event)) expected.add(`${types.get(event)} ${String(details['verificationId'])}`)
        const heard = new Set(shop.heard.map(({ body }) => JSON.parse(body)).map(({ type, data }) => `${type} ${data.id}`))
        missing = [...expected].filter((what) => !heard.has(what))
        if ((missing.length === 0 && await waiting() === 0) || Date.now() > ends) break
      }
      const told = new Map<string, Set<string>>()
      const tries = new Map<string, number>()
      for (const { body, headers } of shop.heard) {
        const { type, data } = JSON.parse(body)
        const what = `${type} ${data.id}`
        told.set(what, (told.get(what) ?? new Set()).add(headers['webhook-id'] ?? ''))
        tries.set(headers['webhook-id'] ?? '', (tries.get(headers['webhook-id'] ?? '') ?? 0) + 1)
      }
      assert.ok(expected.size > KILLS * 3, `${expected.size} events`)
      assert.deepEqual(missing, [], 'lost')
      assert.deepEqual([...told.keys()].filter((what) => !expected.has(what)), [], 'told, but never happened')
      assert.deepEqual([...told].filter(([, ids]) => ids.size !== 1), [], 'one event, one id, however often it was tried')
      assert.equal(await waiting(), 0)
      const more = [...tries.values()].reduce((sum, count) => sum + count - 1, 0)
      console.log(`  ${database.name}: ${KILLS} kills, ${expected.size} events told, lost: 0, tried more than once: ${more} (a tenth was refused on purpose) (${((performance.now() - begun) / 1000).toFixed(0)} s)`)
    } finally {
      await site.end()
      await shop.close()
    }
  })
}
