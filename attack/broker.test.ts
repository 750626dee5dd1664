import './support/memory-folder.ts'
import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Theatre, type Outcome } from './support/hostile-run.ts'
import { scenarioOf, shrink, type Act } from './support/scenario.ts'
import { figure, seedOfRun, size } from './support/size.ts'

const RUNS = size(60, 10_000)
/** Runs in one world, before it has grown too large to be quick. */
const RUNS_A_WORLD = 250
const folder = join(import.meta.dirname, 'seeds')

test('a broker that replays, reorders, drops, doubles, delays, forges and swaps opens nothing that was not granted and moves nothing late', async () => {
  const seed = seedOfRun()
  let moves = 0
  let granted = 0
  let handed = 0
  for (let run = 0; run < RUNS;) {
    const theatre = await Theatre.open()
    try {
      for (let i = 0; i < RUNS_A_WORLD && run < RUNS; i++, run++) {
        const outcome = await theatre.play(scenarioOf(seed + run))
        if (outcome.faults.length > 0) await report(seed + run, scenarioOf(seed + run), outcome)
        moves += outcome.moves
      }
      granted += await theatre.granted()
      handed += theatre.handed
    } finally {
      await theatre.close()
    }
  }
  assert.ok(moves > RUNS / 2, `only ${moves} bolts moved: this broker is too hostile to show anything`)
  figure(`hostile broker: ${RUNS} interleavings from seed ${seed}, ${handed} messages handed over, ${moves} moves of bolts while it was hostile, each of them granted and in time; ${granted} codes opened in all`)
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

/** Keeps the shortest list that still shows it, and fails. */
async function report (seed: number, acts: Act[], outcome: Outcome): Promise<never> {
  const isShown = (await alone(acts)).faults.length > 0
  const shortest = isShown ? await shrink(acts, async (fewer) => (await alone(fewer)).faults.length > 0) : acts
  const path = join(folder, `${seed}.json`)
  writeFileSync(path, JSON.stringify(shortest, null, 2) + '\n')
  throw new Error(`Seed ${seed}${isShown ? '' : ' (not in a world of its own)'}: ${outcome.faults.join('\n')}\nThe ${shortest.length} acts that show it are kept in ${path}.`)
}
