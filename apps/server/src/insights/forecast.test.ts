import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld, quiet } from '../testing/world.ts'
import { findBatteries, sampleBatteries } from './batteries.ts'
import { forecast, type Measured } from './forecast.ts'
import { bucketOf, endOf, percentile } from './latency.ts'

const falling = (days: number, perDay: number, noise: (day: number) => number = () => 0): Measured[] => Array.from({ length: days }, (_, day) => ({ day, millivolts: Math.round(4_000 - perDay * day + noise(day)) }))

test('a battery that falls evenly is low on the day that its line says, and the range is narrow', () => {
  const found = forecast(falling(30, 10), 3_400)
  assert.equal(found.is, 'falls')
  assert.ok(found.is === 'falls' && found.perDay === 10 && found.on === 60 && found.earliest >= 56 && found.latest <= 64, JSON.stringify(found))
})

test('what is told in steps of 50 mV still holds the true day, in all the ways that steps may fall', () => {
  for (let shift = 0; shift < 50; shift += 5) {
    const found = forecast(falling(40, 6, () => shift).map(({ day, millivolts }) => ({ day, millivolts: Math.round(millivolts / 50) * 50 })), 3_400)
    const exact = (600 + shift) / 6
    assert.ok(found.is === 'falls' && found.earliest <= exact + 1 && exact - 1 <= found.latest, `${shift}: ${exact} ${JSON.stringify(found)}`)
  }
})

test('the true day is within the range in 90 of 100 noisy batteries at least, and noise makes the range wider', () => {
  let state = 5
  const noise = (): number => { state = (state * 48_271) % 2_147_483_647; return (state / 2_147_483_647 - 0.5) * 60 }
  let hits = 0
  let widest = 0
  for (let i = 0; i < 100; i++) {
    const found = forecast(falling(30, 8, noise), 3_400)
    if (found.is !== 'falls') continue
    if (found.earliest <= 75 && 75 <= found.latest) hits++
    widest = Math.max(widest, found.latest - found.earliest)
  }
  assert.ok(hits >= 90, `${hits} of 100`)
  assert.ok(widest > 8, `${widest} days`)
})

test('too few days, a level that does not fall, one that is low, and one without a bound say so', () => {
  assert.deepEqual(forecast(falling(6, 10), 3_400), { is: 'notEnough', days: 6, of: 7 })
  assert.deepEqual(forecast([], 3_400), { is: 'notEnough', days: 0, of: 7 })
  assert.deepEqual(forecast(falling(40, 0, (day) => day % 3), 3_400), { is: 'steady' })
  assert.deepEqual(forecast(falling(40, 0.1), 3_400), { is: 'steady' })
  assert.deepEqual(forecast(falling(30, 30), 3_400), { is: 'low' })
  assert.deepEqual(forecast(falling(30, 10), 0), { is: 'noBound' })
})

test('a new battery begins a new line', () => {
  const days = [...falling(30, 15), ...falling(5, 15).map(({ day, millivolts }) => ({ day: day + 30, millivolts }))]
  assert.deepEqual(forecast(days, 3_400), { is: 'notEnough', days: 5, of: 7 })
})

test('a percentile is within a tenth of the span that it stands for', () => {
  for (let ms = 1; ms < 60_000; ms = Math.ceil(ms * 1.07)) {
    assert.ok(ms <= endOf(bucketOf(ms)) * (1 + 1e-9) && (bucketOf(ms) === 0 || ms > endOf(bucketOf(ms) - 1)), String(ms))
    const said = percentile([{ bucket: bucketOf(ms), count: 3 }], 0.95) ?? 0
    assert.ok(Math.abs(said - ms) <= ms * 0.1 + 1, `${ms}: ${said}`)
  }
  assert.equal(percentile([], 0.5), null)
})

test('what controllers measured becomes a mean for each day by the site\'s calendar; one that is away says nothing', async () => {
  const world = await openWorld({ now: Date.UTC(2026, 10, 2, 22) })
  try {
    const door = await world.door()
    await world.house.db.write(async (trx) => { await trx.prepare('UPDATE controllers SET policies = ?').run(JSON.stringify({ lowMillivolts: 3_400, criticalMillivolts: 3_200 })) })
    const measure = async (millivolts: number): Promise<void> => {
      await world.house.db.write(async (trx) => { await trx.prepare('UPDATE access_point_states SET millivolts = ?').run(millivolts) })
      await sampleBatteries(world.house)
    }
    assert.deepEqual((await findBatteries(world.house, world.siteId)).batteries, [])
    await measure(3_900)
    await measure(3_880)
    // Ten in the evening in UTC is eleven in Berlin; two hours later it is the next day there.
    world.house.wait(2 * 3_600_000)
    await measure(3_870)
    door.unplug()
    await quiet()
    await measure(1_000)
    await world.signIn(world.people.otto)
    const { batteries, more } = (await world.call(world.people.otto, 'GET', 'insights/batteries')).body
    assert.equal(more, 0)
    assert.deepEqual(batteries, [{
      controllerId: world.controllers.bank, name: 'Bank A', lowMillivolts: 3_400, days: [{ day: 20_759, millivolts: 3_890 }, { day: 20_760, millivolts: 3_870 }], forecast: { is: 'notEnough', days: 2, of: 7 }
    }])
  } finally {
    await world.close()
  }
})
