/** The groups of some controllers by name, with how many are in each. */
export function groupsOf (controllers: readonly { group: string | null }[]): { group: string, count: number }[] {
  const named = controllers.flatMap(({ group }) => group ?? []).toSorted(new Intl.Collator(undefined, { numeric: true }).compare)
  return [...new Set(named)].map(group => ({ group, count: named.filter(each => each === group).length }))
}

/** The same names with one of them a place earlier. */
export function earlier (order: readonly string[], name: string): string[] {
  const at = order.indexOf(name)
  return at < 1 ? [...order] : [...order.slice(0, at - 1), name, order[at - 1] ?? '', ...order.slice(at + 1)]
}
