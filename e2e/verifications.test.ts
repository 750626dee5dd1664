import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient, ProblemError } from '@oncekey/client'
import { mailServer } from './support/mail.ts'
import { runServer, setUp } from './support/server.ts'

test('a program verifies an address: key, mail by a real server, code, approval, and a lost answer asked for again', async () => {
  const mail = await mailServer()
  const server = await runServer({ ONCEKEY_SMTP_URL: mail.url })
  try {
    const owner = await setUp(server)
    const { apiKey, secret } = await owner.apiKeys.make({ name: 'Web shop' })
    const shop = createClient({ base: server.url, apiKey: secret })
    const started = await shop.verifications.start({ to: 'ana@example.org', purpose: 'sign-in' }, { idempotencyKey: 'a' })
    assert.deepEqual(await shop.verifications.start({ to: 'ana@example.org', purpose: 'sign-in' }, { idempotencyKey: 'a' }), started)
    await mail.until(1)
    const [message] = mail.mails
    assert.deepEqual([mail.mails.length, message?.to?.[0]?.address, message?.subject], [1, 'ana@example.org', 'Your code for Harbour Hall'])
    const code = /\n@127\.0\.0\.1 #(\d{6})\s*$/.exec(message?.text ?? '')?.[1] ?? ''
    assert.deepEqual(await shop.verifications.check(started.id, code === '000000' ? '000001' : '000000'), { status: 'refused' })
    assert.equal((await shop.verifications.get(started.id)).attemptsLeft, 4)
    await assert.rejects(shop.verifications.resend(started.id), (error) => error instanceof ProblemError && error.code === 'coolingDown')
    const approved = { status: 'approved', id: started.id, to: 'ana@example.org', channel: 'email', purpose: 'sign-in' }
    for (let i = 0; i < 2; i++) assert.deepEqual(await shop.verifications.check(started.id, code, { idempotencyKey: 'b' }), approved)
    assert.equal((await shop.verifications.cancel(started.id)).status, 'approved', 'what is approved stays so')
    await owner.apiKeys.revoke(apiKey.id)
    assert.notEqual((await owner.apiKeys.list()).apiKeys[0]?.revokedAt, null)
    await assert.rejects(shop.verifications.get(started.id), (error) => error instanceof ProblemError && error.code === 'apiKeyNeeded')
    const { rows } = await owner.audit.page({ limit: 20 })
    const verified = rows.filter((row) => row.event.startsWith('verification.') || row.event.startsWith('apiKey.')).map((row) => row.event).reverse()
    assert.deepEqual(verified, ['apiKey.made', 'verification.started', 'verification.sent', 'verification.refused', 'verification.approved', 'apiKey.revoked'])
    assert.ok(!JSON.stringify(rows).includes(code) && !server.logged.join('\n').includes(code))
  } finally {
    await server.end()
    await mail.close()
  }
})
