import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditRow, GuardFigures } from '@oncekey/protocol/schemas'
import { expireVerifications } from '../verifications/end.ts'
import { openPhones } from '../testing/phones.ts'
import { wrong } from '../testing/verifier.ts'
import { recordRefusals, writeRefusals } from './figures.ts'

const HOUR = 3_600_000

test('a day of everything: each figure is a count of the record, by channel and country', async () => {
  // Without TLS: the small world's cookies are those of plain HTTP.
  const v = await openPhones({ ONCEKEY_PUBLIC_URL: 'http://127.0.0.1:8080' })
  const { world } = v
  const { house, people } = world
  try {
    await world.signIn(people.adam)
    assert.equal((await world.call(people.adam, 'PATCH', 'guard/settings', { countries: ['DE', 'GB', 'PT'], costs: [{ channel: 'sms', country: null, micros: 75_000 }, { channel: 'sms', country: 'PT', micros: 41_500 }, { channel: 'whatsapp', country: null, micros: 9_000 }] })).status, 200)
    await world.call(people.adam, 'POST', 'test-recipients', { to: 'test@example.org', code: '424242', expiresAt: house.clock() + HOUR })
    const start = async (to: string, more = {}) => (await v.call('POST', 'verifications', { to, ...more })).body.id
    const german = (i: number): string => `+49151234567${String(i).padStart(2, '0')}`
    const told = async (state: string, from = 0): Promise<void> => { for (const { id } of v.messages('sms').slice(from)) assert.ok(await v.receipt(id, state) < 300) }

    // Mail, German and Portuguese phones; most are typed in.
    for (let i = 0; i < 6; i++) {
      const mail = await v.start(`u${i}@example.org`)
      if (i < 4) assert.equal((await v.check(mail.id, mail.digits)).body.status, 'approved')
      if (i === 4) for (let wrongly = 0; wrongly < 6; wrongly++) await v.check(mail.id, wrong(mail.digits))
      if (i === 5) await v.call('POST', `verifications/${mail.id}/cancel`)
    }
    const phones = [...[0, 1, 2].map(german), '+351912345678', '+447400123456']
    const ids = []
    for (const to of phones) ids.push(await start(to))
    await v.flush()
    await told('delivered')
    await told('delivered')
    for (const [i, id] of ids.entries()) {
      const code = v.messages('sms')[i]?.code ?? ''
      if (i < 3) assert.equal((await v.check(id, code)).body.status, 'approved')
      if (i === 0) await v.check(id, code)
      if (i === 3) await v.check(id, wrong(code))
    }
    // One never arrives and nothing stands by; of two more the code goes another way.
    await start(german(3))
    await v.flush()
    await told('failed', 5)
    const [late, refused] = [await start(german(4), { channels: ['sms', 'whatsapp'] }), await start(german(5), { channels: ['sms', 'whatsapp', 'voice'] })]
    await v.flush()
    await told('failed', 7)
    await v.pass(20_000)
    assert.deepEqual([v.messages('sms').length, v.messages('whatsapp').length], [8, 2])
    assert.equal((await v.check(late, v.messages('whatsapp').find(({ to }) => to === german(4))?.code ?? '')).body.status, 'approved')
    assert.ok(refused)
    // Another code for one, half a minute later; a recipient of tests; and what the guard refuses.
    await v.pass(31_000)
    assert.equal((await v.call('POST', `verifications/${ids[3]}/resend`)).status, 200)
    await v.flush()
    const tested = await v.call('POST', 'verifications', { to: 'test@example.org' })
    await v.check(tested.body.id, '111111')
    assert.equal((await v.check(tested.body.id, '424242')).body.status, 'approved')
    for (let i = 0; i < 3; i++) assert.equal((await v.call('POST', 'verifications', { to: `+3361234567${i}` })).problem.reason, 'countryNotListed')
    assert.equal((await v.call('POST', 'verifications', { to: '+491805123456' })).problem.reason, 'numberType')
    assert.equal((await v.check('A'.repeat(22), '123456')).body.status, 'refused')
    await writeRefusals(house)
    house.wait(HOUR)
    await expireVerifications(house)
    house.wait(HOUR + 120_000)
    await recordRefusals(house)

    await world.signIn(people.otto)
    const figures = (await world.call(people.otto, 'GET', `guard/figures?by=day&from=${house.clock() - 24 * HOUR}`)).body
    const hourly = (await world.call(people.otto, 'GET', 'guard/figures')).body
    const record: AuditRow[] = []
    for (let before: number | null = 1e9; before !== null;) {
      const page: { rows: AuditRow[], next: number | null } = (await world.call(people.otto, 'GET', `audit?limit=50&before=${before}`)).body as never
      record.push(...page.rows)
      before = page.next
    }
    const counted = countedInRecord(record)
    assert.deepEqual(sumsOf(figures), counted)
    assert.deepEqual(sumsOf(hourly), counted)
    // Nothing of the above is empty, or this would show nothing.
    for (const what of ['started', 'sent', 'micros', 'taken', 'delivered', 'verified', 'expired', 'blocked', 'cancelled', 'failed UNDELIVERED', 'check wrong', 'check alreadyUsed', 'refused countryNotListed', 'refused numberType']) {
      assert.ok([...Object.entries(counted)].some(([name, count]) => name.endsWith(` ${what}`) && count > 0), what)
    }
    assert.equal(counted['sms DE micros'], 6 * 75_000)
    assert.equal(counted['sms PT micros'], 2 * 41_500)
  } finally {
    await v.end()
  }
})

/** Figures by their names: `sms DE verified`. */
function sumsOf ({ rows }: GuardFigures): Record<string, number> {
  const sums: Record<string, number> = {}
  const add = (name: string, count: number): void => { if (count !== 0) sums[name] = (sums[name] ?? 0) + count }
  for (const { channel, country, failed, checksRefused, refused, from: _from, ...counts } of rows) {
    const by = `${channel} ${country ?? ''}`
    for (const [what, count] of Object.entries(counts)) add(`${by} ${what}`, count)
    for (const one of failed) add(`${by} failed ${one.fault}`, one.messages)
    for (const one of checksRefused) add(`${by} check ${one.reason}`, one.checks)
    for (const one of refused) add(`${by} refused ${one.reason}`, one.messages)
  }
  return sums
}

/** The same, from nothing but the record, the oldest row first, and the costs of the day. */
function countedInRecord (newestFirst: readonly AuditRow[]): Record<string, number> {
  const sums: Record<string, number> = {}
  const known = new Map<string, { channel: string, country: string, isTest: boolean }>()
  const cost = (channel: string, country: string): number => channel === 'sms' ? (country === 'PT' ? 41_500 : 75_000) : channel === 'whatsapp' ? 9_000 : 0
  for (const { event, details, reason } of newestFirst.toReversed()) {
    const word = (name: string): string => String(details[name] ?? '')
    if (event === 'verification.started') known.set(word('verificationId'), { channel: word('channel'), country: word('country'), isTest: details['isTest'] === true })
    if (event === 'guard.refused') sums[`${word('channel')} ${word('country')} refused ${word('why')}`] = Number(details['messages'])
    if (!event.startsWith('verification.')) continue
    const one = known.get(word('verificationId')) ?? { channel: '', country: '', isTest: false }
    if (event === 'verification.fellBack' || event === 'verification.resent') one.channel = word('channel')
    if (one.isTest) continue
    const add = (what: string, count = 1, channel = one.channel): void => { if (count > 0) sums[`${channel} ${one.country} ${what}`] = (sums[`${channel} ${one.country} ${what}`] ?? 0) + count }
    switch (event) {
      case 'verification.started': case 'verification.resent': case 'verification.fellBack':
        if (event === 'verification.started') add('started')
        add('sent')
        add('micros', cost(one.channel, one.country))
        break
      case 'verification.sent': add('taken', 1, word('channel')); break
      case 'verification.delivered': add('delivered', 1, word('channel')); break
      case 'verification.deliveryFailed': add(`failed ${word('fault')}`, 1, word('channel')); break
      case 'verification.approved': add('verified'); break
      case 'verification.refused': add(`check ${reason}`); break
      case 'verification.expired': add('expired'); break
      case 'verification.blocked': add('blocked'); break
      case 'verification.cancelled': add('cancelled'); break
    }
  }
  return sums
}
