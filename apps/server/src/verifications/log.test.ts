import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { test } from 'node:test'
import type { VerificationsQuery } from '@oncekey/protocol/schemas'
import { insertRows } from '../people/listing.ts'
import { testOfFiles } from '../testing/database.ts'
import { openPhones } from '../testing/phones.ts'
import { openVerifier, wrong } from '../testing/verifier.ts'
import { expireVerifications } from './end.ts'
import { findCourse, findVerifications } from './log.ts'

test('an operator sees each verification with its ways, masked and without digits, by state and channel, page by page', async () => {
  // Without TLS: the small world's cookies are those of plain HTTP.
  const v = await openPhones({ ONCEKEY_PUBLIC_URL: 'http://127.0.0.1:8080' })
  const { world } = v
  const { house, siteId, people } = world
  try {
    const phone = (await v.call('POST', 'verifications', { to: '+4915112345678', channels: ['sms', 'whatsapp'] })).body
    await v.flush()
    const [message] = v.messages('sms')
    const code = message?.code ?? ''
    assert.equal(await v.receipt(message?.id ?? '', 'failed'), 204)
    await v.flush()
    await v.receipt(v.messages('whatsapp')[0]?.id ?? '', 'delivered')
    await v.check(phone.id, wrong(code))
    house.wait(1_000)
    const mails = []
    for (let i = 0; i < 7; i++) {
      mails.push(await v.start())
      house.wait(10)
    }
    await v.check(mails[0]?.id ?? '', mails[0]?.digits ?? '')
    for (let i = 0; i < 5; i++) await v.check(mails[1]?.id ?? '', wrong(mails[1]?.digits ?? ''))
    await v.call('POST', `verifications/${mails[2]?.id}/cancel`)

    await world.signIn(people.otto)
    const page = async (query: VerificationsQuery = {}) => (await world.call(people.otto, 'GET', `verifications?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`)).body
    const all = await page()
    assert.deepEqual(all.verifications.map(({ id }) => id), [...mails.map(({ id }) => id).reverse(), phone.id])
    assert.deepEqual(all.verifications.map(({ status }) => status), ['pending', 'pending', 'pending', 'pending', 'cancelled', 'blocked', 'approved', 'pending'])
    const { verifications: [texted] } = await page({ channel: 'whatsapp' })
    assert.deepEqual(texted, {
      id: phone.id, status: 'pending', to: '•••78', channel: 'whatsapp', country: 'DE', purpose: 'verification', createdAt: phone.createdAt, expiresAt: phone.expiresAt, endedAt: null, attemptsUsed: 1, attemptsMost: 5,
      deliveries: [{ channel: 'sms', state: 'failed' }, { channel: 'whatsapp', state: 'delivered' }], isTest: false
    })
    const paged = []
    for (let before: string | null | undefined; before !== null;) {
      const { verifications, next }: Awaited<ReturnType<typeof page>> = await page({ limit: 3, ...before === undefined ? {} : { before } })
      paged.push(...verifications)
      before = next
    }
    assert.deepEqual(paged, all.verifications)
    for (const [status, count] of [['pending', 5], ['approved', 1], ['blocked', 1], ['cancelled', 1], ['expired', 0]] as const) assert.equal((await page({ status })).verifications.length, count, status)

    const course = await findCourse(house, siteId, phone.id)
    assert.deepEqual(course.messages.map(({ channel, state, tries, fault }) => [channel, state, tries, fault]), [['sms', 'failed', 1, 'UNDELIVERED'], ['whatsapp', 'delivered', 1, null]])
    assert.ok(Number(course.messages[1]?.deliveredAt) >= Number(course.messages[0]?.endedAt))
    assert.ok([code, ...mails.map(({ digits }) => digits)].every((digits) => !JSON.stringify([all, course]).includes(digits)))
    assert.ok(!JSON.stringify([all, course]).includes('12345678'))

    house.wait(700_000)
    await world.signIn(people.otto)
    assert.equal((await page({ status: 'pending' })).verifications.length, 0)
    assert.deepEqual((await page()).verifications.map(({ status }) => status).filter((one) => one === 'expired').length, 5, 'before anybody swept')
    await expireVerifications(house)
    assert.equal((await page({ status: 'expired' })).verifications.length, 5)
    await world.signIn(people.maya)
    assert.equal((await world.call(people.maya, 'GET', 'verifications')).status, 403)
    assert.equal((await world.call(people.otto, 'GET', `verifications/${'A'.repeat(22)}/course`)).status, 404)
  } finally {
    await v.end()
  }
})

/** So many rows of which few have ended in a way of their own. */
async function withMany (count: number, run: (v: Awaited<ReturnType<typeof openVerifier>>) => Promise<void>): Promise<void> {
  const v = await openVerifier()
  try {
    const { house, siteId } = v.world
    const now = house.clock()
    const statusOf = (i: number): string => i === 3 ? 'blocked' : i === 5 ? 'cancelled' : i % 50 === 0 ? 'expired' : 'approved'
    for (let from = 0; from < count; from += 5_000) {
      await house.db.write(async (trx) => {
        await insertRows(trx, 'verifications', ['id', 'site_id', 'channel', 'recipient', 'recipient_key', 'purpose', 'status', 'created_at', 'expires_at', 'ended_at', 'generation', 'failures', 'superseded', 'channels'],
          Array.from({ length: Math.min(5_000, count - from) }, (_, i) => {
            const at = now - count + from + i
            return [at.toString(36).padStart(9, '0') + 'A'.repeat(22), siteId, i % 2 === 0 ? 'email' : 'sms', 'n@example.org', 'k', 'verification', statusOf(from + i), at, at, at, 1, 0, '', 'email']
          }))
      })
    }
    await run(v)
  } finally {
    await v.world.close()
  }
}

test('one blocked verification behind very many others is found at once, and a filter without an index answers in pages', async () => {
  await withMany(process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 1_000_000 : 25_000, async ({ world: { house, siteId } }) => {
    const ask = async (query: VerificationsQuery): Promise<{ found: number, next: string | null, ms: number }> => {
      const began = performance.now()
      const { verifications, next } = await findVerifications(house, siteId, query)
      return { found: verifications.length, next, ms: performance.now() - began }
    }
    await ask({})
    for (const query of [{}, { status: 'blocked' }, { status: 'cancelled' }, { status: 'expired' }, { status: 'approved' }, { status: 'pending' }, { channel: 'voice' }, { status: 'expired', channel: 'sms' }] as const) {
      const { found, next, ms } = await ask(query)
      process.stdout.write(`  ${JSON.stringify(query)}: ${found} in ${ms.toFixed(1)} ms\n`)
      assert.ok(ms < 250, `${JSON.stringify(query)} took ${ms} ms`)
      if ('status' in query && (query.status === 'blocked' || query.status === 'cancelled')) assert.deepEqual([found, next], [1, null])
      if ('channel' in query && query.channel === 'voice') assert.ok(found === 0 && next !== null, 'there may be one further down')
    }
  })
})

testOfFiles('the list walks along an index, in order, with every filter', async () => {
  await withMany(2_000, async ({ world: { house, siteId } }) => {
    const asked: string[] = []
    const ask = house.db.ask
    const heard = { ...house, db: { ...house.db, ask: (text: string) => { asked.push(text); return ask(text) } } }
    const queries: VerificationsQuery[] = [{}, { before: 'x'.repeat(22) }, ...(['pending', 'approved', 'blocked', 'cancelled', 'expired'] as const).flatMap((status): VerificationsQuery[] => [{ status }, { status, channel: 'sms' }, { status, before: 'x'.repeat(22) }])]
    for (const query of queries) await findVerifications(heard, siteId, query)
    const database = new DatabaseSync(join(house.config.dataDir, 'oncekey.db'), { readOnly: true })
    const plans = [...new Set(asked)].map((text) => [text, database.prepare(`EXPLAIN QUERY PLAN ${text}`).all().map((row) => String(row['detail'])).join('\n')] as const)
    database.close()
    assert.ok(plans.length > 10)
    for (const [text, plan] of plans.filter(([text]) => text.includes('FROM verifications'))) {
      assert.doesNotMatch(plan, /TEMP B-TREE/, `${text}\n${plan}`)
      if (/status = '(expired|blocked|cancelled)'/.test(text)) assert.match(plan, /verifications_unverified/, `${text}\n${plan}`)
    }
    for (const [text, plan] of plans.filter(([text]) => text.includes('FROM outbox'))) assert.match(plan, /SEARCH outbox USING INDEX outbox_verification/, `${text}\n${plan}`)
  })
})
