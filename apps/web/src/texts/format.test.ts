import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseLanguage, format } from './format.ts'

const english = { hello: 'Hello {name}', 'left_one': '{count} second left', 'left_other': '{count} seconds left' }

test('names are filled in, numbers in the language\'s way, and what is not given stays visible', () => {
  assert.equal(format(english, 'en', 'hello', { name: 'Ana' }), 'Hello Ana')
  assert.equal(format(english, 'en', 'hello'), 'Hello {name}')
  assert.equal(format({ n: '{count}' }, 'de', 'n', { count: 12345 }), '12.345')
})

test('a text that was filled in is not filled in again', () => {
  assert.equal(format(english, 'en', 'hello', { name: '{count}', count: 3 }), 'Hello {count}')
})

test('the count chooses the plural', () => {
  assert.equal(format(english, 'en', 'left', { count: 1 }), '1 second left')
  assert.equal(format(english, 'en', 'left', { count: 0 }), '0 seconds left')
})

test('a key without a text shows itself', () => {
  assert.equal(format(english, 'en', 'nothing.here'), 'nothing.here')
})

test('the first wished language that we have is taken, with or without its region', () => {
  assert.equal(chooseLanguage(['pt-BR', 'de-AT', 'en'], ['en', 'de'], 'en'), 'de')
  assert.equal(chooseLanguage(['den'], ['en', 'de'], 'en'), 'en')
})

test('in Arabic what is filled in is isolated: a phone number keeps its order', () => {
  assert.equal(format({ to: 'إلى {to}' }, 'ar', 'to', { to: '+49 151 23' }), 'إلى \u2068+49 151 23\u2069')
})
