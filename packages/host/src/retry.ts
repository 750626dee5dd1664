/**
 * How long to wait before dialling again: a random part of `firstMs`, twice it, four times it … up to `maxMs` (full
 * jitter). At once is rude, and all at the same moment is worse: after a restart of the server a thousand doors come
 * back spread over half a minute and not in one blow.
 * @param failures in a row so far
 * @param chance 0 up to 1, fresh
 */
export function retryPauseMs (failures: number, chance: number, firstMs = 1000, maxMs = 30_000): number {
  return chance * Math.min(maxMs, firstMs * 2 ** failures)
}
