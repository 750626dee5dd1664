import assert from 'node:assert/strict'
import { test } from 'node:test'
import { halfWay, startOf } from './provider.ts'

test('what the server wrote behind the # is a sign-in that waits; anything else is nothing', () => {
  const expiresAt = 1_800_000_000_000
  assert.deepEqual(halfWay(`#second=abc&ways=totp+recoveryCode&until=${expiresAt}`), { state: 'secondFactor', ticket: 'abc', ways: ['totp', 'recoveryCode'], expiresAt })
  for (const hash of ['', '#', '#main', '#second=abc', '#second=abc&ways=&until=1', '#second=abc&ways=magic&until=1', '#second=abc&ways=totp&until=soon', '#ways=totp&until=1']) assert.equal(halfWay(hash), null, hash)
})

test('the way there knows the way back', () => {
  assert.equal(startOf({ start: 'https://keys.example.org/start' }, '/people?q=a&b'), 'https://keys.example.org/start?next=%2Fpeople%3Fq%3Da%26b')
})
