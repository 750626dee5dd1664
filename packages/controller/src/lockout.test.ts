import assert from 'node:assert/strict'
import { test } from 'node:test'
import { door, type Door } from './testing/door.ts'

function guess (d: Door, facts: object = {}): void {
  d.type('000000#')
  d.answer(false, facts)
}

test('the third wrong code in a row shuts the keypad for two minutes, with a countdown', () => {
  const d = door()
  guess(d)
  assert.equal(d.lcd, 'Not accepted / 2 tries left')
  guess(d, { triesLeft: 1 })
  assert.equal(d.lcd, 'Not accepted / 1 try left')
  guess(d, { triesLeft: 0, lockoutMs: 120_000 })
  assert.equal(d.lcd, 'Keypad locked / Wait 2:00')
  d.wait(1)
  assert.equal(d.lcd, 'Keypad locked / Wait 2:00')
  d.wait(999)
  assert.equal(d.lcd, 'Keypad locked / Wait 1:59')
  d.type('4711#')
  assert.equal(d.controller.entry, '')
  d.wait(118_999)
  assert.equal(d.lcd, 'Keypad locked / Wait 0:01')
  d.wait(1)
  assert.equal(d.lcd, 'Bank A     14:05 / Enter code')
  assert.equal(d.saved['keypad'], undefined)
})

test('the controller counts by itself: a server that never says lockout gets one all the same', () => {
  const d = door()
  for (let i = 0; i < 3; i++) guess(d, { triesLeft: 9 })
  assert.equal(d.lcd, 'Keypad locked / Wait 2:00')
  assert.equal(d.log().pop(), 'keypad.lockedOut 120000')
})

test('a lockout that the server decided is in the server\'s record already', () => {
  const d = door()
  guess(d, { lockoutMs: 240_000 })
  assert.equal(d.lcd, 'Keypad locked / Wait 4:00')
  assert.deepEqual(d.log(), ['controller.booted powerOn'])
})

test('the smaller count of tries is shown; without any the operator is to be called', () => {
  const d = door()
  d.settings({ version: 2, wrongCodeEntryLimit: 5 })
  guess(d, { triesLeft: 9 })
  assert.equal(d.lcd, 'Not accepted / 4 tries left')
  guess(d, { triesLeft: 0 })
  assert.equal(d.lcd, 'Not accepted / Call operator')
})

test('a wrong code is counted, durably, before anybody sees or hears of it', () => {
  const d = door()
  d.type('1#')
  const done = d.answer(false).map((effect) => effect.do)
  assert.deepEqual(done.filter((what) => what !== 'wake'), ['save', 'tone', 'show'])
})

test('a right code ends the run of wrong ones', () => {
  const d = door()
  guess(d)
  guess(d)
  assert.equal(d.saved['keypad'], '2 0')
  d.type('1#')
  d.answer(true)
  assert.equal(d.saved['keypad'], undefined)
  d.wait(20_000)
  guess(d)
  guess(d)
  assert.equal(d.controller.lockout, null)
})

test('wrong codes in a row survive a reboot', () => {
  const d = door()
  guess(d)
  guess(d)
  d.reboot()
  d.online()
  guess(d)
  assert.equal(d.controller.lockout?.until, d.now + 120_000)
})

test('a lockout survives a reboot, and is never shorter than what was left at the last save', () => {
  const d = door()
  guess(d, { lockoutMs: 120_000 })
  d.wait(29_000)
  assert.equal(d.saved['keypad'], '0 100000')
  d.reboot()
  d.wait(2000)
  assert.equal(d.lcd, 'Keypad locked / Wait 1:38')
  d.type('1')
  assert.equal(d.controller.entry, '')
  d.wait(98_000)
  assert.equal(d.controller.lockout, null)
})

test('what is stored of the keypad and makes no sense counts as nothing', () => {
  for (const keypad of ['', 'x y', '-1 -5', '0', '1.5 0.1']) {
    const d = door({ saved: { keypad }, offline: true })
    assert.deepEqual([d.controller.wrong, d.controller.lockout], [0, null])
  }
})

test('on line the server is the law: its welcome sets a lockout, and ends one that only we knew', () => {
  const d = door()
  d.disconnect()
  d.online({ lockoutMs: 60_000 })
  assert.equal(d.lcd, 'Keypad locked / Wait 1:00')
  d.disconnect()
  assert.equal(d.lcd, 'Keypad locked / Wait 1:00')
  d.online()
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
})

test('an operator clears a lockout', () => {
  const d = door()
  guess(d, { lockoutMs: 120_000 })
  d.command('c1', 'clearLockout')
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
  assert.equal(d.saved['keypad'], undefined)
  assert.deepEqual(d.results().map(({ id, status, measured }) => [id, status, measured]), [['c1', 'succeeded', 'unknown']])
})

test('remote unlock works during a lockout, and the countdown comes back', () => {
  const d = door()
  guess(d, { lockoutMs: 120_000 })
  d.command('c1', 'unlock')
  assert.equal(d.lcd, 'Open: A07 / Close it after')
  d.wait(5000)
  assert.equal(d.isLocked(), false)
  assert.equal(d.lcd, 'Keypad locked / Wait 1:55')
})
