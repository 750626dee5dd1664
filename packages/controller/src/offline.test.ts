import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayBegin, SLOT_MS, slotAt } from '@oncekey/otp/offline'
import { hmacSha256 } from '@oncekey/otp/sha256'
import { newController } from './index.ts'
import { benchSettings, Door, door, POWER_ON } from './testing/door.ts'
import { code, cutOff, DAYS7, HOUR, HOURS4, ONCE, opens } from './testing/offline.ts'

test('a code opens without a network, once; the server hears of it later, with the time at the door', () => {
  const d = cutOff()
  assert.equal(d.lcd, 'Bank A   offline / Enter code')
  const at = d.now
  const effects = d.effects.length
  d.type(code(ONCE) + '#')
  const done = d.effects.slice(effects).filter((effect) => effect.do === 'bolt' || (effect.do === 'save' && effect.key === 'o/1'))
  assert.deepEqual(done.map((effect) => effect.do), ['save', 'bolt'])
  assert.equal(d.lcd, 'Open: A07 / Close it after')
  d.wait(61_000)
  assert.equal(d.isLocked(), true)
  assert.equal(opens(d, code(ONCE)), false)
  assert.equal(d.log().some((line) => line.includes('keypad')), false)
  d.wait(HOUR)
  d.online()
  d.ackAll()
  const opening = d.arrived().find((record) => record.type === 'lock.actuated' && record.mode === 'unlock')
  assert.ok(opening?.type === 'lock.actuated')
  assert.deepEqual([opening.source, opening.ref, opening.trust, opening.time], ['offlineCode', `0.${slotAt(POWER_ON)}.0`, 'synced', POWER_ON + at + 300])
})

test('off until the settings say otherwise; what has not the form of an offline code is compared with nothing', () => {
  const d = door({ locks: 2 })
  d.disconnect()
  assert.equal(d.lcd, 'Bank A   offline / Try again later')
  for (const digits of ['1' + code(ONCE), '123456']) assert.equal(opens(d, digits), false)
  const e = cutOff({ locks: 2 })
  for (const digits of ['123456', '12345678', code(ONCE), '0' + code(ONCE), '3' + code(ONCE), '99' + code(ONCE)]) {
    e.type(digits + '#')
    assert.equal(e.lcd, 'Bank A   offline / Try again later')
  }
  assert.deepEqual([d.controller.offline.misses, e.controller.offline.misses], [0, 0])
  assert.equal(Object.keys({ ...d.saved, ...e.saved }).includes('misses'), false)
})

test('on a keypad with several locks the number comes first, and a code opens its own lock only', () => {
  const d = cutOff({ locks: 2 })
  assert.equal(opens(d, '1' + code(ONCE, { lock: 2 })), false)
  assert.equal(opens(d, '2' + code(ONCE, { lock: 2 })), true)
  assert.equal(opens(d, '01' + code(ONCE)), true)
  assert.deepEqual(d.effects.flatMap((effect) => effect.do === 'bolt' && effect.to === 'unlock' ? [effect.lock] : []), [2, 1])
  assert.equal(opens(cutOff(), '1' + code(ONCE)), true)
})

test('a door whose clock is a slot off opens all codes of all classes; beyond that none', () => {
  for (const [kind, firstUse] of [[0, 1], [1, 8], [2, 8], [3, 24]] as const) {
    for (let serial = 0; serial < 4; serial++) {
      for (const after of [1, 0, -firstUse]) assert.equal(opens(cutOff(), code(kind, { after, serial })), true)
      for (const after of [2, -firstUse - 1]) assert.equal(opens(cutOff(), code(kind, { after, serial })), false)
    }
  }
})

test('what the door takes, tried one by one, is exactly what the arithmetic says', () => {
  const d = cutOff()
  const { controller } = d
  const slot = slotAt(POWER_ON)
  let taken = 0
  for (let kind = 0; kind < 4; kind++) {
    for (let after = -40; after <= 40; after++) {
      for (let serial = 0; serial < 4; serial++) {
        d.controller = controller
        d.effects = []
        d.type(code(kind, { after, serial }) + '#')
        const isTaken = d.moves() > 0
        assert.equal(isTaken, mayBegin({ lock: 1, kind, slot: slot + after, serial }, slot), `${kind} ${after}`)
        if (isTaken) taken++
      }
    }
  }
  assert.equal(taken, 196)
})

test('a slot that begins while somebody types has its codes all the same', () => {
  const d = cutOff()
  d.wait(SLOT_MS - POWER_ON % SLOT_MS - d.now - 1000)
  const digits = code(ONCE, { after: 2 })
  d.type(digits.slice(0, 5))
  d.wait(2000)
  d.type(digits.slice(5) + '#')
  assert.equal(d.moves(), 1)
})

test('a box that is nobody\'s takes nothing', () => {
  const settings = JSON.stringify({ ...benchSettings, offline: { clock: 'persisted', revoked: [] } })
  const d = door({ identity: null, offline: true, saved: { settings, clock: String(POWER_ON) } })
  d.wait(5000)
  d.type(code(ONCE) + '#')
  assert.equal(d.moves(), 0)
  assert.equal(d.controller.offline.locks.length, 0)
})

test('a stay opens until it ends, over reboots too; the first use has its time', () => {
  const d = cutOff({}, 'persisted')
  assert.equal(opens(d, code(HOURS4)), true)
  assert.equal(opens(d, code(HOURS4)), true)
  assert.equal(Object.values(d.saved).some((value) => value.includes(code(HOURS4))), false)
  d.reboot()
  d.wait(5000)
  assert.equal(opens(d, code(HOURS4)), true)
  d.wait(4.4 * HOUR - d.now)
  assert.equal(opens(d, code(HOURS4)), true)
  d.wait(4.5 * HOUR - d.now)
  assert.equal(opens(d, code(HOURS4)), false)
  assert.equal(opens(d, code(DAYS7, { serial: 1 })), true)
  d.wait(13 * HOUR)
  assert.equal(opens(d, code(DAYS7)), false)
  d.wait(150 * HOUR)
  assert.equal(opens(d, code(DAYS7, { serial: 1 })), true)
})

test('without a clock that is trusted every one of them is refused, and none counts', () => {
  const d = cutOff()
  d.reboot()
  d.wait(5000)
  for (const serial of [0, 1, 2, 3]) {
    d.type(code(ONCE, { serial }) + '#')
    assert.equal(d.lcd, 'Bank A   offline / Clock not set')
  }
  assert.equal(d.moves() + d.controller.offline.misses, 0)
  // The last time that was stored is enough where the settings say so; nothing at all never is.
  const e = cutOff({}, 'persisted')
  e.reboot()
  e.wait(5000)
  assert.equal(opens(e, code(ONCE)), true)
  assert.equal(e.stored().at(-1)?.trust, 'persisted')
  delete e.saved['clock']
  e.reboot()
  e.wait(5000)
  e.type(code(ONCE) + '#')
  assert.equal(e.lcd, 'Bank A   offline / Clock not set')
  // A clock with a battery that may be off by more than a slot says too little.
  const f = door({ offline: true, rtc: { time: POWER_ON, errorMs: SLOT_MS + 1 } })
  f.settings({ version: 2, offline: { clock: 'trusted', revoked: [] } })
  f.type(code(ONCE) + '#')
  assert.equal(f.lcd, 'Bank A   offline / Clock not set')
})

test('a clock with a battery is set by the server\'s time and trusted after a boot, unless it stood still', () => {
  const rtc = { time: POWER_ON, errorMs: 2000 }
  const d = cutOff({ rtc })
  assert.ok(d.effects.some((effect) => effect.do === 'setRtc' && effect.time === POWER_ON))
  rtc.time += 60_000
  d.reboot()
  d.wait(5000)
  assert.equal(opens(d, code(ONCE)), true)
  assert.equal(d.stored().at(-1)?.trust, 'rtc')
  for (const wrong of [{ time: 0, errorMs: 0 }, { time: POWER_ON - 86_400_000, errorMs: 2000 }, { time: POWER_ON + 90_000, errorMs: SLOT_MS + 1 }]) {
    Object.assign(rtc, wrong)
    d.reboot()
    d.wait(5000)
    assert.equal(opens(d, code(ONCE, { serial: 1 })), false)
    assert.equal(d.controller.offline.misses, 0)
  }
})

test('the time is stored every half hour, and brought back when it was wrong', () => {
  const d = cutOff()
  assert.ok(Number(d.saved['clock']) >= POWER_ON)
  const saves = (): number => d.effects.filter((effect) => effect.do === 'save' && effect.key === 'clock').length
  assert.equal(saves(), 1)
  d.wait(10 * HOUR)
  assert.ok(saves() >= 19 && saves() <= 21, String(saves()))
  d.online()
  d.say('time', { t1: 1, t2: 0, t3: 0 })
  d.reboot()
  d.online()
  d.wait(6000)
  assert.ok(Number(d.saved['clock']) < POWER_ON + HOUR)
})

test('on line the server decides and names the code; here it counts once, whichever way it was used', () => {
  const d = cutOff()
  const ref = (kind: number, serial = 0): string => `${kind}.${slotAt(POWER_ON)}.${serial}`
  const granted = (offline: string): boolean => {
    const before = d.moves()
    d.type('123456789#')
    d.answer(true, { offline })
    const moved = d.moves() > before
    if (!moved) assert.equal(d.lcd, 'Not accepted')
    d.wait(61_000)
    return moved
  }
  assert.equal(opens(d, code(ONCE)), true)
  d.online()
  assert.equal(granted(ref(ONCE)), false)
  assert.equal(granted(ref(ONCE, 1)), true)
  assert.equal(d.log().at(-2), 'lock.actuated 1 unlock offlineCode unlocked')
  assert.equal(granted(ref(ONCE, 1)), false)
  assert.equal(granted(ref(HOURS4)), true)
  assert.equal(granted(ref(HOURS4)), true)
  assert.equal(granted('none'), false)
  d.disconnect()
  assert.equal(opens(d, code(ONCE, { serial: 1 })), false)
  assert.equal(opens(d, code(HOURS4)), true)
})

test('what was revoked while there was a network opens nothing without it, a stay neither', () => {
  const d = cutOff()
  assert.equal(opens(d, code(HOURS4)), true)
  d.online()
  d.settings({ version: 3, offline: { clock: 'trusted', revoked: [`1.1.${slotAt(POWER_ON)}.0`, `1.0.${slotAt(POWER_ON)}.3`] } })
  d.disconnect()
  d.reboot()
  d.online()
  d.wait(5000)
  d.disconnect()
  assert.equal(opens(d, code(HOURS4)), false)
  assert.equal(opens(d, code(ONCE, { serial: 3 })), false)
  assert.equal(d.controller.offline.misses, 2)
  assert.equal(opens(d, code(ONCE, { serial: 2 })), true)
})

test('codes are computed ahead, one HMAC a step, while nobody types or waits; before that none is compared', () => {
  let calls = 0
  let most = 0
  const d = new Door({ watch: () => { most = Math.max(most, calls); calls = 0 } })
  d.controller = newController((secret, message) => { if (message.length < 24) calls++; return hmacSha256(secret, message) })
  d.boot()
  d.senseAll()
  d.online()
  d.settings({ version: 2, offline: { clock: 'trusted', revoked: [] } })
  d.ackAll()
  d.disconnect()
  calls = 0
  most = 0
  d.wait(1000)
  d.type(code(ONCE) + '#')
  assert.equal(d.lcd, 'Bank A   offline / Try again later')
  d.type('1')
  const { locks } = d.controller.offline
  d.wait(2000)
  assert.equal(d.controller.offline.locks, locks)
  d.type('*')
  d.wait(5000)
  assert.deepEqual([d.controller.offline.locks[0]?.done, d.controller.offline.misses], [212, 0])
  assert.equal(opens(d, code(ONCE)), true)
  d.wait(SLOT_MS)
  assert.equal(d.controller.offline.locks[0]?.slot, slotAt(POWER_ON) + 1)
  assert.equal(most, 1)
})

test('a torn map counts as used; a clock that goes back brings no code back', () => {
  const d = cutOff({ saved: { 'o/1': '99 zz' } })
  assert.equal(opens(d, code(ONCE)), false)
  d.wait(2 * SLOT_MS)
  assert.equal(opens(d, code(ONCE, { after: 2 })), true)
  // The server's time is that of the first boot again.
  d.reboot()
  d.online()
  d.wait(5000)
  d.disconnect()
  assert.equal(opens(d, code(ONCE, { after: 1, serial: 1 })), false)
  assert.equal(opens(d, code(ONCE, { serial: 1 })), false)
})

test('the display has a text for it in every language', () => {
  for (const [language, text] of [['de', 'Uhrzeit fehlt'], ['es', 'Reloj sin hora'], ['fr', 'Heure inconnue']] as const) {
    const d = cutOff()
    d.settings({ version: 3, language, offline: { clock: 'trusted', revoked: [] } })
    d.reboot()
    d.wait(3000)
    d.type(code(ONCE) + '#')
    assert.equal(d.rows[1].trimEnd(), text)
  }
})
