import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { mailServer, type MailServer } from '../e2e/support/mail.ts'
import { databases } from './support/databases.ts'
import { startFleet, type Fleet } from './support/servers.ts'
import { figure, processCounts, size } from './support/size.ts'

/** Guesses at an old program's door: the bounds of every keypad, and no others. */
const GUESSES = size(1000, 1000)
const RIGHT = size(300, 500)
const DAY_MS = 86_400_000

for (const database of databases) {
  for (const count of processCounts) {
    void describe(`guesses through /compat, ${count} process(es), ${database.name}`, () => {
      let fleet: Fleet
      let mail: MailServer
      let path: string
      let ahead = 0

      before(async () => {
        mail = await mailServer()
        fleet = await startFleet(database, count, { ONCEKEY_SMTP_URL: mail.url })
        const gate = await fleet.owner.places.addDoor({ name: 'Old gate' })
        await fleet.owner.doors.addRecipient(gate.id, { address: 'ana@example.org' })
        await fleet.owner.compat.change({ on: true })
        path = (await fleet.owner.compat.makeToken({ contract: 'door', accessPointId: gate.id })).path
      })
      after(async () => {
        await fleet.end()
        await mail.close()
      })

      /** One request at one of the processes, in turn. */
      async function ask (which: number, what: 'send-otp' | 'verify-otp', body: object): Promise<{ status: number, text: string }> {
        const at = fleet.processes[which % fleet.processes.length]?.url ?? ''
        const answer = await fetch(`${at}${path}/${what}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
        return { status: answer.status, text: await answer.text() }
      }

      /** A fresh code, in whatever time that takes. */
      async function code (): Promise<string> {
        const known = mail.mails.length
        assert.deepEqual((await ask(0, 'send-otp', { otp: '1234', mode: 'unlock' })).status, 200)
        await mail.until(known + 1)
        return /The code is (\d{4})/.exec(mail.mails.at(-1)?.text ?? '')?.[1] ?? ''
      }

      async function pass (ms: number): Promise<void> {
        ahead += ms
        await fleet.setAhead(ahead)
      }

      test('a thousand at once: three are compared, and then not even the right code opens', async () => {
        const digits = await code()
        const said = await Promise.all(Array.from({ length: GUESSES }, (_, i) => ask(i, 'verify-otp', { otp: String((Number(digits) + 1 + i % 9998) % 10_000).padStart(4, '0') })))
        const right = await ask(0, 'verify-otp', { otp: digits })
        assert.ok(right.status !== 200 && said.every(({ status }) => status === 400 || status === 429))
        // Compared and uncompared ones read the same; only the measure of a stolen token has its own word.
        assert.deepEqual([...new Set(said.filter(({ status }) => status === 400).map(({ text }) => text))], ['{"status":"error","message":"Not accepted"}'])
        const compared = (await fleet.record({ event: 'access.denied' })).filter(({ reason }) => reason !== 'lockedOut')
        assert.deepEqual(compared.map(({ reason }) => reason), ['wrong', 'wrong', 'wrong'])
        assert.equal((await fleet.record({ event: 'keypad.lockedOut' })).length, 1)
        figure(`${database.name}, ${count} process(es), /compat: ${GUESSES} guesses sent, ${compared.length} compared (budget 3)`)
      })

      test('the right code many times at once opens once', async () => {
        await pass(600_000)
        const digits = await code()
        const said = await Promise.all(Array.from({ length: RIGHT }, (_, i) => ask(i, 'verify-otp', { otp: digits })))
        assert.equal(said.filter(({ status }) => status === 200).length, 1)
        assert.equal((await fleet.record({ event: 'access.granted' })).length, 1)
      })

      test('a day of patient guesses: as many are compared as the page says, and no more', async () => {
        await pass(2 * DAY_MS)
        const from = (await fleet.record({ event: 'access.denied' })).length
        for (let minutes = 0; minutes < 24 * 60; minutes += 20) {
          await pass(20 * 60_000)
          for (let i = 0; i < 4; i++) await ask(i, 'verify-otp', { otp: String(i).padStart(4, '0') })
        }
        const rows = (await fleet.record({ event: 'access.denied' })).slice(0, -from || undefined)
        const compared = rows.filter(({ reason }) => reason !== 'lockedOut').length
        assert.ok(compared > 60 && compared <= 84, String(compared))
        const { dailyChance } = await fleet.owner.compat.get()
        assert.equal(dailyChance, 84 / 10_000)
        figure(`${database.name}, ${count} process(es), /compat: ${compared} guesses compared in 24 h (ceiling 84)`)
      })
    })
  }
}
