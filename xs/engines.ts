// The two engines that a program is played on, and what the second one counts.
import { join } from 'node:path'
import { script } from './bundle.ts'
import { player, writeScript, type Played, type Script } from './replay.ts'
import { openXs } from './worker.ts'

/** What was said on Node, and on XS, with the computrons of each step there. */
export type OnBoth = { here: string, there: Played }

export type Engines = {
  play: (script: Script) => Promise<OnBoth>
  /** Slots in use on XS, without garbage. */
  slots: () => Promise<number>
  /** Slots that the program's state took on XS: it is gone after this. */
  slotsOfState: () => Promise<number>
  close: () => Promise<void>
}

export async function openEngines (): Promise<Engines> {
  const xs = await openXs()
  // Minified: what is compared is what a device runs.
  await xs.run(await script(join(import.meta.dirname, 'on-xs.ts')))
  const node = player(() => 0)
  const slots = async (): Promise<number> => (await xs.call('collect')).slots
  return {
    slots,
    async play (script) {
      const text = writeScript(script)
      const there = xs.call(text)
      return { here: node.play(text).said, there: JSON.parse((await there).reply) as Played }
    },
    async slotsOfState () {
      return await slots() - (await xs.call('forget')).slots
    },
    close: () => xs.close()
  }
}
