/** Messages that never left give their coins back, and nobody can make their own do so. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Reply } from '../testing/gateway.ts'
import { openPhones, type Phones } from '../testing/phones.ts'
import { expireVerifications } from '../verifications/end.ts'
import { endBlocks } from './blocks.ts'
import { rules } from './purse.ts'
import { purseIn } from './rows.ts'

const MINUTE = 60_000
let p: Phones
/** A slow machine is not to make a refusal a try without an answer. */
const PATIENT_MS = 10_000
beforeEach(async () => { p = await openPhones({}, PATIENT_MS) })
afterEach(async () => { await p.end() })

/** Numbers of one block of ten thousand. */
const inBlock = (i: number): string => `+491522343${String(i).padStart(4, '0')}`
const ask = async (i: number, more: object = {}): Promise<{ status: number, id: string, reason: unknown }> => {
  const answer = await p.call('POST', 'verifications', { to: inBlock(i), channels: ['sms'], ...more })
  return answer.status === 201 ? { status: 201, id: answer.body.id, reason: null } : { status: answer.status, id: '', reason: answer.problem.reason }
}
const range = async () => {
  const [row] = await p.world.house.rows("SELECT purse FROM guard_purses WHERE name = 'range +4915223430' OR name LIKE 'range +4915223%'")
  return row === undefined ? null : purseIn(String(row['purse']))
}
/** Messages are tried, and codes end, as time passes. */
async function pass (ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= MINUTE) {
    await p.pass(Math.min(MINUTE, left))
    await expireVerifications(p.world.house)
  }
}

test('a gateway that is away for two hours: whoever asks meanwhile is no pumper, and when it is back all get their codes', async () => {
  p.gateways.sms.reply = () => ({ status: 503 })
  for (let i = 0; i < 24; i++) {
    assert.equal((await ask(i)).status, 201, `number ${i}`)
    await pass(5 * MINUTE)
  }
  await pass(11 * MINUTE)
  p.gateways.sms.reply = () => ({ status: 202, body: '{}' })
  for (let i = 30; i < 30 + rules.range.start; i++) assert.equal((await ask(i)).status, 201, 'a whole purse')
  assert.equal((await ask(40)).reason, 'range', 'and no more than that')
})

test('a crowd within ten minutes of an outage shuts the block; ten minutes later it is open again, the list says so, and the record', async () => {
  p.gateways.sms.reply = () => ({ status: 503 })
  const said = []
  for (let i = 0; i < 20; i++) said.push((await ask(i)).status)
  assert.ok(said.includes(403))
  await pass(11 * MINUTE)
  await endBlocks(p.world.house)
  assert.deepEqual([(await range())?.coins, (await range())?.sent, (await p.world.house.rows('SELECT id FROM guard_blocks WHERE ended_at IS NULL')).length, (await p.world.record('guard.opened')).length], [rules.range.start, 0, 0, 1])
  assert.equal((await ask(50)).status, 201)
})

const unsure: readonly [string, () => Reply][] = [
  ['takes it, and reports a phone that is off', () => ({ status: 202, body: '{}' })], ['refuses the number', () => ({ status: 400 })], ['hangs', () => 'hangs'], ['breaks off', () => 'breaksOff'], ['answers 500', () => ({ status: 500 })]
]
for (const [what, reply] of unsure) {
  test(`a gateway that ${what}: no coin comes back`, async () => {
    if (reply() === 'hangs') {
      await p.end()
      p = await openPhones({}, 300)
    }
    p.gateways.sms.reply = reply
    for (let i = 0; i < 5; i++) {
      await ask(i)
      await p.flush()
      for (const { id } of p.messages('sms')) await p.receipt(id, 'failed')
      await pass(11 * MINUTE)
    }
    const coins = (await range())?.coins ?? 0
    // Half a coin comes back in a day.
    assert.ok(coins < rules.range.start - 5 + 0.05, `${coins} of ${rules.range.start}`)
  })
}

test('once for each message: by whatever it ends, resent or not, sent after all, with another channel beside it, and typed in', async () => {
  let isAway = true
  p.gateways.sms.reply = () => isAway ? { status: 503 } : { status: 202, body: '{}' }
  p.gateways.voice.reply = p.gateways.sms.reply
  const first = await ask(1)
  await pass(MINUTE)
  assert.equal((await p.call('POST', `verifications/${first.id}/resend`)).status, 200)
  assert.ok(Math.abs(((await range())?.coins ?? 0) - (rules.range.start - 1)) < 0.01, 'the first message has, the second not yet')
  isAway = false
  await p.pass(MINUTE)
  const code = p.messages('sms').findLast(({ to }) => to === inBlock(1))?.code ?? ''
  assert.equal((await p.check(first.id, code)).body.status, 'approved')
  const { coins, sent, verified } = await range() ?? { coins: 0, sent: 0, verified: 0 }
  // Full, with one more for a new face: not with two.
  assert.ok(coins > rules.range.start + 0.9 && coins < rules.range.start + 1.1, String(coins))
  assert.deepEqual([sent, verified], [1, 1])
  isAway = true
  await ask(2, { channels: ['sms', 'voice'] })
  await pass(15 * MINUTE)
  await expireVerifications(p.world.house)
  assert.equal((await range())?.sent, 1, 'both channels were away: it counts for nothing, once')
  // The SMS does not go, the call does.
  p.gateways.voice.reply = () => ({ status: 202, body: '{}' })
  await ask(3, { channels: ['sms', 'voice'] })
  await pass(15 * MINUTE)
  assert.equal((await range())?.sent, 2)
})

test('a purse that was emptied by messages which did go stays shut, whatever fails afterwards', async () => {
  for (let i = 0; i < rules.range.start; i++) await ask(i)
  await p.flush()
  const before = await range()
  assert.ok((before?.shutUntil ?? 0) > p.world.house.clock())
  p.gateways.sms.reply = () => ({ status: 503 })
  // Somebody from a network that has wasted nothing is let through.
  for (let i = 0; i < 3; i++) await ask(20 + i, { ip: `91.2.${i}.4` })
  await pass(11 * MINUTE)
  const after = await range()
  assert.deepEqual([after?.shutUntil, after?.sent], [before?.shutUntil, before?.sent])
  assert.ok((after?.coins ?? 9) < 1)
})
