import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeIn, stepsOf } from './progress.ts'

const line = (...of: Parameters<typeof stepsOf>): string => stepsOf(...of).map(({ name, state }) => `${name} ${state}`).join(', ')

test('the way goes on with what the server says, and ends where it ends', () => {
  assert.equal(line(null, false), 'asked toCome, accepted toCome, delivered toCome, verified toCome')
  assert.equal(line({ status: 'pending', delivery: 'waiting' }, false), 'asked done, accepted now, delivered toCome, verified toCome')
  assert.equal(line({ status: 'pending', delivery: 'sent' }, false), 'asked done, accepted done, delivered now, verified toCome')
  assert.equal(line({ status: 'pending', delivery: 'delivered' }, false), 'asked done, accepted done, delivered done, verified now')
  assert.equal(line({ status: 'approved', delivery: 'sent' }, false), 'asked done, accepted done, delivered done, verified done')
  assert.equal(line({ status: 'blocked', delivery: 'delivered' }, false), 'asked done, accepted done, delivered done, blocked over')
  assert.equal(line({ status: 'pending', delivery: 'delivered' }, true), 'asked done, accepted done, delivered done, expired over')
  assert.equal(line({ status: 'expired', delivery: 'withheld' }, false), 'asked done, accepted toCome, delivered toCome, expired over')
  assert.equal(line({ status: 'pending', delivery: 'failed' }, false), 'asked done, failed over, delivered toCome, verified toCome')
})

test('the code of a message is the digits that stand together, not a number of minutes or a name with digits', () => {
  assert.equal(codeIn('Your code for Gym 24 is 012345\nIt works once, within 10 minutes.'), '012345')
  assert.equal(codeIn('@127.0.0.1 #654321'), '654321')
  assert.equal(codeIn('Your code is: 1, 2, 3, 4, 5, 6.'), null)
})
