import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Controller } from '@oncekey/protocol/schemas'
import { databases } from './support/databases.ts'
import { startFleet, type Fleet } from './support/servers.ts'
import { figure, processCounts, size } from './support/size.ts'
import { askAll, enter, lootOf, type Loot } from './support/thief.ts'

/** Guesses at one reader, and what was compared: SECURITY's bound is three in a row. */
const GUESSES = size(1000, 1000)
const RIGHT = size(500, 500)

for (const database of databases) {
  for (const count of processCounts) {
    void describe(`guesses at a keypad, ${count} of processes, ${database.name}`, () => {
      let fleet: Fleet
      let loot: Loot
      let door: Controller
      let point: string

      before(async () => {
        fleet = await startFleet(database, count)
        const places = await fleet.owner.places.get()
        const found = places.controllers.find((one) => one.name === 'Front door')
        assert.ok(found !== undefined)
        door = found
        point = places.doors[0]?.id ?? ''
        loot = lootOf(await fleet.owner.controllers.simulation(door.id))
      })
      after(async () => { await fleet.end() })

      test('a thousand at once with the stolen key: three are compared, and then not even the right code opens', async () => {
        const { digits } = await fleet.owner.codes.issue({ accessPointId: point })
        const thieves = await Promise.all(fleet.processes.map((one) => enter(one.mqttPort, loot)))
        const guesses = Array.from({ length: GUESSES }, (_, i) => wrongBy(digits, i + 1))
        const answers = (await Promise.all(thieves.map((thief, which) => askAll(thief, guesses.filter((_, i) => i % thieves.length === which))))).flat()
        const right = await thieves[0]?.ask(digits)
        for (const thief of thieves) thief.raw.end()

        assert.ok(right === null || (right?.kind === 'verify' && !right.granted), 'the right code after the budget opened')
        assert.equal(answers.filter((one) => one?.kind === 'verify' && one.granted).length, 0)
        const compared = (await fleet.record({ event: 'access.denied' })).filter((row) => row.reason !== 'lockedOut')
        assert.deepEqual(compared.map((row) => row.reason), ['wrong', 'wrong', 'wrong'])
        assert.equal((await fleet.record({ event: 'access.granted' })).length, 0)
        assert.equal((await fleet.record({ event: 'keypad.lockedOut' })).length, 1)
        figure(`${database.name}, ${count} process(es): ${GUESSES} guesses sent, ${answers.filter((one) => one !== null).length} answered, ${compared.length} compared (budget 3)`)
      })

      test('five hundred times the right code at once opens once', async () => {
        await fleet.owner.controllers.clearLockout(door.id, { reason: 'The next attack' })
        await fleet.setAhead(120_000)
        const { digits } = await fleet.owner.codes.issue({ accessPointId: point })
        const thieves = await Promise.all(fleet.processes.map((one) => enter(one.mqttPort, loot)))
        const answers = (await Promise.all(thieves.map((thief) => askAll(thief, Array.from({ length: RIGHT / thieves.length }, () => digits))))).flat()
        for (const thief of thieves) thief.raw.end()
        assert.equal(answers.filter((one) => one?.kind === 'verify' && one.granted).length, 1)
        assert.equal((await fleet.record({ event: 'access.granted' })).length, 1)
        figure(`${database.name}, ${count} process(es): ${RIGHT} right submissions, ${answers.filter((one) => one !== null).length} answered, 1 opening`)
      })
    })
  }
}

/** Other digits of the same length. */
function wrongBy (digits: string, i: number): string {
  return String((Number(digits) + i) % 10 ** digits.length).padStart(digits.length, '0')
}
