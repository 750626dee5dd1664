type Bell = {
  ring: () => void
  /** Returns what takes the listener away. */
  onRing: (listener: () => void) => () => void
}

/** Tells loops of this process that there is something to do, before they look again by themselves. */
export function createBell (): Bell {
  const listeners = new Set<() => void>()
  return {
    ring () { for (const listener of listeners) listener() },
    onRing (listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    }
  }
}
