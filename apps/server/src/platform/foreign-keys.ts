/**
 * Tables in an order in which each comes after those that it refers to, so that rows can be put in without a moment in
 * which they refer to nothing.
 * @throws Error for tables that refer to each other in a circle
 */
export function parentsFirst (tables: readonly string[], references: readonly { table: string, to: string }[]): string[] {
  const ordered: string[] = []
  const waiting = new Set(tables)
  while (waiting.size > 0) {
    const free = [...waiting].filter((table) => !references.some((one) => one.table === table && one.to !== table && waiting.has(one.to)))
    if (free.length === 0) throw new Error(`These tables refer to each other in a circle: ${[...waiting].join(', ')}.`)
    for (const table of free) {
      ordered.push(table)
      waiting.delete(table)
    }
  }
  return ordered
}
