import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
// The flag gives each new context a function; this one was there before it.
const collect = runInNewContext('gc') as () => void

/** Bytes of this process's heap after what can be collected was collected. */
export function heapInUse (): number {
  collect()
  return process.memoryUsage().heapUsed
}
