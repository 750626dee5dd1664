import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { GATEWAY_SECRET, provider, type Provider, type Request } from '../apps/server/src/testing/gateway.ts'
import { databases } from './support/databases.ts'
import { startFleet, type Fleet } from './support/servers.ts'
import { dice, figure, seedOfRun, size } from './support/size.ts'

const KILLS = size(4, 20)
const TRIALS = size(4, 40)
const seed = seedOfRun()

type Message = { id: string, to: string, code: string }

for (const database of databases) {
  void describe(`messages to phones, 2 processes, ${database.name}, seed ${seed}`, () => {
    const roll = dice(seed)
    let fleet: Fleet
    let sms: Provider
    let voice: Provider
    let key: string
    let numbers = 0

    before(async () => {
      sms = await provider()
      voice = await provider()
      fleet = await startFleet(database, 2, { ONCEKEY_SMS_URL: sms.url, ONCEKEY_VOICE_URL: voice.url, ONCEKEY_GATEWAY_SECRET: `whsec_${GATEWAY_SECRET}` })
      // Numbers of one block, by the hundred, that nobody types a code for: what the guard is there to stop.
      await fleet.owner.guard.change({ countries: ['DE'], adaptive: false })
      key = (await fleet.owner.apiKeys.make({ name: 'Shop' })).secret
    })
    after(async () => {
      await fleet.end()
      await sms.close()
      await voice.close()
    })

    test('a hundred starts at once with one Idempotency-Key, at both: one SMS, a hundred equal answers', async () => {
      const to = number()
      const headers = { 'idempotency-key': randomUUID() }
      const said = await Promise.all(Array.from({ length: 100 }, (_, i) => start(i % 2, { to, channels: ['sms', 'voice'] }, headers)))
      assert.deepEqual([new Set(said.map((one) => `${one.status} ${one.text}`)).size, said[0]?.status], [1, 201])
      await sms.until(1)
      await sleep(1500)
      assert.equal(messages(sms, to).length, 1)
      figure(`${database.name}, 2 processes: 100 starts to a phone with one key, ${messages(sms, to).length} SMS, 100 equal answers`)
    })

    test('a gateway that takes and never delivers, answers 500, hangs or breaks off: the next channel has the same code in less than 20 seconds, once', async () => {
      const behaviours = ['takes', 'fails', 'hangs', 'breaksOff'] as const
      const asked = Array.from({ length: TRIALS }, (_, i) => ({ to: number(), is: behaviours[i % 4] ?? 'takes', beganAt: 0, afterMs: 0 }))
      sms.reply = (request) => {
        const is = asked.find((one) => one.to === messageIn(request).to)?.is
        return is === 'fails' ? { status: 500 } : is === 'hangs' ? 'hangs' : is === 'breaksOff' ? 'breaksOff' : { status: 202, body: '{"id":"x"}' }
      }
      voice.reply = (request) => {
        const one = asked.find(({ to }) => to === messageIn(request).to)
        if (one !== undefined) one.afterMs = performance.now() - one.beganAt
        return { status: 202, body: '{}' }
      }
      await Promise.all(asked.map(async (one, i) => {
        one.beganAt = performance.now()
        assert.equal((await start(i % 2, { to: one.to, channels: ['sms', 'voice'] })).status, 201)
      }))
      while (asked.some((one) => one.afterMs === 0) && performance.now() - (asked[0]?.beganAt ?? 0) < 40_000) await sleep(100)
      for (const one of asked) {
        assert.ok(one.afterMs > 0 && one.afterMs < 20_000, `${one.is}: ${one.afterMs} ms`)
        assert.equal(messages(voice, one.to).length, 1, one.is)
        assert.equal(new Set([...messages(sms, one.to), ...messages(voice, one.to)].map(({ code }) => code)).size, 1)
      }
      figure(`${database.name}, 2 processes: ${TRIALS} codes whose gateway ${behaviours.join(', ')}: the next channel had them after ${seconds(Math.min(...asked.map((one) => one.afterMs)))} to ${seconds(Math.max(...asked.map((one) => one.afterMs)))} s`)
    })

    test(`kill -9 of a process that sends, ${KILLS} times: no message is lost, each goes once more at most for a kill that hit it, and the gateway knows it by its key`, async () => {
      // A gateway that takes its time, so that some are killed between its yes and our note of it.
      const arrivals = new Map<string, number[]>()
      const kills: number[] = []
      sms.reply = (request) => {
        const { to } = messageIn(request)
        arrivals.set(to, [...arrivals.get(to) ?? [], performance.now()])
        return { status: 202, body: '{}', afterMs: roll(40) }
      }
      const answered: string[] = []
      let victim = fleet.processes[1]
      for (let kill = 0; kill < KILLS; kill++) {
        assert.ok(victim !== undefined)
        const { url } = victim
        const before = answered.length
        const asking = Array.from({ length: 4 }, async () => {
          for (;;) {
            const to = number()
            const said = await ask(url, { to }).catch(() => null)
            if (said === null) return
            assert.equal(said.status, 201, said.text)
            answered.push(to)
          }
        })
        for (let waited = 0; waited < 3000 && answered.length < before + 4; waited++) await sleep(10)
        await sleep(roll(60))
        await victim.kill('SIGKILL')
        kills.push(performance.now())
        await Promise.all(asking)
        victim = await fleet.start()
      }
      // What was claimed by whoever is dead is due again.
      await fleet.setAhead(40_000)
      for (let waited = 0; waited < 300 && answered.some((to) => messages(sms, to).length === 0); waited++) await sleep(100)
      const counts = answered.map((to) => messages(sms, to))
      assert.equal(counts.filter((one) => one.length === 0).length, 0, 'lost')
      // Where kills go on for longer than a claim lasts, one message may be hit twice.
      for (const moments of arrivals.values()) {
        for (const [i, moment] of moments.entries()) {
          const earlier = moments[i - 1]
          assert.ok(earlier === undefined || kills.some((kill) => earlier < kill && kill < moment), 'sent again, and nobody was killed in between')
        }
      }
      assert.ok(counts.every((one) => new Set(one.map(({ id }) => id)).size === 1), 'another key')
      assert.ok(answered.length >= 4 * KILLS, `${answered.length} were answered`)
      figure(`${database.name}: ${KILLS} kills -9 of a sending process, ${answered.length} messages that were answered for: 0 lost, ${counts.filter((one) => one.length > 1).length} sent again under the same key, ${counts.filter((one) => one.length > 2).length} of them for a second kill`)
    })

    function number (): string {
      return `+49151${String(20_000_000 + ++numbers)}`
    }

    function start (which: number, body: object, headers: Record<string, string> = {}): Promise<{ status: number, text: string }> {
      return ask(fleet.processes[which]?.url ?? '', body, headers)
    }

    async function ask (url: string, body: object, headers: Record<string, string> = {}): Promise<{ status: number, text: string }> {
      const answer = await fetch(`${url}/api/v1/verifications`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })
      return { status: answer.status, text: await answer.text() }
    }
  })
}

function messages (gateway: Provider, to: string): Message[] {
  return gateway.requests.map(messageIn).filter((one) => one.to === to)
}

/** What our own server has sent. */
function messageIn (request: Request): Message {
  return JSON.parse(request.body) as Message
}

function seconds (ms: number): string {
  return (ms / 1000).toFixed(1)
}
