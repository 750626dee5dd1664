import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHello } from '@oncekey/protocol/messages'
import { door } from './testing/door.ts'

test('before any settings there are sensible ones', () => {
  const d = door({ offline: true })
  d.online()
  d.wait(2000)
  assert.equal(d.lcd, 'Oncekey    14:03 / Enter code')
  d.command('c', 'unlock')
  assert.equal(d.lcd, 'Open: Door 1 / Close it after')
})

test('settings are taken with a rising version only, and survive a boot', () => {
  const d = door()
  d.settings({ version: 3, name: 'Pool' })
  assert.equal(d.lcd, 'Pool       14:03 / Enter code')
  d.settings({ version: 3, name: 'Same' })
  d.settings({ version: 2, name: 'Older' })
  d.deliver(d.sealed('settings', { version: 9 }))
  d.reboot()
  d.online()
  d.wait(3000)
  assert.equal(d.lcd, 'Pool       14:03 / Enter code')
  assert.equal(d.heardLast('hello', parseHello)?.settingsVersion, 3)
})

test('settings come without a connection that we know of, because the broker keeps them', () => {
  const d = door({ offline: true })
  d.settings()
  d.wait(2000)
  assert.equal(d.lcd, 'Bank A   offline / Try again later')
})

test('settings set the language, the clock on the wall, the relock and the lockout', () => {
  const d = door()
  d.settings({ version: 2, language: 'de-AT', utcOffsetMinutes: 90, autoRelockMs: 3000, wrongCodeEntryLimit: 1, lockoutMs: 30_000 })
  assert.equal(d.lcd, 'Bank A     15:33 / Code eingeben')
  d.command('c', 'unlock')
  d.wait(3600)
  assert.equal(d.isLocked(), true)
  d.type('1#')
  d.answer(false)
  assert.equal(d.lcd, 'Tasten gesperrt / Warten 0:30')
})
