import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient, ProblemError } from '@oncekey/client'
import { openReceiver } from '@oncekey/server/testing/receiver'
import { Webhook } from 'standardwebhooks'
import { mailServer } from './support/mail.ts'
import { runServer, setUp } from './support/server.ts'

test('a shop is told what becomes of a verification, changes its secrets while it goes on, and tests without messages', async () => {
  const mail = await mailServer()
  const shop = await openReceiver()
  const server = await runServer({ ONCEKEY_SMTP_URL: mail.url, ONCEKEY_WEBHOOK_NETWORKS: 'loopback' })
  try {
    const owner = await setUp(server)
    const { webhook, secret } = await owner.webhooks.make({ url: `${shop.url}/oncekey` })
    const { apiKey, secret: key } = await owner.apiKeys.make({ name: 'Web shop' })
    const program = createClient({ base: server.url, apiKey: key })
    const { id } = await program.verifications.start({ to: 'ana@example.org' })
    await mail.until(1)
    await shop.until(1)
    await program.verifications.check(id, /#(\d{6})\s*$/.exec(mail.mails[0]?.text ?? '')?.[1] ?? '')
    await shop.until(2)
    // As the receiver's own library reads them, with the time of now.
    const read = (i: number, by = secret): unknown => new Webhook(by).verify(shop.heard[i]?.body ?? '', shop.heard[i]?.headers ?? {})
    const types = [0, 1].map((i) => Object(read(i)).type)
    assert.deepEqual(types, ['verification.sent', 'verification.verified'])
    assert.equal(Object(read(1)).data.id, id)

    // Refused once, and taken when it comes again by hand.
    shop.manner = (response) => { response.writeHead(500).end() }
    await owner.webhooks.test(webhook.id)
    await shop.until(3)
    shop.manner = (response) => { response.end() }
    for (;;) {
      const [delivery] = (await owner.webhooks.deliveries(webhook.id)).deliveries
      if (delivery?.fault !== 'refused') continue
      assert.deepEqual([delivery.event, delivery.state, delivery.status], ['webhook.test', 'waiting', 500])
      await owner.webhooks.replay(delivery.id)
      break
    }
    await shop.until(4)
    assert.equal(shop.heard[3]?.headers['webhook-id'], shop.heard[2]?.headers['webhook-id'])

    const { secret: fresh } = await owner.webhooks.rotate(webhook.id, { graceHours: 1 })
    await owner.testRecipients.add({ to: 'test@example.org', code: '424242', expiresAt: Date.now() + 3_600_000 })
    const other = await program.verifications.start({ to: 'test@example.org' })
    assert.equal(other.isTest, true)
    assert.equal((await program.verifications.check(other.id, '424242')).status, 'approved')
    await shop.until(6)
    for (const by of [secret, fresh]) assert.equal(Object(read(5, by)).data.isTest, true)
    assert.equal(mail.mails.length, 1)

    const { secret: nextKey } = await owner.apiKeys.rotate(apiKey.id, { graceHours: 0 })
    await assert.rejects(program.verifications.get(id), (error) => error instanceof ProblemError && error.code === 'apiKeyNeeded')
    assert.equal((await createClient({ base: server.url, apiKey: nextKey }).verifications.get(id)).status, 'approved')
    await owner.webhooks.change(webhook.id, { isPaused: true })
    await owner.webhooks.remove(webhook.id)
    assert.deepEqual((await owner.webhooks.list()).webhooks, [])
    const { rows } = await owner.audit.page({ limit: 50 })
    const done = rows.map(({ event }) => event).filter((event) => /^(webhook|apiKey|testRecipient)\./.test(event)).reverse()
    assert.deepEqual(done, ['webhook.made', 'apiKey.made', 'webhook.tested', 'webhook.replayed', 'webhook.rotated', 'testRecipient.added', 'apiKey.rotated', 'webhook.changed', 'webhook.removed'])
    const secrets = [secret, fresh, key, nextKey].map((one) => one.slice(6))
    assert.ok(secrets.every((one) => !JSON.stringify([rows, server.logged]).includes(one)))
  } finally {
    await server.end()
    await shop.close()
    await mail.close()
  }
})
