import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { GuardSettingsChange } from '@oncekey/protocol/schemas'
import { openVerifier, type Verifier } from '../testing/verifier.ts'
import { guardApproved } from './approved.ts'
import { endBlocks, liftBlock } from './blocks.ts'
import { approve, decide } from './decide.ts'
import { recordRefusals, writeRefusals } from './figures.ts'
import { guardSend, SendRefused, type GuardedSend } from './guard.ts'
import { rules, type Purse } from './purse.ts'
import { usualSettings } from './settings.ts'
import { forgetGuard } from './work.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000
let v: Verifier
beforeEach(async () => { v = await openVerifier() })
afterEach(async () => { await v.world.close() })

let made = 0
/** A message to a phone, as the verification of one would ask for it. */
async function text (number: string, more: Partial<GuardedSend> = {}): Promise<string> {
  const verificationId = `v${made++}`
  try {
    await v.world.house.db.write((trx) => guardSend(trx, v.world.house, { verificationId, keyId: 'shop', channel: 'sms', recipientKey: number, phone: { e164: number, country: 'DE', type: 'mobile' }, ip: null, sends: [], ...more }))
    return verificationId
  } catch (error) {
    if (error instanceof SendRefused) return error.counted.reason
    throw error
  }
}
const typed = (verificationId: string, number: string): Promise<void> => v.world.house.db.write(async (trx) => { guardApproved(trx, { verificationId, keyId: 'shop', channel: 'sms', recipientKey: number, messages: 1, at: v.world.house.clock() }) })
const change = async (settings: GuardSettingsChange): Promise<number> => {
  await v.world.signIn(v.world.people.adam)
  return (await v.world.call(v.world.people.adam, 'PATCH', 'guard/settings', settings)).status
}
const guard = async () => {
  await v.world.signIn(v.world.people.otto)
  return (await v.world.call(v.world.people.otto, 'GET', 'guard')).body
}
const inBlock = (i: number): string => `+4915999${String(i).padStart(6, '0')}`
const from = (ip: string, to: string) => v.call('POST', 'verifications', { to, ip })

test('an address that has codes sent and types none in: eight, then a reason, a wait, and one block that everybody who works here can see', async () => {
  const answers = []
  for (let i = 0; i < 12; i++) answers.push(await from('91.2.3.4', `u${i}@example.org`))
  assert.deepEqual(answers.map(({ status }) => status), [...Array.from({ length: 8 }, () => 201), ...Array.from({ length: 4 }, () => 403)])
  const refused = answers.at(-1)
  assert.deepEqual([refused?.refusal, refused?.problem.reason, Number(refused?.headers['retry-after']) > 3600], ['sendRefused', 'network', true])
  assert.equal((await from('91.2.3.5', 'x@example.org')).status, 201, 'the neighbour')
  assert.equal((await v.call('POST', 'verifications', { to: 'y@example.org' })).status, 201, 'nobody knows from where')
  const { blocks } = await guard()
  assert.deepEqual(blocks.map(({ level, subject, sent, verified, endedAt }) => ({ level, subject, sent, verified, endedAt })), [{ level: 'network', subject: '91.2.3.4', sent: 8, verified: 0, endedAt: null }])
  assert.deepEqual((await v.world.record('guard.blocked')).map(({ details }) => [details['name'], details['sent']]), [['91.2.3.4', 8]])
  assert.equal((await v.world.house.rows('SELECT * FROM outbox')).length, 10, 'nothing else went out')
})

test('people behind one address who type their codes in are never refused', async () => {
  for (let i = 0; i < 40; i++) {
    const { status, body } = await from('91.2.3.4', `u${i}@example.org`)
    assert.equal(status, 201)
    if (i % 3 !== 0) assert.equal((await v.check(body.id, await v.digits(body.id))).body.status, 'approved')
    v.world.house.wait(MINUTE)
  }
})

test('of 100 at once from one address eight are sent, and the figures have each of them', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => from('2001:db8:9:9::1', `u${i}@example.org`)))
  assert.deepEqual([201, 403].map((status) => answers.filter((one) => one.status === status).length), [8, 92])
  await writeRefusals(v.world.house)
  await v.world.signIn(v.world.people.otto)
  const { rows } = (await v.world.call(v.world.people.otto, 'GET', 'guard/figures')).body
  assert.deepEqual(rows, [{ from: Math.floor(v.world.house.clock() / HOUR) * HOUR, channel: 'email', country: null, started: 8, sent: 8, micros: 0, taken: 0, delivered: 0, failed: [], verified: 0, expired: 0, blocked: 0, cancelled: 0, checksRefused: [], refused: [{ reason: 'network', messages: 92 }] }])
})

test('an operator lifts a block with a reason: a fresh allowance, and what was before counts no more', async () => {
  for (let i = 0; i < 9; i++) await from('91.2.3.4', `u${i}@example.org`)
  const [block] = (await guard()).blocks
  const { otto, maya } = v.world.people
  const lift = (reason: string) => v.world.call(otto, 'POST', `guard/blocks/${block?.id ?? ''}/lift`, { reason })
  assert.equal((await lift('')).refusal, 'badRequest')
  assert.equal((await v.world.call(maya, 'POST', `guard/blocks/${block?.id ?? ''}/lift`, { reason: 'please' })).refusal, 'notAllowed')
  assert.equal((await lift('a class at the school')).status, 204)
  assert.equal((await lift('twice')).status, 204, 'harmless')
  for (let i = 0; i < 8; i++) assert.equal((await from('91.2.3.4', `w${i}@example.org`)).status, 201, `message ${i} after it`)
  assert.equal((await from('91.2.3.4', 'last@example.org')).refusal, 'sendRefused')
  const [second, first] = (await guard()).blocks
  assert.deepEqual([first?.liftedBy, first?.why, second?.sent, second?.endedAt], ['Otto', 'a class at the school', 8, null])
  assert.deepEqual((await v.world.record('guard.lifted')).map(({ actor, details }) => [actor?.name, details['why']]), [['Otto', 'a class at the school']])
})

test('a block that is lifted in the moment in which messages go out stays lifted: they are written together', async () => {
  for (let i = 0; i < 31; i++) await text(inBlock(i))
  const [block] = (await guard()).blocks
  const { db } = v.world.house
  const send = (i: number): Promise<string> => text(inBlock(i))
  // One group of writes: it waits for the one before it.
  const first = db.write(async () => {})
  const all = await Promise.all([send(100), send(101), db.write((trx) => liftBlock(trx, v.world.house, { id: block?.id ?? '', reason: 'a school' }, { id: 'o', name: 'Otto' })), send(102), send(103), first])
  assert.deepEqual(all.map((one) => one?.startsWith('v') ?? null), [false, false, null, true, true, null])
  const [row] = await v.world.house.rows("SELECT purse FROM guard_purses WHERE name LIKE 'range %'")
  const [coins, , sent] = String(row?.['purse']).split(' ').map(Number)
  assert.deepEqual([coins, sent], [rules.range.start - 2, 2])
  assert.equal((await guard()).blocks.filter(({ endedAt }) => endedAt === null).length, 0)
})

test('phones: only the country of the site and those that were added, only kinds of numbers that get messages', async () => {
  assert.match(await text('+4915112345678'), /^v/)
  assert.equal(await text('+33612345678', { phone: { e164: '+33612345678', country: 'FR', type: 'mobile' } }), 'countryNotListed')
  assert.equal(await change({ countries: ['DE', 'FR'] }), 200)
  assert.match(await text('+33612345678', { phone: { e164: '+33612345678', country: 'FR', type: 'mobile' } }), /^v/)
  assert.equal(await text('+499001234567', { phone: { e164: '+499001234567', country: 'DE', type: 'premiumRate' } }), 'numberType')
  assert.deepEqual((await guard()).settings.countries, ['DE', 'FR'])
  assert.equal((await v.world.record('guard.changed')).length, 1)
})

test('a block of numbers that nobody types codes in for: told once a day, open again after a day, on probation, and in the record', async () => {
  const said: string[] = []
  for (let i = 0; i < 30; i++) said.push(await text(inBlock(i)))
  assert.equal(said.filter((one) => one !== 'range').length, rules.range.start)
  for (let i = 0; i < 30; i++) await text(`+4915888${String(i).padStart(6, '0')}`)
  const { blocks } = await guard()
  assert.deepEqual(blocks.map(({ level, subject }) => [level, subject]).sort(), [['range', '+491588800…'], ['range', '+491599900…']])
  const mails = await v.world.house.rows("SELECT recipient FROM outbox WHERE subject = 'The fraud guard blocks messages'")
  assert.equal(new Set(mails.map((row) => row['recipient'])).size, mails.length, 'each administrator once')
  assert.equal(mails.length, 2, 'Olga and Adam')
  v.world.house.wait(DAY + 1)
  await endBlocks(v.world.house)
  assert.equal((await guard()).blocks.filter(({ endedAt }) => endedAt === null).length, 2, 'a purse that gets half a coin a day')
  v.world.house.wait(4 * DAY)
  await endBlocks(v.world.house)
  assert.deepEqual([(await guard()).blocks.filter(({ endedAt }) => endedAt === null).length, (await v.world.record('guard.opened')).length], [0, 2])
  assert.match(await text(inBlock(99)), /^v/)
})

test('what is typed in gives back: a range goes on where people verify, over a restart', async () => {
  for (let i = 0; i < 40; i++) {
    const id = await text(inBlock(i), { ip: '91.7.7.7' })
    assert.match(id, /^v/, `message ${i}`)
    if (i % 3 !== 0) await typed(id, inBlock(i))
    if (i === 20) await v.world.restart()
    v.world.house.wait(MINUTE)
  }
  const names = (await v.world.house.rows('SELECT name FROM guard_purses')).map((row) => String(row['name']).split(' ')[0])
  assert.deepEqual([...new Set(names)].sort(), ['address', 'area', 'country', 'key', 'network', 'range', 'recipient', 'spent'])
})

test('a code that is typed in gives back what its own messages took: those of other verifications of the same mailbox, from other addresses, free nothing here', async () => {
  for (let i = 0; i < 7; i++) assert.equal((await from('91.2.3.4', `u${i}@example.org`)).status, 201)
  // Each of these is paid for by another address.
  for (let i = 0; i < 5; i++) {
    assert.equal((await from(`45.${i}.3.4`, 'thief@example.org')).status, 201)
    v.world.house.wait(3 * MINUTE)
  }
  const { body: { id } } = await from('91.2.3.4', 'thief@example.org')
  assert.equal((await v.check(id, await v.digits(id))).body.status, 'approved')
  const after = []
  for (let i = 0; i < 12; i++) after.push((await from('91.2.3.4', `w${i}@example.org`)).status)
  // One back, one more for a new face; a standing of one lets a clean network go a message below.
  assert.ok(after.filter((status) => status === 201).length <= 4, after.join())
})

test('the cap of a day holds to the message, however many come at once; it is told once and ends at midnight', async () => {
  assert.equal(await change({ caps: [{ channel: 'sms', messages: 5, micros: null }], costs: [{ channel: 'sms', country: 'DE', micros: 70_000 }] }), 200)
  const said = await Promise.all(Array.from({ length: 20 }, (_, i) => text(`+49151${String(i * 5_010_203).padStart(8, '0')}`)))
  assert.deepEqual([said.filter((one) => one.startsWith('v')).length, said.filter((one) => one === 'spendCap').length], [5, 15])
  assert.deepEqual((await guard()).spent, [{ channel: 'sms', messages: 5, micros: 350_000, mostMessages: 5, mostMicros: null }])
  assert.deepEqual((await v.world.record('guard.capReached')).map(({ details }) => [details['messages'], details['micros']]), [[5, 350_000]])
  v.world.house.wait(DAY)
  assert.match(await text('+4915144444444'), /^v/)
})

test('what was sent, typed in and refused is the same in the figures and in the record', async () => {
  for (let i = 0; i < 16; i++) {
    const answer = await from('91.2.3.4', `u${i}@example.org`)
    if (answer.status === 201 && i < 3) await v.check(answer.body.id, await v.digits(answer.body.id))
    if (answer.status === 201 && i === 5) {
      v.world.house.wait(31_000)
      assert.equal((await v.call('POST', `verifications/${answer.body.id}/resend`)).status, 200)
    }
  }
  await writeRefusals(v.world.house)
  v.world.house.wait(HOUR + 2 * MINUTE)
  await recordRefusals(v.world.house)
  await recordRefusals(v.world.house)
  await v.world.signIn(v.world.people.otto)
  const { rows } = (await v.world.call(v.world.people.otto, 'GET', 'guard/figures?by=day')).body
  const count = async (...events: ('verification.started' | 'verification.resent' | 'verification.approved')[]): Promise<number> => (await Promise.all(events.map((event) => v.world.record(event)))).flat().length
  const refused = (await v.world.record('guard.refused')).map(({ details }) => ({ reason: details['why'], messages: details['messages'] }))
  assert.deepEqual(rows.map(({ sent, verified, refused: some }) => [sent, verified, some]), [[await count('verification.started', 'verification.resent'), await count('verification.approved'), refused]])
  assert.ok(Number(refused[0]?.messages) > 0)
})

test('whoever asks too soon hears that and nothing of the guard, takes no coin and is no refusal of its figures', async () => {
  for (let i = 0; i < 8; i++) assert.equal((await from('91.2.3.4', `u${i}@example.org`)).status, 201)
  const kept = async () => [await v.world.house.rows('SELECT * FROM guard_purses ORDER BY name'), await v.world.house.rows('SELECT * FROM guard_figures ORDER BY what')]
  const before = await kept()
  assert.equal((await from('91.2.3.4', 'u7@example.org')).refusal, 'coolingDown')
  assert.equal((await from('91.5.5.5', 'u7@example.org')).refusal, 'coolingDown')
  await writeRefusals(v.world.house)
  assert.deepEqual(await kept(), before)
})

test('an address that is none is refused by name; a private one says nothing about anybody', async () => {
  const wrong = await from('somewhere', 'ana@example.org')
  assert.deepEqual([wrong.refusal, wrong.problem.errors?.[0]?.field], ['badRequest', 'ip'])
  for (let i = 0; i < 12; i++) assert.equal((await from('10.0.0.1', `u${i}@example.org`)).status, 201)
})

test('a refusal writes nothing: no message, no row, no key of idempotency', async () => {
  for (let i = 0; i < 8; i++) await from('91.2.3.4', `u${i}@example.org`)
  const before = await Promise.all(['verifications', 'verification_recipients', 'outbox', 'guard_purses', 'audit'].map((table) => v.world.house.rows(`SELECT * FROM ${table}`)))
  const key = { 'idempotency-key': 'k1' }
  assert.equal((await v.call('POST', 'verifications', { to: 'z@example.org', ip: '91.2.3.4' }, key)).refusal, 'sendRefused')
  assert.deepEqual(await Promise.all(['verifications', 'verification_recipients', 'outbox', 'guard_purses', 'audit'].map((table) => v.world.house.rows(`SELECT * FROM ${table}`))), before)
  assert.equal((await v.call('POST', 'verifications', { to: 'z@example.org', ip: '91.2.3.5' }, key)).status, 201)
})

test('a wave of pumping beside people, through the database: every answer is the one of the pure decision', async () => {
  const seed = Number(process.env['ONCEKEY_TEST_SEED'] ?? 0) || 1 + Math.floor(Math.random() * 1e9)
  process.stdout.write(`  seed ${seed}\n`)
  let state = seed
  const roll = (sides: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor(state / 2_147_483_648 * sides)
  }
  const settings = usualSettings('Europe/Berlin')
  const purses = new Map<string, Purse>()
  let messages = 0
  const said = { attack: 0, paid: 0, people: 0, refused: 0 }
  for (let i = 0; i < 900; i++) {
    const isAttack = i > 200 && roll(4) > 0
    const number = isAttack ? `+4915999${String(roll(40)).padStart(2, '0')}${String(roll(10_000)).padStart(4, '0')}` : `+49151${String(10_000_000 + i * 7919)}`
    const ip = isAttack ? `45.${roll(30)}.3.4` : `91.1.${i >> 8}.${i & 255}`
    const now = v.world.house.clock()
    const send = { keyId: 'shop', channel: 'sms', recipientKey: number, phone: { e164: number, country: 'DE', type: 'mobile' }, ip, recent: 0 }
    const decision = decide({ purses, spent: { messages, micros: 0 } }, send, settings, now)
    const answer = await text(number, { ip })
    assert.equal(answer.startsWith('v'), decision.allowed, `message ${i}: ${answer}, not ${JSON.stringify(decision)}`)
    if (!decision.allowed) assert.equal(answer, decision.reason)
    said[isAttack ? 'attack' : 'people']++
    if (decision.allowed) {
      messages++
      for (const { subject, purse } of decision.changes) purses.set(subject.name, purse)
      if (isAttack) said.paid++
      else if (roll(4) > 0) {
        await typed(answer, number)
        for (const { subject, purse } of approve(purses, send, { own: 0, others: 1 }, now)) purses.set(subject.name, purse)
      }
    } else if (!isAttack) said.refused++
    v.world.house.wait(roll(20_000))
  }
  assert.ok(said.paid < said.attack / 2 && said.refused <= said.people / 50, JSON.stringify(said))
})

test('what says nothing any more is forgotten', async () => {
  const id = await text(inBlock(1), { ip: '91.2.3.4' })
  await typed(id, inBlock(1))
  v.world.house.wait(31 * DAY)
  await forgetGuard(v.world.house)
  const names = async (): Promise<string[]> => (await v.world.house.rows('SELECT name FROM guard_purses')).map((row) => String(row['name']).split(' ')[0] ?? '').sort()
  assert.deepEqual(await names(), ['area', 'country', 'key', 'range', 'recipient'])
  assert.equal((await v.world.house.rows('SELECT * FROM guard_sends')).length, 0)
  v.world.house.wait(400 * DAY)
  await forgetGuard(v.world.house)
  assert.deepEqual([await names(), (await v.world.house.rows('SELECT * FROM guard_figures')).length], [[], 0])
})
