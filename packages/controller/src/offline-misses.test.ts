import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Door } from './testing/door.ts'
import { code, cutOff, DAYS7, HOUR, HOURS4, opens } from './testing/offline.ts'

function restMinutes ({ controller: { lockout }, now }: Door): number[] {
  return lockout === null ? [] : [(lockout.until - now) / 60_000]
}

test('the third wrong one lets the keypad rest for 2, 4, 8 … 60 minutes; after 84 for a day', () => {
  const d = cutOff()
  const waits: number[] = []
  let compared = 0
  const start = d.now
  while (d.now - start < 24 * HOUR) {
    if (d.controller.lockout === null) {
      d.type('123456789#')
      compared++
      waits.push(...restMinutes(d))
    }
    d.wait(d.controller.lockout === null ? 3000 : d.controller.lockout.until - d.now)
  }
  assert.deepEqual(waits.slice(0, 7), [2, 4, 8, 16, 32, 60, 60])
  assert.equal(waits.at(-1), 24 * 60)
  assert.equal(compared, 84)
  assert.equal(d.log().filter((line) => line.startsWith('keypad.lockedOut')).length, 28)
})

test('neither a right code nor a new session nor a power cut gives guesses back; a day without a wrong one does', () => {
  const d = cutOff({}, 'persisted')
  const guess = (): string => { d.type('123456789#'); return d.lcd }
  assert.equal(guess(), 'Not accepted / 2 tries left')
  assert.equal(opens(d, code(HOURS4)), true)
  assert.equal(guess(), 'Not accepted / 1 try left')
  d.online()
  d.type('4711#')
  d.answer(true)
  d.wait(61_000)
  d.reboot()
  d.wait(5000)
  assert.equal(guess(), 'Keypad locked / Wait 2:00')
  d.online()
  d.wait(1000)
  d.disconnect()
  assert.equal(d.lcd, 'Bank A   offline / Enter code')
  // On line the keypad was free; off line it rests on.
  assert.equal(guess(), 'Keypad locked / Wait 1:59')
  assert.equal(d.controller.offline.misses, 3)
  d.wait(70_000)
  d.reboot()
  d.wait(5000)
  assert.match(guess(), /Keypad locked .+ Wait 0:4\d/)
  d.wait(60_000)
  assert.equal(opens(d, code(HOURS4)), true)
  d.wait(24 * HOUR)
  assert.equal(guess(), 'Not accepted / 2 tries left')
})

test('a thief with the cable, the plug and a stay of his own has 84 guesses in a day of power, whatever he does between them', (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  t.diagnostic(`seed ${seed}`)
  let a = seed
  const roll = (sides: number): number => {
    a = Math.imul(a ^ a >>> 15, a | 1) + 0x6d2b79f5 | 0
    return (a >>> 8) % sides
  }
  const d = cutOff({}, 'persisted')
  let compared = 0
  let own = 0
  let hours = 0
  while (hours < 24) {
    const from = d.now
    switch (roll(8)) {
      case 0: d.online(); d.disconnect(); break
      case 1: if (opens(d, code(DAYS7))) own++; break
      case 2: d.wait(roll(120_000)); break
      case 3: d.wait(roll(4_000_000)); break
      default: {
        const { misses } = d.controller.offline
        d.type('123456789#')
        if (d.controller.offline.misses !== misses) compared++
      }
    }
    hours += Math.max(0, d.now - from) / HOUR
    if (roll(20) === 0) {
      d.reboot()
      d.wait(5000)
      hours += d.now / HOUR
    }
  }
  t.diagnostic(`${compared} guesses compared, ${own} openings of his own`)
  assert.ok(compared > 20 && compared <= 84 && own > 0, `${compared} ${own}`)
})

test('an operator ends the rest, not the level; after 84 both', () => {
  const d = cutOff()
  const clear = (id: string): void => { d.online(); d.command(id, 'clearLockout'); d.disconnect() }
  clear('c0')
  assert.equal(d.saved['misses'], undefined)
  for (let i = 0; i < 3; i++) d.type('123456789#')
  clear('c1')
  for (let i = 0; i < 3; i++) d.type('123456789#')
  assert.equal(d.lcd, 'Keypad locked / Wait 4:00')
  for (let i = 2; i < 28; i++) {
    clear('d' + String(i))
    for (let j = 0; j < 3; j++) d.type('123456789#')
  }
  assert.equal(d.lcd, 'Keypad locked / Wait 1440:00')
  clear('e')
  d.type('123456789#')
  assert.equal(d.lcd, 'Not accepted / 2 tries left')
})
