import { perHouse } from '../platform/per-house.ts'

/** Keys that were looked up a moment ago, by the hash of their secret; `until`: when this secret ends by itself. Another process's revocation is seen within `KNOWN_MS`. */
export const knownKeysOf = perHouse(() => new Map<string, { id: string, name: string, siteId: string, scopes: readonly string[], lookedUpAt: number, until: number }>())
export const KNOWN_MS = 1_000
/** Beyond it all are forgotten: nobody has so many keys in a second. */
export const MOST_KNOWN = 1_000
