import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEngines } from './engines.ts'
import { recordDays } from './recorded.ts'

const DAYS = process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 10_000 : 200
/** After so many days everything that the program remembers is full: the last 64 commands, one a day. */
const FULL_AFTER = 80
/** Slots that a program may take in whatever state. */
const MOST = 600

test('a door that lives on takes no more of the heap, day after day', async (t) => {
  const engines = await openEngines()
  t.after(() => engines.close())
  const bare = await engines.slots()
  const days = recordDays()
  const boot = await engines.play(days.boot)
  assert.equal(boot.there.said, boot.here)
  const atFirst = await engines.slots() - bare
  let full = 0
  let events = 0
  for (let day = 1; day <= DAYS; day++) {
    const script = days.day()
    const { here, there } = await engines.play(script)
    assert.equal(there.said, here, `day ${day}`)
    events += script.length
    if (day === FULL_AFTER) full = await engines.slots()
    if (day > FULL_AFTER && (day % 12 === 0 || day === DAYS)) assert.equal(await engines.slots(), full, `day ${day} took slots that it did not give back`)
  }
  const atLast = await engines.slotsOfState()
  console.log(`${DAYS} days of ${events} events. Slots of the program's state: ${atFirst} in the first hour, ${atLast} with 64 commands remembered, of ${MOST}; growth 0.`)
  assert.ok(atFirst > 0 && atLast > atFirst && atLast <= MOST)
})
