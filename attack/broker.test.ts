import './support/memory-folder.ts'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Played } from './support/hostile-child.ts'
import { Theatre, type Outcome } from './support/hostile-run.ts'
import { scenarioOf, shrink, type Act } from './support/scenario.ts'
import { figure, seedOfRun, size } from './support/size.ts'

const RUNS = size(60, 10_000)
const PROCESSES = 2
const folder = join(import.meta.dirname, 'seeds')

test('a broker that replays, reorders, drops, doubles, delays, forges and swaps opens nothing that was not granted and moves nothing late', async () => {
  const seed = seedOfRun()
  const each = RUNS / PROCESSES
  const played = await Promise.all(Array.from({ length: PROCESSES }, (_, i) => playElsewhere(seed + i * each, each)))
  for (const { failed } of played) if (failed !== null) await report(failed.seed, failed.faults)
  const sum = (what: 'runs' | 'moves' | 'handed' | 'granted'): number => played.reduce((total, one) => total + one[what], 0)
  assert.equal(sum('runs'), RUNS)
  assert.ok(sum('moves') > RUNS / 2, `only ${sum('moves')} bolts moved: this broker is too hostile to show anything`)
  figure(`hostile broker: ${RUNS} interleavings from seed ${seed}, ${sum('handed')} messages handed over, ${sum('moves')} moves of bolts while it was hostile, each of them granted and in time; ${sum('granted')} codes opened in all`)
})

test('interleavings that once showed something stay shown to be harmless', async () => {
  for (const path of globSync('*.json', { cwd: folder })) {
    const acts = JSON.parse(readFileSync(join(folder, path), 'utf8')) as Act[]
    assert.deepEqual((await alone(acts)).faults, [], path)
  }
})

test('the ledger finds an opening that nobody granted: a broker with the door\'s own key', async () => {
  const theatre = await Theatre.open({ hasOwnKeys: true })
  try {
    const faults: string[] = []
    for (let run = 1; run <= 60 && faults.length === 0; run++) {
      const { faults: found } = await theatre.play(scenarioOf(run).map((act) => act.deed === 'drop' ? { ...act, deed: 'forge' } : act))
      faults.push(...found.filter((one) => one.includes('without a warrant')))
    }
    assert.ok(faults.length > 0, 'a broker that had the key opened nothing, or nobody noticed')
  } finally {
    await theatre.close()
  }
})

/** One list in a world of its own. */
async function alone (acts: readonly Act[]): Promise<Outcome> {
  const theatre = await Theatre.open()
  try {
    return await theatre.play(acts)
  } finally {
    await theatre.close()
  }
}

/** Runs of hostile-child.ts. */
async function playElsewhere (first: number, runs: number): Promise<Played> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'support/hostile-child.ts'), String(first), String(runs)])
  // One line, written by that program.
  return JSON.parse(stdout) as Played
}

/** Keeps the shortest list that still shows it, and fails. */
async function report (seed: number, faults: readonly string[]): Promise<never> {
  const acts = scenarioOf(seed)
  const isShown = (await alone(acts)).faults.length > 0
  const shortest = isShown ? await shrink(acts, async (fewer) => (await alone(fewer)).faults.length > 0) : acts
  const path = join(folder, `${seed}.json`)
  writeFileSync(path, JSON.stringify(shortest, null, 2) + '\n')
  throw new Error(`Seed ${seed}${isShown ? '' : ' (not in a world of its own)'}: ${faults.join('\n')}\nThe ${shortest.length} acts that show it are kept in ${path}.`)
}
