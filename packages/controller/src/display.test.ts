import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogues, textsOf } from './texts.ts'
import { door } from './testing/door.ts'

test('every text of every language is ASCII and fits with what follows it', () => {
  /** Texts that a name, a number or a time follows or goes before: room for that. */
  const room: Record<string, number> = { open: 3, locked: 3, theDoor: 3, wait: 5, triesLeft: 1, clock: 9, server: 3, of: 4 }
  for (const { language, texts } of catalogues) {
    for (const [name, text] of Object.entries(texts)) {
      const limit = name === 'offline' ? 7 : 16 - (room[name] ?? 0)
      assert.ok(text.length >= 1 && text.length <= limit, language + ' ' + name + ': "' + text + '"')
      for (const char of text) assert.ok(char >= ' ' && char <= '}', language + ' ' + name + ': ' + char)
    }
  }
})

test('a language goes by its first two letters; one that is not here is English', () => {
  assert.deepEqual(['en', 'de', 'de-AT', 'es', 'fr-CA', 'hi', ''].map((one) => textsOf(one).tryAgain), [
    'Try again', 'Noch einmal', 'Noch einmal', 'Otra vez', 'Reessayez', 'Try again', 'Try again'
  ])
})

test('rows are always sixteen characters, and are shown only when they change', () => {
  const d = door()
  d.settings({ version: 2, name: 'The very long name of a bank', locks: [{ lock: 1, label: 'Compartment 0001', kind: 'compartment' }] })
  assert.equal(d.rows[0], 'The very l 14:03')
  d.command('c', 'unlock')
  assert.equal(d.rows[0], 'Open: Compartmen')
  d.wait(20_000)
  const shown = d.effects.flatMap((effect) => effect.do === 'show' ? [effect.rows] : [])
  for (const row of shown.flat()) assert.equal(row.length, 16)
  for (let i = 1; i < shown.length; i++) assert.notDeepEqual(shown[i], shown[i - 1])
})

test('the time of day follows the minute, over midnight and west of Greenwich', () => {
  const d = door()
  d.wait(57_000)
  assert.equal(d.lcd, 'Bank A     14:04 / Enter code')
  d.settings({ version: 2, utcOffsetMinutes: 600 })
  assert.equal(d.lcd, 'Bank A     00:04 / Enter code')
  d.settings({ version: 3, utcOffsetMinutes: -870 })
  assert.equal(d.lcd, 'Bank A     23:34 / Enter code')
})
