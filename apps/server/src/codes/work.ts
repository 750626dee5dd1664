import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { expireCodes, forgetAnswers, noteUnopened } from './sweep.ts'

/** Codes end when their time is over, and unopened grants are told, also when nobody asks. */
export function startCodeWork (house: House): Loop {
  const loops = [
    repeat(1_000, () => expireCodes(house), house.log),
    repeat(1_000, () => noteUnopened(house), house.log),
    repeat(600_000, () => forgetAnswers(house), house.log)
  ]
  return { stop: async () => { for (const loop of loops) await loop.stop() } }
}
