import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { verifyEntry } from '../access/verify.ts'
import { smtpChannel } from '../notify/channels/smtp.ts'
import { startOutbox } from '../notify/loop.ts'
import { openPostOffice } from '../testing/post-office.ts'
import { openWorld } from '../testing/world.ts'
import { GATHER_MS } from './note.ts'
import { startAlarmWork } from './work.ts'

const isFull = process.env['ONCEKEY_TEST_SIZE'] === 'full'
const attempts = isFull ? 1000 : 100
const lastsMs = isFull ? 60_000 : 3_000
const steps = 50

test(`${attempts} refused attempts at one keypad in ${lastsMs / 1000} s are one mail for the lockout and one digest, and an alarm elsewhere is told within 5 s`, async () => {
  const office = await openPostOffice()
  const world = await openWorld({ env: { ONCEKEY_SMTP_URL: office.url } })
  const { house } = world
  const outbox = startOutbox(house, smtpChannel(office.url))
  const work = startAlarmWork(house)
  const to = (who: string): string[] => office.mails.filter((mail) => mail.to === `${who}@gym.example`).map(({ text }) => /^Subject: (.*)$/m.exec(text)?.[1]?.trim() ?? '')
  const until = async (is: () => boolean): Promise<void> => { for (const ends = performance.now() + 60_000; !is() && performance.now() < ends;) await pause(20) }
  try {
    let waits = 0
    const controller = { id: world.controllers.bank, name: 'Bank A' }
    const storm = (async () => {
      for (let step = 0; step < steps; step++) {
        await Promise.all(Array.from({ length: attempts / steps }, () => house.db.write((trx) => verifyEntry(trx, house, { controller, requestId: house.newId(), lock: 0, digits: '0000000' }))))
        await pause(lastsMs / steps)
        house.wait(lastsMs / steps)
      }
    })()
    await pause(lastsMs / 2)
    const began = performance.now()
    await house.db.write(async (trx) => { house.audit.append(trx, house.clock(), { event: 'door.forced', controller: { id: world.controllers.front, name: 'Front door' }, accessPoint: { id: world.points.front, name: 'Front door' } }) })
    await until(() => to('adam').some((subject) => subject.startsWith('Door forced')))
    waits = performance.now() - began
    await storm
    house.wait(GATHER_MS)
    await until(() => to('adam').length === 3 && to('olga').length === 3)
    // Whoever would be told once more is told by now: the loops look every two seconds.
    await pause(2_500)
    for (const who of ['adam', 'olga']) assert.deepEqual(to(who).toSorted(), ['Door forced open: Front door', 'Keypad locked: Bank A', 'Refused attempts: Bank A'])
    assert.equal(office.mails.length, 6)
    const digest = office.mails.find(({ text }) => text.includes('Refused attempts'))?.text ?? ''
    assert.match(digest, new RegExp(`^${attempts} attempts were refused`, 'm'), 'every attempt is in the number')
    assert.equal((await world.record('keypad.lockedOut')).length, 1)
    assert.ok(waits < 5_000, `${Math.round(waits)} ms`)
    process.stdout.write(`  figure: ${attempts} refused attempts in ${lastsMs / 1000} s: ${office.mails.length / 2} mails for each of two administrators; the alarm elsewhere arrived after ${Math.round(waits)} ms\n`)
  } finally {
    await work.stop()
    await outbox.stop()
    await world.close()
    await office.close()
  }
})
