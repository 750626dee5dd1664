import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPostOffice } from '@oncekey/server/testing/post-office'
import { databases } from './support/databases.ts'
import { dice, isFull, seedFor } from './support/seed.ts'
import { openSite, owner } from './support/site.ts'

const KILLS = isFull ? 20 : 3
/** Longer than a mail is in the hands of whoever claimed it. */
const LEASE_MS = 61_000
/** Its clock can be moved: a minute of waiting is none. */
const program = [join(import.meta.dirname, 'support/soak-program.ts')]

for (const database of databases) {
  test(`kill -9 at ${KILLS} random moments while a door is forced, on ${database.name}: each alarm is told once, and each of its mails arrives`, { timeout: isFull ? 1_800_000 : 300_000 }, async () => {
    const random = dice(seedFor(`alarms and kill -9 on ${database.name}`))
    const begun = performance.now()
    const office = await openPostOffice()
    const site = await openSite(database, { people: 0, env: { ONCEKEY_SMTP_URL: office.url }, program, withInput: true })
    const { door, ready, stop } = await site.keypad('Front door')
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        await ready()
        const isKilled = sleep(100 + random.whole(900)).then(() => site.process.kill())
        for (let times = 0; times < 4; times++) {
          door.force(1)
          await sleep(random.whole(150))
          door.closeDoor(1)
          await sleep(random.whole(150))
        }
        await isKilled
        await site.start({ program, withInput: true })
      }
      await ready()
      const forced = (subject: string): boolean => subject.startsWith('Door forced open')
      const idsOf = (): string[] => office.mails.filter(({ text }) => /^Subject: Door forced open/m.test(text)).map(({ text }) => /^Message-ID: <([^>]+)>/mi.exec(text)?.[1] ?? '')
      let [alarms, told, arrived] = [-1, -2, new Set<string>()]
      let messages: string[] = []
      for (const ends = Date.now() + 60_000; Date.now() < ends && !(alarms === told && arrived.size === messages.length);) {
        site.process.process.stdin?.write(`wait ${LEASE_MS}\n`)
        await sleep(2_500)
        await site.client.session.start({ login: owner.email, password: owner.password })
        // What was forced is in the record; each began an alarm, which ended with the door.
        await site.readRecord()
        alarms = (await site.client.alarms.list({ ended: true, kind: 'forced' })).alarms.length
        messages = (await site.client.me.inbox()).messages.map(({ subject }) => subject).filter(forced)
        told = messages.reduce((sum, subject) => sum + Number(/: (\d+) alarms$/.exec(subject)?.[1] ?? 1), 0)
        arrived = new Set(idsOf())
      }
      assert.equal(alarms, site.record.filter(({ event }) => event === 'door.forced').length)
      assert.ok(alarms >= KILLS, String(alarms))
      assert.equal(told, alarms, 'none is told twice, and none not at all')
      assert.equal(arrived.size, messages.length, 'each message has arrived')
      const again = idsOf().length - arrived.size
      assert.ok(again <= KILLS, `${again} mails came once more, each under its own Message-ID`)
      console.log(`  ${database.name}: ${KILLS} kills, ${alarms} alarms, ${messages.length} messages, ${again} mails came a second time under the same Message-ID (${((performance.now() - begun) / 1000).toFixed(0)} s)`)
    } finally {
      stop()
      await site.end()
      await office.close()
    }
  })
}
