import type { MyAccess } from '@oncekey/protocol/schemas'

type Entry = MyAccess['access'][number]

/** Those whose name or place contains the text, whatever its case. */
export function find (entries: readonly Entry[], text: string): Entry[] {
  const wanted = text.trim().toLocaleLowerCase()
  return entries.filter(({ accessPoint }) => `${accessPoint.place} ${accessPoint.name}`.toLocaleLowerCase().includes(wanted))
}

/** By place, in the order in which places first appear; within a place A2 comes before A10. */
export function byPlace (entries: readonly Entry[], language: string): { place: string, entries: Entry[] }[] {
  const { compare } = new Intl.Collator(language, { numeric: true })
  const places = Map.groupBy(entries, entry => entry.accessPoint.place)
  return [...places].map(([place, own]) => ({ place, entries: own.sort((a, b) => compare(a.accessPoint.name, b.accessPoint.name)) }))
}
