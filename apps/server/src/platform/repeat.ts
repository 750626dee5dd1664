import type { Log } from './log.ts'

export type Loop = { stop: () => Promise<void> }

/** Does something again and again, `ms` after it was done; a failure is logged and the next turn comes. `stop` waits for the present turn. */
export function repeat (ms: number, work: () => Promise<void>, log: Log): Loop {
  let timer: NodeJS.Timeout | undefined
  let turn: Promise<void> = Promise.resolve()
  let isStopped = false

  function wait (): void {
    timer = setTimeout(() => {
      turn = work().catch((error: unknown) => { log.error('something that is done again and again failed', { error }) }).then(() => { if (!isStopped) wait() })
    }, ms)
    timer.unref()
  }
  wait()
  return {
    async stop () {
      isStopped = true
      clearTimeout(timer)
      await turn
    }
  }
}
