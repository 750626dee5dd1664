import assert from 'node:assert/strict'
import { test } from 'node:test'
import { languageFrom } from './language.ts'

test('the language of ours that somebody likes best; English when there is none', () => {
  const said: Record<string, string> = {
    'de': 'de', 'de-AT,de;q=0.9,en;q=0.8': 'de', 'en-GB,en;q=0.9,de;q=0.8': 'en', 'it-CH, it;q=0.9, de;q=0.7, en;q=0.8': 'en', 'it, de;q=0.2': 'de', 'fr-CH, fr;q=0.9, de;q=0.7': 'fr', 'ar-EG,en;q=0.9': 'ar', 'hi': 'hi', 'es-419,es;q=0.9': 'es',
    'de;q=0, en': 'en', 'de;q=0': 'en', 'DE-de': 'de', '': 'en', '*': 'en', 'den': 'en', 'de;q=x, en;q=0.1': 'en', [','.repeat(5000) + 'de']: 'en'
  }
  for (const [header, language] of Object.entries(said)) assert.equal(languageFrom(header), language, header.slice(0, 80))
  assert.equal(languageFrom(undefined), 'en')
})
