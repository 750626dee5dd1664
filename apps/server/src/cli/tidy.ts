import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** After the first rush: pages that waited for the start have been served. */
const REST_MS = 2_000

/**
 * Once, a while after the start: throws away what only the start needed, the garbage of loading and the code of what ran once,
 * a seventh of what an idle server holds. Left to itself, V8 keeps it until memory is short. Everything rests for some 60 ms meanwhile.
 */
export function tidyLater (): void {
  setTimeout(() => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as NodeJS.GCFunction
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }, REST_MS).unref()
}
