import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The simulator is no part of a server that runs: its place in a clone, and nowhere else. */
const beside = join(import.meta.dirname, '../../../simulator/src/cli.ts')

/**
 * `oncekey simulate`: doors without hardware, one or thousands, against this server or another; `--help` says more.
 * @returns what the simulator returns: 0 done, 1 failed, 2 wrong words; 1 where there is no simulator
 */
export async function simulate (words: readonly string[], place: string = beside): Promise<number> {
  if (!existsSync(place)) {
    console.error('Simulated doors are not in this installation, which runs a server only. In a clone of the project: npm run simulate -- --server https://…')
    return 1
  }
  const { main } = await import(place) as { main: (words: readonly string[]) => Promise<number> }
  return main(words)
}
