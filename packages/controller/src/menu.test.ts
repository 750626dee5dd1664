import assert from 'node:assert/strict'
import { test } from 'node:test'
import { door } from './testing/door.ts'

test('D on an empty entry shows how the box stands, page by page, and then the display is itself again', () => {
  const d = door()
  d.settings({ version: 2, menu: true })
  d.health({ rssi: -61, network: 'Gym', address: '192.168.1.23' })
  const pages: string[] = []
  for (let i = 0; i < 7; i++) {
    d.type('D')
    pages.push(d.lcd)
  }
  assert.deepEqual(pages, [
    'Wi-Fi -61 dBm / Gym', 'IP address / 192.168.1.23', 'Server        ok / Broker        ok', 'Clock: synced / +- 1 ms', 'Last error / -',
    'Oncekey 1.0 / bench', 'Bank A     14:03 / Enter code'
  ])
})

test('it goes by itself, and with the first digit', () => {
  const d = door()
  d.settings({ version: 2, menu: true })
  d.type('D')
  d.wait(14_999)
  assert.equal(d.lcd, 'Wi-Fi / -')
  d.wait(1)
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
  d.type('DD')
  assert.equal(d.lcd, 'IP address / -')
  d.type('4')
  assert.equal(d.lcd, 'Code: / *')
  d.type('D')
  assert.equal(d.lcd, 'Code: / *')
  d.type('*')
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
})

test('other letters mean nothing, and D only where the settings say so', () => {
  const d = door()
  d.type('D')
  d.settings({ version: 2, menu: true })
  d.type('ABC')
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
  assert.equal(d.effects.filter((effect) => effect.do === 'tone' && effect.tone === 'key').length, 0)
})

test('before there is a server it says why: no link, no clock, what failed last', () => {
  const d = door({ offline: true, identity: null })
  d.health({ error: 'no DHCP answer' })
  d.type('DDD')
  assert.equal(d.lcd, 'Server        -- / Broker        --')
  d.type('D')
  assert.equal(d.lcd, 'Clock: none / +- 0 ms')
  d.type('D')
  assert.equal(d.lcd, 'Last error / no DHCP answer')
})

test('what went wrong last is the name of its record', () => {
  const d = door({ boltMs: null })
  d.settings({ version: 2, menu: true })
  d.command('c1', 'unlock')
  d.wait(6700)
  d.type('DDDDD')
  assert.equal(d.lcd, 'Last error / lock.jammed')
})

test('no page shows a digit that was typed', () => {
  const d = door()
  d.settings({ version: 2, menu: true })
  d.type('987654')
  d.disconnect()
  d.type('*')
  for (let i = 0; i < 7; i++) {
    d.type('D')
    assert.ok(!d.rows.join().includes('98765'))
  }
})
