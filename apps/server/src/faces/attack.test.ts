import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { findBlinks, see, type EyesAt, type Models, type Seen } from '@oncekey/vision'
import { attacks, noisy, randomFrom, render, still } from '@oncekey/vision/clips'
import { installedFaces } from '../testing/faces.ts'
import { attackAll, openPlayers, type Player } from './attack.ts'
import { openModels } from './engine.ts'

const isFull = process.env['ONCEKEY_TEST_SIZE'] === 'full'
let models: Models
let players: Player[]
before(async () => {
  const folder = await installedFaces()
  models = await openModels(folder)
  players = await openPlayers(folder, models)
}, { timeout: 600_000 })

test('no attack of any kind passes the whole challenge, and people who do what is asked do', { timeout: 7_200_000 }, async (t) => {
  assert.ok(players.length >= 3, `${players.length} people can be played`)
  const seed = Number(process.env['ONCEKEY_TEST_SEED'] ?? 20261123)
  const { kinds, bonaFide } = await attackAll(models, players, { each: isFull ? 100 : 2, seed })
  for (const { kind, n, accepted, why } of kinds) {
    t.diagnostic(`figure: ${kind}: APCER ${accepted} of ${n}; refused for ${JSON.stringify(why)}; seed ${seed}`)
    assert.equal(accepted, 0, `${kind}, seed ${seed}`)
  }
  assert.deepEqual(kinds.map(({ kind }) => kind), attacks)
  t.diagnostic(`figure: people: ${bonaFide.accepted} of ${bonaFide.n} passed; the others: ${JSON.stringify(bonaFide.why)}; seed ${seed}`)
  assert.ok(bonaFide.n - bonaFide.accepted <= bonaFide.n * 0.05, `BPCER, seed ${seed}`)
})

test('blinks are found, none where there is none, and winks are none', { timeout: 3_600_000 }, async (t) => {
  let [made, found, invented, winks] = [0, 0, 0, 0]
  for (const [i, { posed }] of players.entries()) {
    const clip = await blinkClip(i + 1, isFull ? 200_000 : 20_000, posed)
    const blinks = findBlinks(clip.frames)
    const isAt = (at: number, from: number): boolean => from > at - 100 && from < at + 450
    made += clip.blinks.length
    winks += clip.winks.length
    found += clip.blinks.filter((at) => blinks.some(({ from }) => isAt(at, from))).length
    invented += blinks.filter(({ from }) => !clip.blinks.some((at) => isAt(at, from))).length
  }
  t.diagnostic(`figure: ${found} of ${made} blinks found, ${invented} where there was none, ${winks} winks among them`)
  assert.ok(made >= 15 && winks >= 3, `${made} blinks and ${winks} winks were made`)
  assert.ok(found >= made * 0.95)
  assert.equal(invented, 0)
})

/** Somebody who blinks, winks, looks about and nods, each when they like. */
async function blinkClip (seed: number, ms: number, posed: Player['posed']): Promise<{ frames: EyesAt[], blinks: number[], winks: number[] }> {
  const random = randomFrom(seed)
  const frames: EyesAt[] = []
  const [blinks, winks]: [number[], number[]] = [[], []]
  let [next, isWink, long] = [1500, false, 340]
  let before: Seen | null = null
  for (let at = 0, i = 0; at < ms; at += 50 + random() * 20, i++) {
    if (at > next + long) [next, isWink, long] = [at + 900 + random() * 1200, random() < 0.3, 300 + random() * 100]
    const shut = Math.min(1, Math.max(0, 2 - Math.abs((at - next) / long - 0.5) * 4))
    const list = isWink ? winks : blinks
    if (shut > 0 && list.at(-1) !== next) list.push(next)
    const image = noisy(render(posed, { ...still, x: 3 * Math.sin(at / 900), yaw: 0.3 * Math.max(0, Math.sin(at / 2500)) ** 3, pitch: 0.2 * Math.max(0, Math.sin(at / 3700)) ** 3, left: shut, right: isWink ? 0 : shut }), Math.round(at * 1000))
    before = await see(models, image, at, i % 2 === 1 && before?.fault === null ? before.face : null)
    frames.push({ at, eyes: before.face?.eyes ?? null })
  }
  // One that is under way at the end is not over.
  return { frames, winks, blinks: blinks.filter((at) => at + long + 100 < ms) }
}
