import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessPoint } from '@oncekey/protocol/schemas'
import { choose, fitsState, isFiltered, stateFilter, stateFilters } from './filters.ts'
import { unheardOf } from './plan.ts'

const point = (name: string, bankId: string | null, place: string): AccessPoint => ({ id: name, kind: bankId === null ? 'door' : 'compartment', name, bankId, place, controllerId: null, lock: 1, recipients: [] })
const places = {
  banks: [{ id: 'a', name: 'Bank A', accessPoints: [point('A01', 'a', 'Bank A'), point('A02', 'a', 'Bank A')] }, { id: 'b', name: 'Bank B', accessPoints: [point('B01', 'b', 'Bank B')] }],
  doors: [point('Front door', null, 'Gym')]
}
const names = (filters: Partial<Parameters<typeof choose>[1]>, fits: (point: AccessPoint) => boolean = () => true): string[] => {
  const { banks, doors } = choose(places, { state: '', bank: '', text: '', ...filters }, fits)
  return [...banks.flatMap(bank => bank.accessPoints), ...doors].map(each => each.name)
}

test('by bank, by doors, by a part of the name or place in either case; a bank in which nothing fits is left out', () => {
  assert.deepEqual(names({}), ['A01', 'A02', 'B01', 'Front door'])
  assert.deepEqual(names({ bank: 'a' }), ['A01', 'A02'])
  assert.deepEqual(names({ bank: 'doors' }), ['Front door'])
  assert.deepEqual(names({ text: ' bank b' }), ['B01'])
  assert.deepEqual(names({ text: 'FRONT' }), ['Front door'])
  assert.deepEqual(names({}, each => each.name === 'A02'), ['A02'])
  assert.deepEqual(choose(places, { state: '', bank: '', text: 'A01' }, () => true).banks.map(bank => bank.id), ['a'])
})

test('each state is its own filter, and a calm point fits none of them', () => {
  const calm = { ...unheardOf('a'), online: true, lockState: 'locked' as const, doorState: 'closed' as const }
  const fitting = (change: Partial<typeof calm> | object): string[] => stateFilters.filter(each => fitsState({ ...calm, ...change }, each, 100))
  assert.deepEqual(fitting({}), [])
  assert.deepEqual(fitting({ doorState: 'open' }), ['open'])
  assert.deepEqual(fitting({ online: false, doorState: 'open' }), ['offline'])
  assert.deepEqual(fitting({ doorState: 'ajar' }), ['open', 'trouble'])
  assert.deepEqual(fitting({ lockedOutUntil: 101 }), ['lockedOut'])
  assert.deepEqual(fitting({ lockedOutUntil: 100 }), [])
  assert.deepEqual(fitting({ standing: 'held' }), ['ruled'])
  assert.deepEqual(fitting({ battery: 'low' }), ['battery'])
  assert.ok(fitsState(calm, '', 0))
})

test('an address with another word filters nothing', () => {
  assert.deepEqual([stateFilter('open'), stateFilter('constructor'), stateFilter(null)], ['open', '', ''])
  assert.deepEqual([isFiltered({ state: '', bank: '', text: ' ' }), isFiltered({ state: 'open', bank: '', text: '' })], [false, true])
})
