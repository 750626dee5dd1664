/** The time zone of this device: a good guess for the site's. */
export function guessedZone (): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

/** All time zones that the browser knows, and the given one, to choose from. */
export function zones (also: string): { value: string, text: string }[] {
  const known = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', also])
  return [...known].sort().map(value => ({ value, text: value.replaceAll('_', ' ') }))
}
