/**
 * What a feature keeps in memory for one house: sessions with controllers, a waiting list, budgets. Made at first use
 * and gone with the house, so that two houses in one process (tests, a restart) share nothing.
 */
export function perHouse<House extends object, Kept> (make: (house: House) => Kept): (house: House) => Kept {
  const kept = new WeakMap<House, Kept>()
  return (house) => {
    const known = kept.get(house)
    if (known !== undefined) return known
    const fresh = make(house)
    kept.set(house, fresh)
    return fresh
  }
}
