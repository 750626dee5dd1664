import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GATEWAY_SECRET, provider, type Provider } from '../apps/server/src/testing/gateway.ts'
import { databases } from './support/databases.ts'
import { startFleet, type Fleet } from './support/servers.ts'
import { figure } from './support/size.ts'

const STARTS = 100
/** What a new address has, and what one has to which three of eight codes were typed in: nothing left, and two for each. */
const COINS = 8
const AFTER_THREE = 6

type Answer = { status: number, reason: string | null, id: string }

for (const database of databases) {
  void describe(`the guard's purses, two processes, ${database.name}`, () => {
    let fleet: Fleet
    let sms: Provider
    let key: string
    let numbers = 0

    before(async () => {
      sms = await provider()
      fleet = await startFleet(database, 2, { ONCEKEY_SMS_URL: sms.url, ONCEKEY_GATEWAY_SECRET: `whsec_${GATEWAY_SECRET}` })
      await fleet.owner.guard.change({ countries: ['DE'] })
      key = (await fleet.owner.apiKeys.make({ name: 'Shop' })).secret
    })
    after(async () => {
      await fleet.end()
      await sms.close()
    })

    test(`${STARTS} starts at once to one number, half of them at each: one goes out`, async () => {
      const to = number()
      const said = await starts(STARTS, () => ({ to }))
      assert.deepEqual([count(said, 201), count(said, 429)], [1, STARTS - 1])
      assert.equal((await fleet.owner.guard.get()).spent.find(({ channel }) => channel === 'sms')?.messages, 1)
      figure(`${database.name}, 2 processes: ${STARTS} starts to one number, ${count(said, 201)} went out`)
    })

    test(`${STARTS} starts at once from one address to as many numbers: its coins exactly; what is typed in at both at once gives back once`, async () => {
      const ip = '91.2.3.4'
      const first = await starts(STARTS, () => ({ to: number(), ip }))
      assert.deepEqual([count(first, 201), first.filter(({ reason }) => reason === 'network').length], [COINS, STARTS - COINS])
      await sms.until(1 + COINS)
      // Ten times each, at both servers.
      const sent = first.filter(({ status }) => status === 201).slice(0, 3)
      const checks = await Promise.all(sent.flatMap(({ id }) => Array.from({ length: 10 }, (_, i) => check(i % 2, id))))
      assert.equal(checks.filter((status) => status === 'approved').length, 3)
      const second = await starts(STARTS, () => ({ to: number(), ip }))
      assert.equal(count(second, 201), AFTER_THREE)
      figure(`${database.name}, 2 processes: ${STARTS} starts from one address, ${count(first, 201)} went out; 3 typed in, ${count(second, 201)} of ${STARTS} more`)
    })

    test(`a cap of the day: ${STARTS} starts at once, exactly what it has left`, async () => {
      const spent = (await fleet.owner.guard.get()).spent.find(({ channel }) => channel === 'sms')
      await fleet.owner.guard.change({ adaptive: false, caps: [{ channel: 'sms', messages: (spent?.messages ?? 0) + 7, micros: null }] })
      const said = await starts(STARTS, () => ({ to: number() }))
      assert.deepEqual([count(said, 201), said.filter(({ reason }) => reason === 'spendCap').length], [7, STARTS - 7])
      figure(`${database.name}, 2 processes: a cap with 7 left, ${STARTS} starts, ${count(said, 201)} went out`)
    })

    /** Each in another million of numbers, or nearly: what is looked at here is the address. */
    function number (): string {
      const i = numbers++
      return `+4917${String(i * 37 % 100).padStart(2, '0')}${String(1_000_000 + i * 7919).slice(-7)}`
    }

    async function starts (howMany: number, form: () => { to: string, ip?: string }): Promise<Answer[]> {
      return Promise.all(Array.from({ length: howMany }, async (_, i) => {
        const answer = await post(i % 2, 'verifications', { channels: ['sms'], ...form() })
        const body = await answer.json() as { id?: string, reason?: string }
        return { status: answer.status, reason: body.reason ?? null, id: body.id ?? '' }
      }))
    }

    async function check (which: number, id: string): Promise<string> {
      const { to } = await (await fetch(`${fleet.processes[which]?.url}/api/v1/verifications/${id}`, { headers: { authorization: `Bearer ${key}` } })).json() as { to: string }
      const message = sms.requests.map(({ body }) => JSON.parse(body) as { to: string, code: string }).find((one) => one.to === to)
      const { status } = await (await post(which, `verifications/${id}/check`, { code: message?.code ?? '' })).json() as { status: string }
      return status
    }

    function post (which: number, path: string, body: object): Promise<Response> {
      return fetch(`${fleet.processes[which]?.url}/api/v1/${path}`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
    }
  })
}

function count (answers: readonly Answer[], status: number): number {
  return answers.filter((one) => one.status === status).length
}
