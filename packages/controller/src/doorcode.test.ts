import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEntry } from '@oncekey/protocol/messages'
import { door, type Door } from './testing/door.ts'

/** A door in door mode. */
function front (makes = 0): Door {
  const d = door()
  d.settings({ version: 2, doorMode: { lock: 1, makes } })
  return d
}

function told (d: Door, facts: object, id = d.question().id): void {
  d.say('answer', { id, kind: 'requestCode', sent: 0, of: 0, waitMs: 0, ...facts })
}

test('# asks for a lock code and * for an unlock code, and the display says who has it', () => {
  const d = front()
  d.type('*')
  const { id, ...asked } = d.question()
  assert.deepEqual([asked.kind, 'mode' in asked && asked.mode, asked.lock, asked.digits], ['requestCode', 'unlock', 1, null])
  assert.equal(d.lcd, 'Checking...')
  told(d, { status: 'sent', sent: 2, of: 3 })
  assert.equal(d.lcd, 'Code sent to / 2 of 3')
  assert.equal(d.tones().pop(), 'sent')
  // More of it arrived.
  told(d, { status: 'sent', sent: 3, of: 3 }, id)
  assert.equal(d.lcd, 'Code sent to / 3 of 3')
  d.wait(5000)
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
  d.type('#')
  const second = d.question()
  assert.deepEqual(['mode' in second && second.mode, second.id === id], ['lock', false])
  told(d, { status: 'sent', sent: 9, of: 9 }, id)
  assert.equal(d.lcd, 'Checking...', 'an earlier question is over')
  assert.equal(d.moves(), 0)
})

test('what is the matter is shown and heard', () => {
  const d = front()
  for (const [facts, lcd] of [
    [{ status: 'sent', sent: 0, of: 3 }, 'Nobody reached / Call operator'],
    [{ status: 'alreadySent', sent: 2, of: 3 }, 'Already sent to / 2 of 3'],
    [{ status: 'tooMany', waitMs: 83_000 }, 'Too many codes / Wait 1:23'],
    [{ status: 'nobody' }, 'Nobody reached / Call operator'],
    [{ status: 'refused' }, 'Not approved'],
    [{ status: 'unanswered' }, 'No answer / Try again']
  ] as const) {
    d.type('*')
    told(d, facts)
    assert.equal(d.lcd, lcd)
    assert.equal(d.tones().pop(), 'refused')
  }
})

test('a request that waits for a yes shows so until it is answered, and does not disturb who types', () => {
  const d = front()
  d.type('*')
  told(d, { status: 'waiting', waitMs: 120_000 })
  assert.equal(d.tones().pop(), 'sent')
  d.wait(119_000)
  assert.equal(d.lcd, 'Request sent / Wait for a yes')
  told(d, { status: 'sent', sent: 1, of: 1 })
  assert.equal(d.lcd, 'Code sent to / 1 of 1')
  d.type('12')
  told(d, { status: 'sent', sent: 1, of: 1 })
  assert.equal(d.lcd, 'Code: / **')
})

test('with digits before them the keys mean what they always do, and the code does what it is for', () => {
  const d = front()
  d.type('12*')
  assert.equal(d.controller.question, null)
  d.type('4711#')
  assert.equal(d.question().digits, '4711')
  d.answer(true, { mode: 'unlock' })
  d.wait(1000)
  assert.equal(d.bolt(1).lockState, 'unlocked')
  d.type('4712#')
  d.answer(true, { mode: 'lock' })
  d.wait(1000)
  assert.equal(d.bolt(1).lockState, 'locked')
})

test('off line it says so at once, and asks nothing', () => {
  const d = front()
  d.disconnect()
  const { asked } = d.controller
  d.type('*')
  assert.equal(d.lcd, 'Bank A   offline / Try again later')
  assert.equal(d.tones().pop(), 'refused')
  d.connect()
  d.type('#')
  assert.deepEqual([d.controller.asked, d.controller.question], [asked, null])
})

test('without an answer the question closes, and a late one is still shown: it moves nothing', () => {
  const d = front()
  d.type('*')
  const { id } = d.question()
  d.wait(5000)
  assert.equal(d.lcd, 'No answer / Try again')
  told(d, { status: 'sent', sent: 1, of: 2 }, id)
  assert.equal(d.lcd, 'Code sent to / 1 of 2')
  assert.equal(d.moves(), 0)
})

test('a door that makes its codes itself sends each one sealed, and never the same', () => {
  const seen = new Set<string>()
  const d = front(8)
  for (let i = 0; i < 50; i++) {
    d.type('*')
    const asked = d.question()
    assert.ok(asked.kind === 'requestCode' && asked.entry !== undefined)
    const digits = openEntry(d.controller.link?.owner.keys.encUp ?? new Uint8Array(), asked.s, asked.n, asked.entry)
    assert.match(digits ?? '', /^\d{8}$/)
    seen.add(digits ?? '')
    told(d, { status: 'sent', sent: 1, of: 1 })
    d.wait(5000)
  }
  assert.equal(seen.size, 50)
  assert.ok(![...seen].some((digits) => JSON.stringify([d.saved, d.effects, d.rows]).includes(digits)))
})
