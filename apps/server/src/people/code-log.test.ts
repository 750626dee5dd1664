import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { CodeLog } from '@oncekey/protocol/schemas'
import { openAccounts, type Accounts } from '../testing/accounts.ts'

let a: Accounts

beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

async function log (query = '', who = a.world.people.maya): Promise<CodeLog> {
  const answer = await a.world.call(a.world.people.otto, 'GET', `people/${who.id}/code-log${query}`)
  assert.equal(answer.status, 200, answer.said)
  return JSON.parse(answer.said.slice(answer.said.indexOf('{')))
}

test('door codes and mailed ones in one list, newest first, with states, makers and deliveries, and no digit of any', async () => {
  const { world } = a
  const { otto, maya, adam } = world.people
  const issued = await world.call(otto, 'POST', 'codes', { accessPointId: world.points.a01, personId: maya.id })
  world.house.wait(60_000)
  const { body: { challenge } } = await a.start('sign-in-codes', { login: 'maya@gym.example' })
  const mailed = await a.digits(challenge)
  await a.confirm('sessions/by-code', { challenge, code: '000000' === mailed ? '111111' : '000000' })
  world.house.wait(60_000)
  const own = await world.code(maya, world.points.a02)
  await world.call(maya, 'DELETE', `codes/${own.id}`)
  await world.house.db.write(async (trx) => { await trx.prepare("UPDATE outbox SET state = 'failed', error = 'ETIMEDOUT' WHERE code_id IS NOT NULL").run() })

  const { codes, next } = await log()
  assert.equal(next, null)
  assert.deepEqual(codes.map((one) => [one.door?.place, one.door?.accessPointName, one.door?.state, one.door?.issuedBy, one.mailed?.purpose, one.mailed?.state, one.mailed?.wrongTries]), [
    ['Bank A', 'A02', 'revoked', 'Maya', undefined, undefined, undefined], [undefined, undefined, undefined, undefined, 'signIn', 'pending', 1], ['Bank A', 'A01', 'issued', 'Otto', undefined, undefined, undefined]
  ])
  assert.deepEqual(codes[1]?.deliveries, [{ channel: 'email', to: 'm•••@gym.example', state: 'waiting', at: null, fault: null }])
  assert.deepEqual(codes[2]?.deliveries.map((one) => [one.channel, one.to, one.state, one.fault]), [['email', 'm•••@gym.example', 'failed', 'ETIMEDOUT'], ['inbox', 'Maya', 'sent', null]])
  const said = JSON.stringify(codes)
  for (const secret of [issued.body.digits, own.digits, mailed, challenge]) assert.ok(!said.includes(secret), secret)
  assert.equal((await world.call(otto, 'GET', `people/${adam.id}/code-log`)).refusal, 'notAllowed')
  assert.deepEqual((await log('', otto)).codes, [])
})

test('each page goes on where the one before ended, also within one moment; its mark gives no challenge away', async () => {
  const { world } = a
  const { otto, maya } = world.people
  await a.start('sign-in-codes', { login: 'maya@gym.example' })
  await world.call(otto, 'POST', 'codes', { accessPointId: world.points.a01, personId: maya.id })
  await world.call(otto, 'POST', 'codes', { accessPointId: world.points.a02, personId: maya.id })
  world.house.wait(60_000)
  const { body: { challenge } } = await a.start('recoveries', { login: 'maya@gym.example' })
  const all = (await log()).codes.map((one) => one.id)
  assert.equal(new Set(all).size, 4)
  for (const limit of [1, 2, 3]) {
    const seen: string[] = []
    let after: string | null = ''
    while (after !== null) {
      const page: CodeLog = await log(`?limit=${limit}${after === '' ? '' : `&after=${after}`}`)
      assert.ok(page.next === null || !Buffer.from(page.next, 'base64url').includes(challenge.slice(-22)))
      seen.push(...page.codes.map((one) => one.id))
      after = page.next
    }
    assert.deepEqual(seen, all, `${limit} a page`)
  }
  const { next } = await log('?limit=1')
  const foreign = await world.call(otto, 'GET', `people/${otto.id}/code-log?after=${next}`)
  assert.deepEqual([foreign.refusal, foreign.problem.errors?.[0]?.field], ['badRequest', 'after'])
})

test('a code that was not to leave is held, one for an address that nobody has is in no log', async () => {
  const { world } = a
  await world.call(world.people.otto, 'PATCH', `people/${world.people.maya.id}`, { suspended: true })
  for (const login of ['maya@gym.example', 'nobody@gym.example']) await a.start('sign-in-codes', { login })
  const { codes } = await log()
  assert.deepEqual(codes.map((one) => [one.mailed?.state, one.deliveries[0]?.state, one.deliveries[0]?.fault]), [['pending', 'held', null]])
  for (const who of Object.values(world.people).filter((one) => one.name !== 'Maya' && one.name !== 'Olga' && one.name !== 'Adam')) assert.deepEqual((await log('', who)).codes, [])
})
