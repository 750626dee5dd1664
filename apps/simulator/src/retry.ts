import { retryPauseMs } from '@oncekey/host'

/** When to dial again: at once is rude, all at the same moment is worse. */
export type Retry = {
  /** Longest first pause; doubles with every failure up to `maxMs`. */
  firstMs?: number
  maxMs?: number
  random?: () => number
}

/** Dials again after pauses that grow and vary (`retryPauseMs`). */
export function newRetry (options: Retry = {}): { again: (dial: () => void) => void, worked: () => void, stop: () => void } {
  const { firstMs = 1000, maxMs = 30_000, random = Math.random } = options
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    again (dial) {
      clearTimeout(timer)
      timer = setTimeout(dial, retryPauseMs(failures, random(), firstMs, maxMs))
      failures++
    },
    worked () { failures = 0 },
    stop () { clearTimeout(timer) }
  }
}
