import assert from 'node:assert/strict'
import { memoryStore } from '../memory.ts'
import { seededBytes } from '../../testing.ts'
import { day, door, hour, minute, web, world, type Case, type World } from './world.ts'

const acts = 120
const slots = ['anna', 'ben', 'grant/1', 'grant/2']
const places = [door, { ...door, scope: 'reader-2' }, web, { ...web, scope: 'challenge-2' }]

/** The same random life at a store and in memory, where everything is a plain list: each answer has to be the same. */
export const lifeCases: readonly Case[] = Array.from({ length: 12 }, (_, i): Case => [`a life of ${acts} random acts, of seed ${i + 1}, comes out as in memory`, async w => {
  const bytes = seededBytes(i + 1)
  const roll = (sides: number): number => (bytes(1)[0] ?? 0) % sides
  const model = world(memoryStore())
  const known: string[] = ['0000']
  for (let n = 0; n < acts; n++) {
    const act = randomAct(roll, known)
    const both = [await act.on(w), await act.on(model)]
    assert.deepEqual(both[0], both[1], `act ${n}: ${act.name}`)
  }
}])

function randomAct (roll: (sides: number) => number, known: string[]): { name: string, on: (w: World) => Promise<unknown> } {
  const where = places[roll(places.length)]!
  const slot = slots[roll(slots.length)]!
  switch (roll(10)) {
    case 0: case 1: case 2: {
      const ttlMs = [minute, hour, day][roll(3)]!
      return {
        name: `issue at ${where.scope} to ${slot} for ${ttlMs}`,
        async on (w) {
          const issue = await w.otp.issue({ ...where, slot, digits: 8, ttlMs, data: slot, maxLive: 3 })
          if (issue.issued && !known.includes(issue.code)) known.push(issue.code)
          return issue
        }
      }
    }
    case 3: case 4: case 5: {
      const code = known[Math.max(0, known.length - 1 - roll(6))]!
      return { name: `type ${code} at ${where.scope}`, on: w => w.type(code, where) }
    }
    case 6: {
      const ms = [1000, minute, 10 * minute, hour, day][roll(5)]!
      // A store may stop waiting for a sweep that does not come for days.
      return { name: `wait ${ms}`, on: async w => { w.wait(ms); return ms === day ? sweep(w) : null } }
    }
    case 7: return { name: `revoke ${slot} at ${where.scope}`, on: async w => w.otp.revoke({ scope: where.scope, slot }) }
    case 8: return { name: `status of ${where.scope}`, on: async w => [await w.otp.status(where), (await w.otp.kept(places.map(one => one.scope))).toSorted()] }
    default: return roll(2) === 0
      ? { name: 'sweep', on: sweep }
      : { name: 'revoke grant/', on: async w => (await w.otp.revokeWhere({ slotPrefix: 'grant/' })).toSorted((a, b) => a.id < b.id ? -1 : 1) }
  }
}

/** Codes that end in one millisecond come in any order. */
async function sweep (w: World): Promise<unknown> {
  const swept = await w.otp.sweep()
  return { ...swept, expired: swept.expired.toSorted((a, b) => a.id < b.id ? -1 : 1) }
}
