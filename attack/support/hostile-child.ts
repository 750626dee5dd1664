/**
 * Runs of the hostile broker in a process of their own: node hostile-child.ts <first seed> <runs>. Prints one line of
 * JSON: what moved, and the first seed that showed something. (Outside the test runner, whose hooks on every turn cost half the time.)
 */
import './memory-folder.ts'
import { Theatre } from './hostile-run.ts'
import { scenarioOf } from './scenario.ts'

export type Played = { runs: number, moves: number, granted: number, handed: number, failed: { seed: number, faults: string[] } | null }

/** Runs in one world, before it has grown too large to be quick. */
const RUNS_A_WORLD = 250

const [first = 0, runs = 0] = process.argv.slice(2).map(Number)
const played: Played = { runs: 0, moves: 0, granted: 0, handed: 0, failed: null }
while (played.runs < runs && played.failed === null) {
  const theatre = await Theatre.open()
  for (let i = 0; i < RUNS_A_WORLD && played.runs < runs && played.failed === null; i++, played.runs++) {
    const seed = first + played.runs
    const { moves, faults } = await theatre.play(scenarioOf(seed))
    played.moves += moves
    if (faults.length > 0) played.failed = { seed, faults }
  }
  played.granted += await theatre.granted()
  played.handed += theatre.handed
  await theatre.close()
}
process.stdout.write(JSON.stringify(played) + '\n')
