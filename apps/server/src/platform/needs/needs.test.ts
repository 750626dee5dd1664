import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inAll } from './all.ts'
import { en, type Needs } from './en.ts'

/** Of Hindi's script, and of Arabic's. */
const letters = /[\u0900-\u097f\u0620-\u064a]/

test('every sentence below a field is said in each language, with the figures and words that it is about', () => {
  const keys = Object.keys(en) as (keyof Needs)[]
  assert.ok(keys.length > 50)
  for (const key of keys) {
    const said = inAll((needs) => {
      const words: unknown = needs[key]
      // Of what they are about some take one, some two; lists are lists of text.
      return typeof words === 'function' ? String(words(key === 'mailOf' || key === 'oneOf' ? ['seven', 'nine'] : 7, 9)) : String(words)
    })
    const { en: english, ...others } = said
    assert.equal(new Set(Object.values(said)).size, 6, `${key}: ${JSON.stringify(said)}`)
    for (const [language, text] of Object.entries(others)) {
      for (const [sign] of english.matchAll(/\{\w+\}|\b(?:7|seven|nine|ONCEKEY_\w+|https?:\/\/[\w./]*\w|A01-A12)(?!\w)/g)) assert.ok(text.includes(sign), `${key} in ${language} says nothing of ${sign}: ${text}`)
      assert.equal(letters.test(text), language === 'hi' || language === 'ar', `${key} in ${language}: ${text}`)
    }
  }
})
