import assert from 'node:assert/strict'
import { test } from 'node:test'
import { earlier, groupsOf } from './groups.ts'

test('each group once, by name, with how many are in it', () => {
  assert.deepEqual(groupsOf([{ group: 'Floor 10' }, { group: null }, { group: 'Floor 2' }, { group: 'Floor 10' }]), [{ group: 'Floor 2', count: 1 }, { group: 'Floor 10', count: 2 }])
  assert.deepEqual(groupsOf([{ group: null }]), [])
})

test('one goes a place earlier, the first stays', () => {
  assert.deepEqual(earlier(['a', 'b', 'c'], 'c'), ['a', 'c', 'b'])
  assert.deepEqual(earlier(['a', 'b', 'c'], 'a'), ['a', 'b', 'c'])
  assert.deepEqual(earlier(['a', 'b', 'c'], 'x'), ['a', 'b', 'c'])
})
