import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFound, isSame, typedOf, valueOf } from './values.ts'

test('a setting is found by each word of its name, its help or its variable, whatever the case and the marks', () => {
  const texts = ['Länder, die Nachrichten bekommen', 'Telefonnummern anderer Länder', 'guard.countries']
  for (const query of ['', 'länder', 'LANDER', 'nachrichten tele', ' countries ']) assert.ok(isFound(query, texts), query)
  for (const query of ['backup', 'länder backup']) assert.ok(!isFound(query, texts), query)
})

test('what is typed becomes a value, and a value what is typed', () => {
  const number = { kind: 'number', key: 'guard.capSms', canBeNone: true } as const
  assert.deepEqual([valueOf(number, ' 40 '), valueOf(number, ''), valueOf(number, '1.5'), valueOf(number, '-1'), valueOf({ ...number, canBeNone: false }, '')], [40, null, undefined, undefined, undefined])
  assert.deepEqual(valueOf({ kind: 'list', key: 'guard.countries', canBeNone: false }, 'de, fr  FR;pt'), ['DE', 'FR', 'PT'])
  assert.deepEqual(valueOf({ kind: 'list', key: 'registration.domains', canBeNone: false }, ''), [])
  assert.equal(valueOf({ kind: 'text', key: 'guard.currency', canBeNone: false }, 'chf'), 'CHF')
  for (const value of [true, 7, null, ['a', 'b'], 'x']) assert.equal(typeof typedOf(value), 'string')
  assert.ok(isSame(['a'], ['a']) && !isSame(['a', 'b'], ['b', 'a']) && !isSame(null, ''))
})
