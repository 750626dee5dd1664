/** What an operator wants to see of a house: pure, so that it is the same on the page and in its test. */
import type { AccessPoint, AccessPointState, Places } from '@oncekey/protocol/schemas'
import { isOpen } from './plan.ts'

export const stateFilters = ['open', 'offline', 'trouble', 'lockedOut', 'ruled', 'battery'] as const
export type StateFilter = (typeof stateFilters)[number]
/** `bank`: an id, `doors`, or '' for everywhere. */
export type Filters = { state: StateFilter | '', bank: string, text: string }

export function stateFilter (word: string | null): StateFilter | '' {
  return stateFilters.find(each => each === word) ?? ''
}

export function isFiltered ({ state, bank, text }: Filters): boolean {
  return state !== '' || bank !== '' || text.trim() !== ''
}

/** @param now for lockouts that are over */
export function fitsState (state: AccessPointState, filter: StateFilter | '', now: number): boolean {
  switch (filter) {
    case '': return true
    case 'open': return state.online && isOpen(state)
    case 'offline': return !state.online
    case 'trouble': return state.doorState === 'jammed' || state.doorState === 'forcedOpen' || state.doorState === 'ajar' || state.lockState === 'notFullyLocked'
    case 'lockedOut': return state.lockedOutUntil !== null && state.lockedOutUntil > now
    case 'ruled': return state.standing !== null
    case 'battery': return state.battery !== 'ok'
  }
}

/** The banks and doors with what fits; banks in which nothing does are left out. */
export function choose (places: Pick<Places, 'banks' | 'doors'>, { bank, text }: Filters, fits: (point: AccessPoint) => boolean): Pick<Places, 'banks' | 'doors'> {
  const sought = text.trim().toLowerCase()
  const wanted = (point: AccessPoint): boolean => (sought === '' || point.name.toLowerCase().includes(sought) || point.place.toLowerCase().includes(sought)) && fits(point)
  const banks = bank === 'doors' ? [] : places.banks.filter(each => bank === '' || each.id === bank)
  return {
    banks: banks.map(each => ({ ...each, accessPoints: each.accessPoints.filter(wanted) })).filter(each => each.accessPoints.length > 0),
    doors: bank === '' || bank === 'doors' ? places.doors.filter(wanted) : []
  }
}
