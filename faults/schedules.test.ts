import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addFaultyDoors, codeFor, command, goodWires, pass, recordsOf, setFull, type FaultyDoor } from '../apps/server/src/testing/faulty.ts'
import { LinkedDoor, openWorld, quiet, type World } from '../apps/server/src/testing/world.ts'
import { dice, isFull, seedFor, type Dice } from './support/seed.ts'

/** A schedule is one controller's stretch of happenings and faults, with its end on a healthy line. */
const SCHEDULES = isFull ? 10_000 : 80
/** Controllers that live at the same time at one server: kills, broker, disk and clock are theirs together. */
const TOGETHER = 20
/** Stretches that a server and its controllers live through before new ones take their place. */
const STRETCHES = 10
const TICKS = 30
/** Records that count as one fact each in the record of the house. */
const facts = new Set(['controller.booted', 'lock.actuated', 'lock.jammed', 'door.changed', 'battery.changed'])

type Figures = { schedules: number, records: number, overwritten: number, openings: number, cuts: number, powerCuts: number, kills: number, full: number }

test('schedules of faults in virtual time: no event is lost or taken twice, no opening is stale, nothing moves at a boot', { timeout: isFull ? 7_200_000 : 120_000 }, async () => {
  const seed = seedFor('schedules')
  const figures: Figures = { schedules: 0, records: 0, overwritten: 0, openings: 0, cuts: 0, powerCuts: 0, kills: 0, full: 0 }
  for (let era = 0; figures.schedules < SCHEDULES; era++) await live(dice(seed + era), figures)
  const { schedules, records, overwritten, openings, cuts, powerCuts, kills, full } = figures
  console.log(`  ${schedules} schedules: ${cuts} cuts of the network, ${powerCuts} of the power, ${kills} kills of server or broker, ${full} full disks. ` +
    `${records} records arrived, each once; ${overwritten} had to make room and were reported; ${openings} openings, none stale, none twice.`)
  assert.ok(records > schedules * 5 && openings > schedules / 4 && cuts > schedules / 2 && powerCuts > schedules / 10)
  assert.ok(overwritten > 0 && kills > 0 && full > 0)
})

test('a backlog of 10,000 events is with the server within a minute, once and in order', { timeout: 120_000 }, async (t) => {
  const world = await openWorld()
  t.after(() => world.close())
  const id = world.controllers.front
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE controllers SET simulated = 0 WHERE id = ?').run(id) })
  const door = new LinkedDoor(world, await world.identity(id), 1, {}, 20_000)
  door.boot()
  door.senseAll()
  for (let i = 0; i < 5000; i++) {
    door.openDoor()
    door.closeDoor()
    door.effects = []
  }
  const last = door.controller.ring.seq
  assert.equal(door.controller.ring.records.length, 10_001)
  const began = performance.now()
  door.plug()
  while (door.controller.ring.records.length > 0 && performance.now() - began < 60_000) await quiet()
  const seconds = (performance.now() - began) / 1000
  assert.ok(seconds < 60, `${door.controller.ring.records.length} records were left after a minute`)
  const records = await recordsOf(world, id, 0)
  assert.deepEqual(records.map(({ seq }) => seq), Array.from({ length: last }, (_, i) => i + 1))
  assert.deepEqual([...await world.record('controller.recordGap'), ...await world.record('controller.recordFork')], [])
  assert.equal((await world.record('door.changed')).length, 10_000)
  console.log(`  a backlog of 10,000 events: ${seconds.toFixed(1)} s`)
})

async function live (random: Dice, figures: Figures): Promise<void> {
  const world = await openWorld()
  try {
    const doors = await addFaultyDoors(world, TOGETHER, random.whole)
    const seen = new Map<FaultyDoor, number>()
    for (let i = 0; i < STRETCHES && figures.schedules < SCHEDULES; i++) {
      await stretch(world, doors, random, figures)
      await heal(world, doors)
      for (const door of doors) await check(world, door, seen, figures)
      figures.schedules += doors.length
    }
  } catch (error) {
    throw new Error(`seed ${random.seed}`, { cause: error })
  } finally {
    await world.close()
  }
}

async function stretch (world: World, doors: readonly FaultyDoor[], random: Dice, figures: Figures): Promise<void> {
  const { whole, chance } = random
  const known = new Map<FaultyDoor, string>()
  for (const door of doors) {
    door.wires = chance(0.2) ? goodWires : { lost: whole(80), twice: whole(80), late: whole(300), lateMs: 1 + whole(9000), again: whole(50) }
    if (!door.isLinked) door.plug()
  }
  let untilRoom = 0
  for (let tick = 0; tick < TICKS; tick++) {
    // Each stretch has a kill and a full disk at least, however the dice fall.
    const fate = whole(100)
    if (tick === 17 || fate < 2) {
      // Everything that was on its way is lost; what was committed a moment ago was never acknowledged.
      figures.kills++
      await world.restart()
      untilRoom = 0
      for (const door of doors) door.lose()
    } else if (fate < 4) {
      figures.kills++
      for (const door of doors) door.lose()
    } else if (tick === 9 || fate < 6) {
      figures.full++
      untilRoom = 1 + whole(4)
      await setFull(world, true)
    }
    if (untilRoom > 0 && --untilRoom === 0) await setFull(world, false)
    for (const door of doors) await happen(world, door, random, known, figures)
    await pass(world, doors, [20, 300, 900, 2500, 6000, 15_000][whole(6)] ?? 300)
  }
  await setFull(world, false)
}

async function happen (world: World, door: FaultyDoor, { whole, chance }: Dice, known: Map<FaultyDoor, string>, figures: Figures): Promise<void> {
  if (!door.powered) {
    if (chance(0.4)) door.restore(chance(0.5))
    return
  }
  const lock = 1 + whole(2)
  const point = door.points[lock - 1] ?? ''
  switch (whole(14)) {
    case 0:
      if (chance(0.4)) return
      figures.cuts++
      return door.lose()
    case 1: case 2: return door.isLinked ? undefined : door.plug()
    case 3: {
      const people = Object.values(world.people)
      known.set(door, await codeFor(world, point, people[whole(people.length)]?.id ?? '') ?? '')
      return chance(0.3) ? undefined : door.live((one) => { one.type((known.get(door) ?? '') + '#') })
    }
    case 4: case 5: case 6:
      return door.live((one) => { one.type((known.get(door) || String(whole(1_000_000))) + '#') })
    case 7: return command(world, point, chance(0.8) ? 'unlock' : 'lock')
    case 8: return door.live((one) => { one.openDoor(lock) })
    case 9: return door.live((one) => { one.closeDoor(lock) })
    case 10:
      door.boltMs = chance(0.8) ? 300 : null
      return
    case 11:
      return door.live((one) => { const millivolts = 3200 + whole(800); one.health({ millivolts }); one.health({ millivolts }) })
    case 12:
      if (chance(0.6)) return
      figures.powerCuts++
      door.powerFor = whole(20)
      return
    default:
      // A door that swings for hours without a network: the memory of its box ends.
      if (!chance(0.04)) return
      door.lose()
      door.live((one) => { for (let i = 0; i < 280; i++) { one.openDoor(lock); one.closeDoor(lock) } })
  }
}

/** Everything works again, until there is nothing left to tell. */
async function heal (world: World, doors: readonly FaultyDoor[]): Promise<void> {
  for (const door of doors) {
    door.wires = goodWires
    door.boltMs = 300
    door.powerFor = null
    if (!door.powered) door.restore(true)
    for (let lock = 1; lock <= door.points.length; lock++) door.live((one) => { one.closeDoor(lock) })
    door.lose()
    door.plug()
  }
  for (let i = 0; i < 120; i++) {
    await pass(world, doors, 1000)
    const waiting = doors.filter((door) => !door.isLinked || door.controller.ring.records.length > 0)
    for (const door of waiting) if (!door.isLinked) door.plug()
    if (waiting.length === 0 && i > 25) return
  }
  assert.fail(`after two minutes on a healthy line something was left to tell: ${JSON.stringify(doors.map((door) => door.controller.ring.records.length))}`)
}

async function check (world: World, door: FaultyDoor, seen: Map<FaultyDoor, number>, figures: Figures): Promise<void> {
  const id = door.identity.controller
  const from = seen.get(door) ?? 0
  const last = door.controller.ring.seq
  const records = await recordsOf(world, id, from)
  const arrived = new Map(records.map((one) => [one.seq, one.text]))
  // Never twice under one number, and as it was written.
  assert.equal(arrived.size, records.length, 'a record was taken twice')
  for (const [seq, text] of arrived) assert.equal(text, door.written.get(seq), `record ${seq}`)
  const reported = records.flatMap(({ record }) => record?.type === 'records.overwritten' ? [record] : [])
  for (let seq = from + 1; seq <= last; seq++) {
    if (arrived.has(seq)) continue
    assert.ok(reported.some((one) => one.first <= seq && seq <= one.last && one.seq > seq), `record ${seq} of ${last} is lost: ${door.written.get(seq)}`)
    figures.overwritten++
  }
  seen.set(door, last)
  figures.records += records.length

  // Each became one row of the record of the house, and nothing was taken for a copy.
  const audit = await world.house.rows(`SELECT event, count(*) AS times FROM audit WHERE controller_id = ? GROUP BY event`, id)
  const times = new Map(audit.map((row) => [String(row['event']), Number(row['times'])]))
  const told = ['controller.booted', 'lock.actuated', 'lock.jammed', 'door.changed', 'door.forced', 'door.held', 'door.alarmEnded', 'battery.low', 'battery.critical', 'battery.recovered']
    .reduce((sum, event) => sum + (times.get(event) ?? 0), 0)
  const all = await recordsOf(world, id, 0)
  assert.equal(told, all.filter(({ record }) => record !== null && facts.has(record.type)).length)
  assert.equal(times.get('controller.recordFork') ?? 0, 0, 'a fork that is none')

  assert.equal(door.movedAtBoot, 0)
  const refs = door.openings.map(({ ref }) => ref)
  assert.equal(new Set(refs).size, refs.length, 'opened twice for one reason')
  for (const { source, ref, at, askedAt } of door.openings) {
    if (source === 'keypad') {
      assert.ok(askedAt !== null && at - askedAt < 5000, `an answer of ${String(askedAt)} opened at ${at}`)
      assert.equal((await world.house.rows('SELECT id FROM codes WHERE controller_id = ? AND request_id = ?', id, ref)).length, 1, 'opened without a code')
    } else {
      assert.equal(source, 'remote')
      const given = Number((await world.house.rows('SELECT expires_at FROM commands WHERE id = ?', ref))[0]?.['expires_at'])
      assert.ok(at <= given, `a command that expired at ${given} opened at ${at}`)
    }
  }
  figures.openings += door.openings.length
  door.openings.length = 0
  // What was opened is locked again, or will be: one that got stuck is tried again after minutes.
  for (const { lock, duty, relockAt } of door.controller.locks) assert.ok(door.isLocked(lock) || (duty && relockAt !== null), `lock ${lock} stays open`)
  await quiet()
}
