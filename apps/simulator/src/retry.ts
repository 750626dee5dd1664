/** When to dial again: at once is rude, all at the same moment is worse. */
export type Retry = {
  /** Longest first pause; doubles with every failure up to `maxMs`. */
  firstMs?: number
  maxMs?: number
  random?: () => number
}

/**
 * Pauses of a random part of `firstMs`, `2 firstMs`, … `maxMs` (full jitter): after a restart of the
 * server a thousand doors come back spread over half a minute and not in one blow.
 */
export function newRetry (options: Retry = {}): { again: (dial: () => void) => void, worked: () => void, stop: () => void } {
  const { firstMs = 1000, maxMs = 30_000, random = Math.random } = options
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    again (dial) {
      clearTimeout(timer)
      timer = setTimeout(dial, random() * Math.min(maxMs, firstMs * 2 ** failures))
      failures++
    },
    worked () { failures = 0 },
    stop () { clearTimeout(timer) }
  }
}
