/** Live events inside this process. A slow or broken listener never holds up another one. */
export type Feed<Event> = {
  /** @param people whose pages may see it besides operators: ids; [] = operators only */
  publish: (event: Event, people?: readonly string[]) => void
  subscribe: (listener: (event: Event, people: readonly string[]) => void) => () => void
  /** False while nobody listens: what costs queries to tell need not be found out then. */
  readonly isHeard: boolean
}

export function createFeed<Event> (onError: (error: unknown) => void): Feed<Event> {
  const listeners = new Set<(event: Event, people: readonly string[]) => void>()
  return {
    publish (event, people = []) {
      for (const listener of listeners) {
        try {
          listener(event, people)
        } catch (error) {
          onError(error)
        }
      }
    },
    subscribe (listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
    get isHeard () { return listeners.size > 0 }
  }
}
