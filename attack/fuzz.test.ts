import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databases } from './support/databases.ts'
import { controllerNamed, honestDoor } from './support/doors.ts'
import { fuzzPackets } from './support/packets.ts'
import { startFleet } from './support/servers.ts'
import { dice, figure, seedOfRun, size } from './support/size.ts'

const PACKETS = size(60_000, 10_000_000)
const PARTS = 5
const MB = 1_048_576
const seed = seedOfRun()

test(`${PACKETS} packets, many of them damaged, end no process and stay in no memory, seed ${seed}`, async (t) => {
  const [database] = databases
  if (database === undefined) throw new Error('No database.')
  const fleet = await startFleet(database, 1)
  try {
    const [server] = fleet.processes
    if (server === undefined) throw new Error('No server.')
    const loots = [(await controllerNamed(fleet.owner, 'Bank A')).loot, (await controllerNamed(fleet.owner, 'Front door')).loot]
    const begun = Date.now()
    const roll = dice(seed)
    const weights: number[] = []
    let packets = 0
    let lines = 0
    let acknowledged = 0
    // The first part fills what is meant to be full: caches, pools, compiled code.
    for (let part = 0; part < PARTS; part++) {
      const sent = await fuzzPackets(server.mqttPort, loots, PACKETS / PARTS, roll)
      packets += sent.packets
      lines += sent.lines
      acknowledged += sent.acknowledged
      assert.ok(server.isAlive(), 'the server ended')
      weights.push(await server.weigh())
    }
    const seconds = (Date.now() - begun) / 1000
    const [first = 0, ...later] = weights
    const grown = Math.min(...later.slice(-2)) - first
    assert.ok(acknowledged > packets / 10, `only ${acknowledged} of ${packets} packets got past the parser`)
    assert.ok(grown < 24 * MB, `the memory grew by ${Math.round(grown / MB)} MB: ${weights.map((one) => Math.round(one / MB)).join(', ')}`)

    const health = await fleet.owner.health()
    assert.equal(health.status, 'ok')
    const door = await honestDoor(fleet.owner, server.mqttPort, 'Front door')
    t.after(() => { door.stop() })
    const point = (await fleet.owner.places.get()).doors[0]?.id ?? ''
    assert.equal((await fleet.owner.accessPoints.unlock(point, { reason: 'After the fuzzing' })).status, 'succeeded')
    figure(`fuzz: ${packets} packets on ${lines} lines in ${seconds.toFixed(0)} s from seed ${seed}, ${acknowledged} acknowledged, resident memory ${weights.map((one) => (one / MB).toFixed(0)).join(', ')} MB after each fifth, a door opened afterwards`)
  } finally {
    await fleet.end()
  }
})
