import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { DemoRun } from '@oncekey/protocol/schemas'
import { COOKIE } from '../sessions/cookies.ts'
import type { TestPerson } from '../testing/world.ts'
import { openPhones, type Phones } from '../testing/phones.ts'
import { wrong } from '../testing/verifier.ts'
import { expireVerifications } from '../verifications/end.ts'
import { forgetDemos } from './work.ts'

const MOBILE = '+49 1522 3433333'
let p: Phones
beforeEach(async () => {
  // Three gateways and a mail server are set up: what the demo sends by any of them would be seen.
  p = await openPhones({ ONCEKEY_PUBLIC_URL: '' })
  await p.world.call(p.world.people.adam, 'PATCH', 'demo', { forStrangers: true })
})
afterEach(async () => { await p.end() })

/** A browser at the demo page: keeps the mark that it is given. */
type Visitor = {
  call: (method: 'GET' | 'POST', path: string, body?: object) => Promise<{ status: number, body: any, code: string | undefined }> // oxlint-disable-line typescript/no-explicit-any
  mark: () => string
  start: (to?: string, more?: object) => Promise<DemoRun>
  /** Looks until the message is there. */
  read: (id: string) => Promise<string>
}

function visitor ({ who = null, mark: first = '', address = '203.0.113.7' }: { who?: TestPerson | null, mark?: string, address?: string } = {}): Visitor {
  let mark = first
  const call: Visitor['call'] = async (method, path, body) => {
    const cookie = [...mark === '' ? [] : [`oncekey-demo=${mark}`], ...who === null ? [] : [`${COOKIE}=${who.cookie}`]].join('; ')
    const answer = await p.world.house.app.inject({ method, url: `/api/v1/demo${path}`, remoteAddress: address, headers: { cookie }, ...body === undefined ? {} : { payload: body } })
    mark = answer.cookies.find((one) => one.name.endsWith('oncekey-demo'))?.value ?? mark
    const json = answer.json()
    return { status: answer.statusCode, body: json, code: json.code }
  }
  return {
    call, mark: () => mark,
    async start (to = MOBILE, more = {}) {
      const { status, body } = await call('POST', '/verifications', { to, ...more })
      assert.equal(status, 201, JSON.stringify(body))
      return body
    },
    async read (id) {
      for (let look = 0; look < 2; look++) {
        const { body } = await call('GET', `/verifications/${id}`)
        if (body.message !== null) return /\b(\d{6})\b/.exec(body.message.text)?.[1] ?? ''
      }
      assert.fail('There is no message.')
    }
  }
}

const check = async (who: Visitor, id: string, code: string) => (await who.call('POST', `/verifications/${id}/check`, { code })).body
const sent = (): number => Object.values(p.gateways).reduce((all, one) => all + one.requests.length, 0)

test('a stranger asks for a code, reads it beside the form, mistypes it once, types it in: nothing leaves the house', async () => {
  const ana = visitor()
  const { verification, message, isReal } = await ana.start(MOBILE, { language: 'de' })
  assert.deepEqual([verification.to, verification.channel, verification.status, verification.delivery, verification.attemptsLeft, message, isReal], ['+4915223433333', 'sms', 'pending', 'sent', 5, null, false])
  const { body: second } = await ana.call('GET', `/verifications/${verification.id}`)
  assert.equal(second.verification.delivery, 'delivered')
  assert.match(second.message.text, /Gym/)
  const code = await ana.read(verification.id)
  const missed = await check(ana, verification.id, wrong(code))
  assert.deepEqual([missed.isRight, missed.run.verification.attemptsLeft, missed.run.message === null], [false, 4, false])
  const done = await check(ana, verification.id, code)
  assert.deepEqual([done.isRight, done.run.verification.status, done.run.message], [true, 'approved', null], 'the message ends with its code')
  assert.equal((await check(ana, verification.id, code)).isRight, false, 'once')
  await p.flush()
  await p.pass(60_000)
  assert.equal(sent(), 0)
  const events = (await p.world.record()).filter(({ event }) => event.startsWith('verification.'))
  assert.deepEqual(events.map(({ event }) => event), ['verification.started', 'verification.sent', 'verification.delivered', 'verification.refused', 'verification.approved'])
  assert.deepEqual(events.slice(0, 3).map(({ details }) => details['isTest']), [true, true, true])
  const dump = JSON.stringify([await p.world.house.rows('SELECT * FROM outbox'), await p.world.house.rows('SELECT * FROM verifications'), await p.world.record(), p.world.house.logged])
  assert.ok(!dump.includes(code))
})

test('by mail, and by a call: the same, in the words of that channel', async () => {
  const ana = visitor()
  const mail = await ana.start('ana@example.org')
  const { body } = await ana.call('GET', `/verifications/${mail.verification.id}`)
  assert.deepEqual([body.verification.channel, body.message.subject], ['email', 'Your code for Gym'])
  assert.equal((await check(ana, mail.verification.id, await ana.read(mail.verification.id))).isRight, true)
  const called = await ana.start(MOBILE, { channel: 'voice' })
  assert.equal(called.verification.channel, 'voice')
  assert.equal((await ana.call('POST', '/verifications', { to: MOBILE, channel: 'email' })).code, 'badRequest')
})

test('nobody else reads the inbox, checks, resends: not another browser, not who signs in or out in this one, not an operator, not a key', async () => {
  const ana = visitor()
  const { verification: { id } } = await ana.start()
  const code = await ana.read(id)
  const { otto, adam } = p.world.people
  const others = [visitor(), visitor({ mark: 'A'.repeat(43) }), visitor({ mark: ana.mark().slice(0, 42) }), visitor({ mark: `${ana.mark()}A` }), visitor({ who: otto, mark: ana.mark() }), visitor({ who: adam })]
  for (const bob of others) {
    // With a mark of their own, too.
    await bob.call('POST', '/verifications', { to: 'bob@example.org' })
    for (const one of [bob.call('GET', `/verifications/${id}`), bob.call('POST', `/verifications/${id}/check`, { code }), bob.call('POST', `/verifications/${id}/resend`)]) assert.equal((await one).code, 'notFound')
  }
  assert.equal((await p.call('GET', `verifications/${id}`)).refusal, 'notFound')
  assert.equal((await p.check(id, code)).body.status, 'refused')
  assert.equal((await p.call('POST', `verifications/${id}/resend`)).refusal, 'notFound')
  assert.equal((await p.call('POST', `verifications/${id}/cancel`)).refusal, 'notFound')
  const { body } = await ana.call('GET', `/verifications/${id}`)
  assert.deepEqual([body.verification.status, body.verification.attemptsLeft], ['pending', 5], 'and none of it cost a try')
  assert.equal((await check(ana, id, code)).isRight, true)
  assert.equal((await p.call('GET', `verifications/${id}`)).refusal, 'notFound', 'what was approved here proves nothing to a program')
})

test('the inbox of a visitor has nothing of what a program asked for, by its id or to the same number', async () => {
  const ana = visitor()
  await ana.start('ana@example.org')
  const shop = await p.start('ana@example.org')
  assert.equal((await ana.call('GET', `/verifications/${shop.id}`)).code, 'notFound')
  assert.equal((await ana.call('POST', `/verifications/${shop.id}/check`, { code: shop.digits })).code, 'notFound')
  assert.equal((await p.check(shop.id, shop.digits)).body.status, 'approved')
})

test('five tries, then too many; a resend ends the earlier code and its message; after ten minutes it is over', async () => {
  const ana = visitor()
  const { verification: { id } } = await ana.start()
  const first = await ana.read(id)
  assert.equal((await ana.call('POST', `/verifications/${id}/resend`)).code, 'coolingDown')
  p.world.house.wait(30_000)
  assert.equal((await ana.call('POST', `/verifications/${id}/resend`)).status, 200)
  const second = await ana.read(id)
  assert.equal((await p.world.house.rows('SELECT id FROM outbox WHERE sealed IS NOT NULL')).length, 1)
  if (first !== second) assert.equal((await check(ana, id, first)).isRight, false)
  for (let i = 1; i <= 5; i++) await check(ana, id, wrong(second, i))
  const over = await check(ana, id, second)
  assert.deepEqual([over.isRight, over.run.verification.status, over.run.message], [false, 'blocked', null])
  const { verification: late } = await ana.start('late@example.org')
  const code = await ana.read(late.id)
  p.world.house.wait(600_000)
  assert.equal((await ana.call('GET', `/verifications/${late.id}`)).body.message, null, 'before anything has swept it')
  assert.equal((await check(ana, late.id, code)).isRight, false)
  await expireVerifications(p.world.house)
  assert.equal((await ana.call('GET', `/verifications/${late.id}`)).body.verification.status, 'expired')
  assert.equal((await p.world.house.rows('SELECT id FROM outbox WHERE sealed IS NOT NULL')).length, 0)
})

test('what is over is over: a stranger who goes on writes nothing more into the record', async () => {
  const ana = visitor()
  const { verification: { id } } = await ana.start()
  const code = await ana.read(id)
  assert.equal((await check(ana, id, code)).isRight, true)
  const before = (await p.world.record('verification.refused')).length
  for (let i = 0; i < 20; i++) assert.equal((await check(ana, id, code)).isRight, false)
  const later = visitor()
  const { verification: { id: expired } } = await later.start('ana@example.org')
  p.world.house.wait(601_000)
  for (let i = 0; i < 20; i++) assert.equal((await check(later, expired, '123456')).isRight, false)
  assert.equal((await p.world.record('verification.refused')).length, before)
})

test('50 right codes at once: one is right; 50 wrong ones: five are compared', async () => {
  const ana = visitor()
  const { verification: { id } } = await ana.start()
  const code = await ana.read(id)
  const all = await Promise.all(Array.from({ length: 50 }, () => check(ana, id, code)))
  assert.equal(all.filter(({ isRight }) => isRight).length, 1)
  const { verification: other } = await ana.start('b@example.org')
  const right = await ana.read(other.id)
  await Promise.all(Array.from({ length: 50 }, (_, i) => check(ana, other.id, wrong(right, i + 1))))
  assert.equal((await p.world.house.rows('SELECT failures FROM verifications WHERE id = ?', other.id))[0]?.['failures'], 5)
})

test('50 starts at once from one network: ten are served; another network still may; all together are bounded, operators are not', async () => {
  const starts = await Promise.all(Array.from({ length: 50 }, (_, i) => visitor({ address: `2001:db8::${i.toString(16)}` }).call('POST', '/verifications', { to: MOBILE })))
  assert.deepEqual([starts.filter(({ status }) => status === 201).length, starts.filter(({ code }) => code === 'tooManyTries').length], [10, 40])
  assert.equal((await p.world.house.rows("SELECT id FROM outbox WHERE channel = 'demo'")).length, 10)
  let served = 10
  for (let network = 1; network <= 40; network++) {
    const codes = await Promise.all(Array.from({ length: 9 }, () => visitor({ address: `2001:db8:0:${network.toString(16)}::1` }).call('POST', '/verifications', { to: MOBILE })))
    served += codes.filter(({ status }) => status === 201).length
  }
  // Those that were refused by their network's budget took nothing from the common one.
  assert.equal(served, 300)
  assert.equal((await visitor({ who: p.world.people.otto }).call('POST', '/verifications', { to: MOBILE })).status, 201)
  await p.flush()
  assert.equal(sent(), 0)
})

test('with one mark, 50 starts to one number at once are one; somebody else with the same number has a budget of their own', async () => {
  const ana = visitor()
  await ana.start('first@example.org')
  const { otto } = p.world.people
  const desk = visitor({ who: otto })
  await desk.start('first@example.org')
  const starts = await Promise.all(Array.from({ length: 50 }, () => desk.call('POST', '/verifications', { to: MOBILE })))
  assert.deepEqual([starts.filter(({ status }) => status === 201).length, starts.filter(({ code }) => code === 'coolingDown').length], [1, 49])
  await ana.start(MOBILE)
  // And the number's owner can still be verified by a program, at once.
  assert.equal((await p.call('POST', 'verifications', { to: MOBILE })).status, 201)
})

test('the guard learns nothing from it, and no webhook hears of it: no purse, no figure, no cap; the program\'s own do', async () => {
  await p.world.call(p.world.people.adam, 'POST', 'webhooks', { url: 'https://shop.example.org/hooks', events: ['verification.sent', 'verification.verified', 'verification.expired'] })
  const ana = visitor()
  const { verification: { id } } = await ana.start()
  await check(ana, id, await ana.read(id))
  const tables = ['guard_purses', 'guard_sends', 'guard_figures', 'webhook_deliveries']
  for (const table of tables) assert.equal((await p.world.house.rows(`SELECT * FROM ${table}`)).length, 0, table)
  // By mail: nothing carries it away before it is read here.
  const shop = await p.start('shop@example.org', { ip: '91.2.3.4' })
  await p.check(shop.id, shop.digits)
  for (const table of tables) assert.ok((await p.world.house.rows(`SELECT * FROM ${table}`)).length > 0, table)
})

test('a test recipient\'s fixed code does not show in the demo\'s inbox', async () => {
  await p.world.call(p.world.people.adam, 'POST', 'test-recipients', { to: 'test@example.org', code: '424242', expiresAt: p.world.house.clock() + 86_400_000 })
  const ana = visitor()
  const { verification: { id } } = await ana.start('test@example.org')
  assert.notEqual(await ana.read(id), '424242')
})

test('numbers of a kind that gets no messages, too long, in national notation: refused at the field, with a cure in the reader\'s language', async () => {
  const refusal = async (to: string, language = 'en') => {
    const answer = await p.world.house.app.inject({ method: 'POST', url: '/api/v1/demo/verifications', payload: { to }, headers: { 'accept-language': language }, remoteAddress: `203.0.113.${odd++}` })
    return [answer.statusCode, answer.json().errors?.[0]?.field, answer.json().errors?.[0]?.needs]
  }
  let odd = 1
  for (const [to, needs] of [
    ['+49 900 1234567', /premium or shared-cost/], ['+49 180 5123456', /premium or shared-cost/], ['0151 23456789', /with \+ and the number of its country/],
    [`+49 1522 3433333${'3'.repeat(20)}`, /with \+ and|too few or too many/], ['+49 1', /with \+ and|too few or too many/], ['nobody', /an e-mail address, or a phone number/], ['a b@example.org', /alone and without blanks/], ['ana@', /e-mail address/]
  ] as const) {
    const [status, field, said] = await refusal(to)
    assert.deepEqual([status, field], [400, 'to'], to)
    assert.match(said, needs, to)
  }
  assert.match((await refusal('0151 23456789', 'de'))[2], /Vorwahl/)
  assert.match((await refusal('+49 900 1234567', 'de'))[2], /andere Nummer/)
  assert.equal((await p.world.house.rows('SELECT id FROM verifications')).length, 0)
})

test('closed to strangers: they and members are told so, also about what they had begun; operators go on', async () => {
  const ana = visitor()
  const { verification: { id } } = await ana.start()
  const { adam, otto, maya } = p.world.people
  assert.equal((await p.world.call(otto, 'PATCH', 'demo', { forStrangers: false })).refusal, 'notAllowed')
  const { body } = await p.world.call(adam, 'PATCH', 'demo', { forStrangers: false })
  assert.deepEqual(body, { isOpen: true, forStrangers: false, realChannels: ['email', 'sms', 'whatsapp', 'voice'] })
  assert.deepEqual((await ana.call('GET', '')).body, { isOpen: false, forStrangers: null, realChannels: [] })
  for (const [method, path, form] of [['GET', `/verifications/${id}`, undefined], ['POST', `/verifications/${id}/check`, { code: '123456' }], ['POST', `/verifications/${id}/resend`, undefined], ['POST', '/verifications', { to: MOBILE }]] as const) {
    assert.equal((await ana.call(method, path, form)).code, 'demoClosed')
    assert.equal((await visitor({ who: maya, mark: ana.mark() }).call(method, path, form)).code, 'demoClosed')
  }
  const desk = visitor({ who: otto })
  const run = await desk.start()
  assert.equal((await check(desk, run.verification.id, await desk.read(run.verification.id))).isRight, true)
  assert.deepEqual((await p.world.record('site.changed')).map(({ details }) => details), [{ demoForStrangers: true }, { demoForStrangers: false }])
})

test('for real is for operators, and then is an ordinary verification: by the gateway, in the figures, with the guard; keys still see nothing of it', async () => {
  assert.equal((await visitor().call('POST', '/verifications', { to: MOBILE, isReal: true })).code, 'notAllowed')
  assert.equal((await visitor({ who: p.world.people.maya }).call('POST', '/verifications', { to: MOBILE, isReal: true })).code, 'notAllowed')
  const desk = visitor({ who: p.world.people.otto })
  const { verification: { id }, isReal, message } = await desk.start(MOBILE, { isReal: true })
  await p.flush()
  const [carried] = p.messages('sms')
  assert.deepEqual([isReal, message, sent(), carried?.to], [true, null, 1, '+4915223433333'])
  assert.equal((await desk.call('GET', `/verifications/${id}`)).body.message, null, 'what was sent for real is read on the phone')
  assert.equal((await p.call('GET', `verifications/${id}`)).refusal, 'notFound')
  assert.equal((await p.world.house.rows("SELECT count FROM guard_figures WHERE what = 'sent'"))[0]?.['count'], 1)
  assert.equal((await check(desk, id, carried?.code ?? '')).isRight, true)
  assert.equal((await desk.call('POST', '/verifications', { to: '+49 900 1234567', isReal: true })).code, 'sendRefused')
})

test('a resend of what stays here stays here, whatever is set up meanwhile; it is forgotten after a day, programs\' own are not', async () => {
  const ana = visitor()
  const { verification: { id } } = await ana.start()
  const shop = await p.start('shop@example.org')
  p.world.house.wait(31_000)
  await ana.call('POST', `/verifications/${id}/resend`)
  await p.flush()
  assert.equal(sent(), 0)
  assert.deepEqual((await p.world.house.rows('SELECT DISTINCT channel FROM outbox WHERE verification_id = ?', id)).map((row) => row['channel']), ['demo'])
  p.world.house.wait(90_000_000)
  await expireVerifications(p.world.house)
  await forgetDemos(p.world.house)
  assert.deepEqual((await p.world.house.rows('SELECT id FROM verifications')).map((row) => row['id']), [shop.id])
  assert.equal((await p.world.house.rows("SELECT id FROM outbox WHERE channel = 'demo'")).length, 0)
})

test('which countries the site sends to is not to be learnt here: any mobile number is welcome, its message stays', async () => {
  const said = []
  for (const [i, to] of ['+49 1522 3433333', '+351 912 345 678', '+670 7723 4567', '+1 202 555 0123'].entries()) said.push((await visitor({ address: `203.0.113.${i}` }).call('POST', '/verifications', { to })).status)
  assert.deepEqual(said, [201, 201, 201, 201])
  await p.flush()
  assert.equal(sent(), 0)
})

test('looking on and on: it writes twice, for the message that is fetched and for its receipt, and ends in a wait for this browser alone', async () => {
  const ana = visitor()
  const { verification: { id } } = await ana.start()
  await ana.read(id)
  await ana.read(id)
  const rows = async () => JSON.stringify([await p.world.record(), await p.world.house.rows('SELECT * FROM outbox'), await p.world.house.rows('SELECT * FROM verifications')])
  const before = await rows()
  const said: Record<number, number> = {}
  for (let i = 0; i < 32; i++) {
    for (const { status } of await Promise.all(Array.from({ length: 50 }, () => ana.call('GET', `/verifications/${id}`)))) said[status] = (said[status] ?? 0) + 1
  }
  assert.ok((said[200] ?? 0) >= 1490 && (said[429] ?? 0) >= 90, JSON.stringify(said))
  assert.equal(await rows(), before)
  const ben = visitor()
  const other = await ben.start('ben@example.org')
  assert.match(await ben.read(other.verification.id), /^\d{6}$/)
})
