import { perHouse } from '../platform/per-house.ts'

/** Rings when something was put into the outbox, so that a mail leaves at once and not at the loop's next look. */
export const bellOf = perHouse(() => {
  const listeners = new Set<() => void>()
  return {
    ring (): void { for (const listener of listeners) listener() },
    onRing (listener: () => void): () => void {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    }
  }
})
