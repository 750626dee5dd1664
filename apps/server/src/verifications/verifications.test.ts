import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { VerificationVerdict } from '@oncekey/protocol/schemas'
import type { Answered } from '../testing/answers.ts'
import { openVerifier, wrong, type Verifier } from '../testing/verifier.ts'
import { forgetAnswers } from '../codes/sweep.ts'
import { expireVerifications, forgetVerifications } from './end.ts'

let v: Verifier
beforeEach(async () => { v = await openVerifier() })
afterEach(async () => { await v.world.close() })

const MINUTE = 60_000
const DAY = 86_400_000
const outbox = (id: string) => v.world.house.rows('SELECT * FROM outbox WHERE verification_id = ? ORDER BY created_at, id', id)
const events = async (id: string): Promise<string[]> => (await v.world.record()).filter((row) => row.details['verificationId'] === id).map((row) => row.event + (row.reason === null ? '' : ` ${row.reason}`))
const times = <T>(count: number, one: (i: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, i) => one(i)))
const approvals = (answers: Answered<VerificationVerdict>[]): number => answers.filter(({ body }) => body.status === 'approved').length

test('two calls: a code is sent, typed, and says whose address that is', async () => {
  const now = v.world.house.clock()
  const { status, body } = await v.call('POST', 'verifications', { to: 'ana@example.org', channel: 'email', purpose: 'sign-in' })
  assert.equal(status, 201)
  assert.match(body.id, /^[\w-]{31}$/)
  assert.deepEqual(body, { id: body.id, status: 'pending', to: 'ana@example.org', channel: 'email', purpose: 'sign-in', createdAt: now, expiresAt: now + 10 * MINUTE, endedAt: null, attemptsLeft: 5, delivery: 'waiting', deliveries: [{ channel: 'email', state: 'waiting' }], mayResendAt: now + 30_000 })
  assert.deepEqual((await v.call('GET', `verifications/${body.id}`)).body, body)
  const answer = await v.check(body.id, await v.digits(body.id))
  assert.deepEqual([answer.status, answer.body], [200, { status: 'approved', id: body.id, to: 'ana@example.org', channel: 'email', purpose: 'sign-in' }])
  const after = (await v.call('GET', `verifications/${body.id}`)).body
  assert.deepEqual([after.status, after.attemptsLeft, after.endedAt, after.mayResendAt], ['approved', 0, now, 0])
  assert.deepEqual(await events(body.id), ['verification.started', 'verification.approved'])
  const [row] = await v.world.record('verification.approved')
  assert.deepEqual([row?.actor?.name, row?.subject], ['Shop', { id: null, name: 'a•••@example.org' }])
})

test('blanks in a code are not held against whoever typed it', async () => {
  const { id, digits } = await v.start()
  assert.equal((await v.check(id, ` ${digits.slice(0, 3)}\u00a0${digits.slice(3)}\n`)).body.status, 'approved')
  const other = await v.start()
  assert.equal((await v.check(other.id, `${other.digits.slice(0, 3)}-${other.digits.slice(3)}`)).body.status, 'refused', 'anything else is')
})

test('the message: sealed, no digits in its subject, a last line for WebOTP, wiped when the code is used', async () => {
  const { id, digits, to } = await v.start()
  const [mail] = await outbox(id)
  assert.deepEqual([mail?.['text'], mail?.['recipient'], mail?.['channel'], mail?.['person_id'], mail?.['state']], [null, to, 'email', null, 'waiting'])
  assert.doesNotMatch(String(mail?.['subject']), /\d/)
  const { text } = JSON.parse(v.world.house.seal.open(String(mail?.['sealed']), `outbox:${String(mail?.['id'])}`))
  assert.match(digits, /^\d{6}$/)
  assert.equal(text.split('\n').at(-1), `@oncekey.test #${digits}`)
  await v.check(id, digits)
  const [after] = await outbox(id)
  assert.deepEqual([after?.['sealed'], after?.['state'], after?.['error']], [null, 'failed', 'codeEnded'])
})

test('wrong, expired, used, superseded, blocked, cancelled and unknown read the same, to the last byte', async () => {
  const texts = new Set<string>()
  const refuse = async (id: string, code: string): Promise<void> => {
    const answer = await v.world.house.app.inject({ method: 'POST', url: `/api/v1/verifications/${id}/check`, headers: { authorization: `Bearer ${v.secret}` }, payload: { code } })
    const { date: _date, ...headers } = answer.headers
    texts.add(JSON.stringify([answer.statusCode, headers, answer.body]))
  }
  const used = await v.start()
  await refuse(used.id, wrong(used.digits))
  await v.check(used.id, used.digits)
  await refuse(used.id, used.digits)
  const blocked = await v.start()
  for (let i = 1; i <= 5; i++) await refuse(blocked.id, wrong(blocked.digits, i))
  await refuse(blocked.id, blocked.digits)
  const cancelled = await v.start()
  assert.equal((await v.call('POST', `verifications/${cancelled.id}/cancel`)).body.status, 'cancelled')
  await refuse(cancelled.id, cancelled.digits)
  const expired = await v.start()
  v.world.house.wait(30_000)
  await v.call('POST', `verifications/${expired.id}/resend`)
  await refuse(expired.id, expired.digits)
  const resent = await v.digits(expired.id)
  v.world.house.wait(10 * MINUTE)
  await refuse(expired.id, resent)
  await refuse('A'.repeat(22), '123456')
  await refuse(used.id, 'no code at all')
  assert.deepEqual([...texts].map((text) => JSON.parse(text)[2]), ['{"status":"refused"}'])
  assert.deepEqual((await v.world.record('verification.refused')).map((row) => row.reason),
    ['wrong', 'alreadyUsed', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'lockedOut', 'revoked', 'superseded', 'expired', 'wrong', 'alreadyUsed'])
})

test('of 200 wrong guesses at once exactly five are compared, and then the right code is refused', async () => {
  const { id, digits } = await v.start()
  const answers = await times(200, (i) => v.check(id, wrong(digits, i + 1)))
  assert.ok(answers.every(({ status, body }) => status === 200 && body.status === 'refused'))
  const refusals = await events(id)
  assert.equal(refusals.filter((one) => one === 'verification.refused wrong').length, 5)
  assert.equal(refusals.filter((one) => one === 'verification.blocked lockedOut').length, 1)
  assert.equal((await v.check(id, digits)).body.status, 'refused')
  assert.deepEqual([(await v.call('GET', `verifications/${id}`)).body.status, (await outbox(id))[0]?.['sealed']], ['blocked', null])
  assert.equal((await v.call('POST', `verifications/${id}/resend`)).refusal, 'verificationEnded')
})

test('of 100 right codes at once one is approved; a right one among four wrong ones is not lost', async () => {
  const one = await v.start()
  assert.equal(approvals(await times(100, () => v.check(one.id, one.digits))), 1)
  for (let i = 0; i < 20; i++) {
    const { id, digits } = await v.start()
    assert.equal(approvals(await times(5, (n) => v.check(id, n === i % 5 ? digits : wrong(digits, n + 1)))), 1)
  }
})

test('a recipient has 20 failures a day, across verifications, spellings and a restart; then the right code is refused, too', async () => {
  let evaluated = 0
  for (let round = 0; round < 5; round++) {
    const started = await v.call('POST', 'verifications', { to: round % 2 === 0 ? 'ana@example.org' : 'Ana@EXAMPLE.org' })
    if (round === 4) {
      assert.deepEqual([started.status, started.refusal], [429, 'tooManyTries'])
      break
    }
    const { id } = started.body
    const digits = await v.digits(id)
    await times(10, (i) => v.check(id, wrong(digits, i + 1)))
    evaluated = (await v.world.record('verification.refused')).filter((row) => row.reason === 'wrong').length
    v.world.house.wait(3 * MINUTE)
  }
  assert.equal(evaluated, 20)
  // One that was started before the 20th failure.
  v.world.house.wait(DAY)
  const early = await v.start('ana@example.org')
  const rest: { id: string, digits: string }[] = []
  for (let i = 0; i < 4; i++) {
    v.world.house.wait(31_000)
    rest.push(await v.start('ana@example.org'))
  }
  for (const { id, digits } of rest) await times(5, (i) => v.check(id, wrong(digits, i + 1)))
  assert.equal((await v.check(early.id, early.digits)).body.status, 'refused')
  assert.equal((await v.world.record('verification.refused')).at(-1)?.reason, 'rateLimited')
  await v.world.restart()
  assert.equal((await v.check(early.id, early.digits)).body.status, 'refused')
  assert.equal((await v.check((await v.start('ben@example.org')).id, '0')).body.status, 'refused')
})

test('a resend: a new code, the old one is dead and its message wiped, the tries stay spent, the time begins anew', async () => {
  const { id, digits } = await v.start()
  await v.check(id, wrong(digits))
  assert.deepEqual([(await v.call('POST', `verifications/${id}/resend`)).refusal], ['coolingDown'])
  v.world.house.wait(30_000)
  const now = v.world.house.clock()
  const { status, body } = await v.call('POST', `verifications/${id}/resend`)
  assert.deepEqual([status, body.attemptsLeft, body.expiresAt, body.mayResendAt, body.delivery], [200, 4, now + 10 * MINUTE, now + 30_000, 'waiting'])
  const [first, second] = await outbox(id)
  assert.ok(first?.['sealed'] === null && second?.['sealed'] !== null)
  assert.equal((await v.check(id, digits)).body.status, 'refused')
  assert.equal((await v.call('GET', `verifications/${id}`)).body.attemptsLeft, 3)
  assert.equal((await v.check(id, await v.digits(id))).body.status, 'approved')
  assert.deepEqual([(await v.call('POST', `verifications/${id}/resend`)).refusal, (await v.call('POST', `verifications/${'A'.repeat(22)}/resend`)).refusal], ['verificationEnded', 'notFound'])
  assert.ok((await events(id)).includes('verification.refused superseded'))
})

test('sends to one recipient: 30 s apart, 5 in 10 minutes, 20 a day, however they are asked for', async () => {
  const ask = () => v.call('POST', 'verifications', { to: 'ana@example.org' })
  const sentAt: number[] = []
  const begun = v.world.house.clock()
  while (v.world.house.clock() < begun + DAY - 30_000) {
    const answer = await ask()
    if (answer.status === 201) sentAt.push((v.world.house.clock() - begun) / 1000)
    else assert.deepEqual([answer.status, answer.refusal, answer.headers['retry-after'] === String(answer.problem.retryAfterSeconds)], [429, 'coolingDown', true])
    v.world.house.wait(answer.status === 201 ? 1000 : Number(answer.problem.retryAfterSeconds) * 1000)
  }
  assert.deepEqual(sentAt, [0, 600, 1200, 1800].flatMap((from) => [0, 30, 60, 90, 120].map((s) => from + s)))
  assert.equal(approvals([await v.check((await v.start('ben@example.org')).id, 'x')]), 0)
  assert.equal((await times(20, () => v.call('POST', 'verifications', { to: 'eve@example.org' }))).filter(({ status }) => status === 201).length, 1)
})

test('one Idempotency-Key: 100 starts at once are one message and 100 equal answers; another request with it is refused', async () => {
  const key = { 'idempotency-key': 'start-1' }
  const answers = await times(100, () => v.call('POST', 'verifications', { to: 'ana@example.org' }, key))
  assert.equal(new Set(answers.map(({ said }) => said)).size, 1)
  assert.deepEqual([answers[0]?.status, (await outbox(answers[0]?.body.id ?? '')).length], [201, 1])
  const other = await v.call('POST', 'verifications', { to: 'ben@example.org' }, key)
  assert.deepEqual([other.status, other.refusal], [409, 'keyReused'])
  // A request that could not be served takes no key.
  const early = { 'idempotency-key': 'start-2' }
  assert.equal((await v.call('POST', 'verifications', { to: 'ana@example.org' }, early)).refusal, 'coolingDown')
  v.world.house.wait(30_000)
  assert.equal((await v.call('POST', 'verifications', { to: 'ana@example.org' }, early)).status, 201)
})

test('one Idempotency-Key: a check is made once, its answer repeated, also after a restart; other digits are another request', async () => {
  const { id, digits } = await v.start()
  const right = await times(100, () => v.check(id, digits, { 'idempotency-key': 'c1' }))
  assert.equal(approvals(right), 100)
  assert.equal((await v.world.record('verification.approved')).length, 1)
  await v.world.restart()
  assert.equal((await v.check(id, digits, { 'idempotency-key': 'c1' })).body.status, 'approved')
  assert.equal((await v.check(id, wrong(digits), { 'idempotency-key': 'c1' })).refusal, 'keyReused')
  const other = await v.start()
  await times(50, () => v.check(other.id, wrong(other.digits), { 'idempotency-key': 'c2' }))
  assert.equal((await v.call('GET', `verifications/${other.id}`)).body.attemptsLeft, 4)
  const [kept] = await v.world.house.rows("SELECT * FROM idempotency_keys WHERE key = 'c1'")
  assert.ok(!JSON.stringify(kept).includes(digits), 'the digits are sealed')
  v.world.house.wait(DAY + 1)
  await forgetAnswers(v.world.house)
  assert.equal((await v.check(id, digits, { 'idempotency-key': 'c1' })).body.status, 'refused')
})

test('expired ones end by themselves, once, and are forgotten after 30 days', async () => {
  const { id, digits } = await v.start()
  const approved = await v.start()
  await v.check(approved.id, approved.digits)
  v.world.house.wait(10 * MINUTE - 1)
  await expireVerifications(v.world.house)
  assert.equal((await v.call('GET', `verifications/${id}`)).body.status, 'pending')
  v.world.house.wait(1)
  const before = (await v.call('GET', `verifications/${id}`)).body
  await expireVerifications(v.world.house)
  await expireVerifications(v.world.house)
  const after = (await v.call('GET', `verifications/${id}`)).body
  assert.deepEqual([before.status, before.endedAt, after.status, after.endedAt], ['expired', after.expiresAt, 'expired', after.expiresAt])
  assert.deepEqual(await events(id), ['verification.started', 'verification.expired'])
  assert.equal((await outbox(id))[0]?.['sealed'], null)
  assert.equal((await v.check(id, digits)).body.status, 'refused')
  assert.equal((await v.call('POST', `verifications/${id}/cancel`)).body.status, 'expired')
  v.world.house.wait(30 * DAY)
  assert.equal((await outbox(id)).length, 1)
  await forgetVerifications(v.world.house)
  assert.equal((await outbox(id)).length, 0, 'nor where it went')
  assert.equal((await v.call('GET', `verifications/${id}`)).status, 404)
  assert.equal((await v.world.house.rows('SELECT * FROM verification_recipients')).length, 0)
})

test('purposes, sites and verifications do not stand for each other', async () => {
  const a = await v.start('ana@example.org', { purpose: 'pay' })
  const b = await v.start('ben@example.org')
  assert.equal((await v.check(b.id, a.digits === b.digits ? wrong(b.digits) : a.digits)).body.status, 'refused')
  assert.deepEqual((await v.check(a.id, a.digits)).body, { status: 'approved', id: a.id, to: 'ana@example.org', channel: 'email', purpose: 'pay' })
  await v.world.house.db.write(async (trx) => {
    await trx.prepare("INSERT INTO sites (id, name, time_zone, created_at) VALUES ('other', 'Other', 'UTC', 0)").run()
    await trx.prepare("UPDATE verifications SET site_id = 'other' WHERE id = ?").run(b.id)
  })
  assert.deepEqual([(await v.check(b.id, b.digits)).body, (await v.call('GET', `verifications/${b.id}`)).status, (await v.call('POST', `verifications/${b.id}/cancel`)).status], [{ status: 'refused' }, 404, 404])
})

test('somebody with an account here and somebody without: the same bytes', async () => {
  const shapes = await Promise.all(['maya@gym.example', 'nova@gym.example'].map(async (to) => {
    const { status, body, headers } = await v.call('POST', 'verifications', { to })
    return JSON.stringify([status, { ...body, id: '', to: '' }, { ...headers, date: '' }])
  }))
  assert.equal(shapes[0], shapes[1])
})

test('no way of writing one mailbox gets around what it may be sent', async () => {
  await v.start('ana@b\u00fccher.example')
  const spellings = ['ANA@B\u00dcCHER.example', 'ana@bu\u0308cher.example', 'ana@xn--bcher-kva.example', 'ana@b\u00fccher\u3002example', 'ana@b\u00fccher\uff0eexample', 'ana@b\u00fccher.\uff45xample', 'ana@b\u00fccher.example.', 'ana@b\u00fccher.example\uff61', 'ana@b\u00fccher.\ufe0fexample', 'a\ufe0fna@b\u00fccher.example', '\uff41na@b\u00fccher.example']
  for (const to of spellings) assert.equal((await v.call('POST', 'verifications', { to })).refusal, 'coolingDown', to)
  assert.equal((await v.world.house.rows('SELECT * FROM outbox')).length, 1)
  // Signs that nobody sees, and that a mail program leaves out on the way: as many spellings as one likes.
  for (const sign of ['\u0001', '\u007f', '\u0085', '\u00ad', '\u200b', '\u200d', '\u202e', '\u2060']) {
    for (const to of [`ana@b\u00fccher.ex${sign}ample`, `an${sign}a@b\u00fccher.example`, `ana@b\u00fccher.example${sign}`]) assert.equal((await v.call('POST', 'verifications', { to })).refusal, 'badRequest', JSON.stringify(to))
  }
  assert.equal((await v.call('POST', 'verifications', { to: 'ana@a^b' })).problem.errors?.[0]?.field, 'to')
  assert.equal((await v.call('POST', 'verifications', { to: 'zoe@b\u00fccher.example' })).status, 201, 'another mailbox')
})

test('odd ids, addresses, codes and purposes are refused by name, and nothing is sent', async () => {
  for (const id of ['x', 'A'.repeat(21), 'A'.repeat(41), '%00', `${'A'.repeat(21)}%2F`]) {
    for (const [method, url] of [['GET', ''], ['POST', '/check'], ['POST', '/resend'], ['POST', '/cancel']] as const) {
      const answer = await v.call(method, `verifications/${id}${url}`, method === 'POST' ? { code: '123456' } : undefined)
      assert.deepEqual([answer.status, answer.refusal, answer.problem.errors?.[0]?.field], [400, 'badRequest', 'id'], `${method} ${id}${url}`)
    }
  }
  for (const body of [{}, { to: 'nobody' }, { to: 'a@b, c@d' }, { to: 'a@b\r\nBcc: c@d' }, { to: ['a@b'] }, { to: 'a@b', channel: 'sms' }, { to: 'a@b', purpose: 'Two words' }, { to: 'a@b', purpose: '' }]) {
    assert.equal((await v.call('POST', 'verifications', body)).refusal, 'badRequest', JSON.stringify(body))
  }
  for (const code of [123456, null, '', 'x'.repeat(65), ['1'], { $gt: '' }]) assert.equal((await v.call('POST', `verifications/${'A'.repeat(22)}/check`, { code })).refusal, 'badRequest')
  assert.equal((await v.world.house.rows('SELECT * FROM outbox')).length, 0)
})

test('without mail nothing starts, and the answer says what to set', async () => {
  const other = await openVerifier({ env: { ONCEKEY_SMTP_URL: '' } })
  const { status, refusal } = await other.call('POST', 'verifications', { to: 'ana@example.org' })
  assert.deepEqual([status, refusal], [409, 'channelNotSetUp'])
  await other.world.close()
})
