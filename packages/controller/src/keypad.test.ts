import assert from 'node:assert/strict'
import { test } from 'node:test'
import { door } from './testing/door.ts'

test('an entry takes twelve digits, hides them, and lets them be cleared', () => {
  const d = door()
  d.type('1234567890123456')
  assert.equal(d.lcd, 'Code: / ************')
  d.type('#')
  assert.equal(d.question().digits, '123456789012')
  d.answer(false)
  d.type('99*')
  assert.equal(d.controller.entry, '')
  d.type('7#')
  assert.equal(d.question().digits, '7')
})

test('# and * without digits mean nothing outside door mode, and the letters never do', () => {
  const d = door()
  const before = d.controller
  const done = d.effects.length
  d.type('#*ABCD')
  assert.deepEqual(d.controller, before)
  assert.equal(d.effects.length, done)
})

test('a half-typed entry is forgotten after 30 s without a key', () => {
  const d = door()
  d.type('12')
  d.wait(29_999)
  d.type('3')
  d.wait(29_999)
  assert.equal(d.controller.entry, '123')
  d.wait(1)
  assert.equal(d.controller.entry, '')
  assert.equal(d.lcd, 'Bank A     14:04 / Enter code')
})

test('no key press before # is saved, and nothing of the entry ever is', () => {
  const d = door()
  const before = { ...d.saved }
  d.type('918273645546')
  assert.deepEqual(d.saved, before)
  d.type('#')
  d.answer(true)
  d.wait(1000)
  assert.equal(JSON.stringify([d.saved, d.effects]).includes('918273645546'), false)
})

test('after 1.5 s only the display changes, after 5 s the question closes and its late answer moves nothing', () => {
  const d = door()
  d.type('4711#')
  const sent = d.effects.filter((effect) => effect.do === 'publish').length
  d.wait(1499)
  assert.equal(d.lcd, 'Checking...')
  d.wait(1)
  assert.equal(d.lcd, 'Still checking')
  d.wait(3499)
  assert.equal(d.lcd, 'Still checking')
  d.wait(1)
  assert.equal(d.lcd, 'No answer / Try again')
  assert.equal(d.effects.filter((effect) => effect.do === 'publish').length, sent)
  d.answer(true)
  assert.equal(d.moves(), 0)
  d.wait(3000)
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
})

test('an answer counts up to the last millisecond before 5 s', () => {
  const d = door()
  d.type('4711#')
  d.wait(4999)
  d.answer(true)
  assert.equal(d.moves(), 1)
})

test('an answer to another question moves nothing, and the same answer counts once', () => {
  const d = door()
  d.type('1#')
  d.answer(true, { id: 'other' })
  d.say('answer', { id: 'other', kind: 'requestCode', status: 'sent', sent: 1, of: 1, waitMs: 0 })
  assert.equal(d.moves(), 0)
  d.answer(true)
  d.answer(true)
  assert.equal(d.moves(), 1)
})

test('keys are not there while a question is open', () => {
  const d = door()
  d.type('1#2345#')
  assert.equal(d.question().digits, '1')
  d.answer(false)
  assert.equal(d.controller.entry, '')
})

test('request ids never repeat, not even over boots', () => {
  const d = door()
  const ids: string[] = []
  for (let boot = 0; boot < 3; boot++) {
    for (let i = 0; i < 2; i++) {
      d.type('1#')
      ids.push(d.question().id)
      d.answer(false, { lockoutMs: 0 })
      d.wait(1)
    }
    d.reboot()
    d.online({ lockoutMs: 0 })
    d.command('clear' + String(boot), 'clearLockout')
  }
  assert.equal(new Set(ids).size, 6)
})

test('off line an entry is refused at once, and does not count', () => {
  const d = door()
  d.disconnect()
  assert.equal(d.lcd, 'Bank A   offline / Try again later')
  const before = { ...d.saved }
  for (let i = 0; i < 10; i++) d.type('000000#')
  assert.equal(d.lcd, 'Bank A   offline / Try again later')
  assert.equal(d.controller.wrong, 0)
  assert.equal(d.tones().pop(), 'refused')
  assert.deepEqual(d.saved, before)
  d.connect()
  d.type('1#')
  assert.equal(d.controller.question, null)
})

test('a question ends with its connection', () => {
  const d = door()
  d.type('1#')
  d.disconnect()
  assert.equal(d.lcd, 'No answer / Try again')
  d.type('1#')
  d.online()
  d.answer(true)
  assert.equal(d.moves(), 0)
})

test('a key takes away what the display said, and the entry shows at once', () => {
  const d = door()
  d.type('1#')
  d.answer(false)
  assert.equal(d.lcd, 'Not accepted / 2 tries left')
  d.type('5')
  assert.equal(d.lcd, 'Code: / *')
})
