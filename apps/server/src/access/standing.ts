/** The check that an order which stands fails for whoever types something that is nobody's in particular: a door's code, a pin. @param standing the column of the access point */
export function checkOfStanding (standing: unknown): 'held' | 'lockdown' | null {
  return standing === 'held' ? 'held' : standing === 'lockedDown' ? 'lockdown' : null
}

/** What an order that stands makes of an access point, by the column of its row. */
export function standingFacts (standing: unknown): { isHeld: boolean, isLockedDown: boolean } {
  return { isHeld: standing === 'held', isLockedDown: standing === 'lockedDown' }
}
