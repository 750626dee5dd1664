import { perHouse } from '../platform/per-house.ts'

/** Rings when something was put into the outbox of webhooks, so that it leaves at once. */
export const webhookBellOf = perHouse(() => {
  const listeners = new Set<() => void>()
  return {
    ring (): void { for (const listener of listeners) listener() },
    onRing (listener: () => void): () => void {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    }
  }
})
