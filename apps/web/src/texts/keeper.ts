/**
 * Keeps what was made for a key. For formatters of Intl: making one takes a hundred times as long as using it, and a list of events asks for
 * each of its rows. The keys are few: languages, zones, styles.
 */
export function keeper<Made> (): (key: string, make: () => Made) => Made {
  const kept = new Map<string, Made>()
  return (key, make) => {
    const made = kept.get(key) ?? make()
    kept.set(key, made)
    return made
  }
}
