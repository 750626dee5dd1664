import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import {
  ACCEPTABLE, acceptableIn, findOffline, freshOffline, isDuring, isPrepared, isReady, isSpent, mayBegin, offlineClasses, offlineDigits, offlineFrom,
  offlineNamed, offlineRef, offlineText, offlineValue, prepare, SERIALS, SLOT_MS, slotAt, slotFor, spend, type OfflineLock, type OfflineName
} from './offline.ts'

const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7 & 255)
const now = 994_000
const full = process.env['ONCEKEY_TEST_SIZE'] === 'full'

/** The same arithmetic in another way: Node's digest and one number of 256 bits. */
function oracle (secret: Uint8Array, { kind, slot, serial, lock }: OfflineName): number {
  const digest = createHmac('sha256', secret).update(`1|${kind}|${slot}|${serial}|${lock}`).digest('hex')
  return Number(BigInt('0x' + digest) % 1_000_000_000n)
}

const fast = (secret: Uint8Array, message: Uint8Array): Uint8Array => createHmac('sha256', secret).update(message).digest()

function ready (one: OfflineLock, slot: number): OfflineLock {
  while (!isReady(one, slot)) one = prepare(one, slot, key, fast)
  return one
}

/** As `ready`, but each slot of each lock is computed once for all codes that are tried there. */
function readyMaker (): typeof ready {
  const known = new Map<string, OfflineLock>()
  return (one, slot) => {
    const at = `${one.lock} ${slot}`
    const { values, done } = known.get(at) ?? ready(freshOffline(one.lock), slot)
    known.set(at, { ...one, values, done })
    return ready({ ...one, slot, values, done }, slot)
  }
}

/** Types a code at a lock: the lock afterwards, and whether it opens. */
function type (one: OfflineLock, value: number, slot: number, make = ready): { one: OfflineLock, opens: boolean } {
  const at = make(one, slot)
  const name = findOffline(at, value, slot)
  if (name === null) return { one: at, opens: false }
  return { one: at.stays.some((stay) => stay === name) ? at : spend(at, name, slot, value), opens: true }
}

/** mulberry32, seeded, so that a failure can be had again. */
function dice (t: TestContext): (sides: number) => number {
  const seed = Math.floor(Math.random() * 2 ** 31)
  t.diagnostic(`seed ${seed}`)
  let a = seed
  return (sides) => {
    a = a + 0x6d2b79f5 | 0
    let b = Math.imul(a ^ a >>> 15, 1 | a)
    b = b + Math.imul(b ^ b >>> 7, 61 | b) ^ b
    return Math.floor(((b ^ b >>> 14) >>> 0) / 2 ** 32 * sides)
  }
}

test('the published vectors', () => {
  const file = JSON.parse(readFileSync(new URL('../fixtures/offline.json', import.meta.url), 'utf8'))
  const root = Buffer.from(file.root, 'hex')
  assert.equal(createHmac('sha256', root).update('offline|1').digest('hex'), file.key)
  const secret = Buffer.from(file.key, 'hex')
  assert.ok(file.codes.length >= 12)
  for (const { class: kind, slot, serial, lock, code } of file.codes) {
    const name = { kind, slot, serial, lock }
    assert.equal(offlineDigits(offlineValue(secret, name)), code)
    assert.equal(offlineDigits(oracle(secret, name)), code)
  }
  for (const { time, slot, slotFor: nearest } of file.slots) assert.deepEqual([slotAt(time), slotFor(time)], [slot, nearest])
  assert.deepEqual(acceptableIn(1, file.acceptable.slot).map(offlineRef), file.acceptable.refs)
  let one = freshOffline(1)
  for (const { ref, at, stored } of file.uses) {
    const name = offlineNamed(1, ref)
    assert.ok(name !== null)
    one = spend(one, name, at, -1)
    assert.equal(offlineText(one), stored)
    assert.equal(offlineText(offlineFrom(1, stored, at)), stored)
  }
})

test('the acceptable set is exactly what the arithmetic says, also when it was carried from slot to slot', (t) => {
  const roll = dice(t)
  let one = freshOffline(7)
  for (const slot of [now, now + 1, now + 2, now + 3, now - 5, now + 1000 + roll(1000), now]) {
    one = ready(one, slot)
    const expected: string[] = []
    const found: string[] = []
    for (let kind = 0; kind < 4; kind++) {
      for (let other = slot - 50; other <= slot + 50; other++) {
        for (let serial = 0; serial < SERIALS; serial++) {
          const name = { lock: 7, kind, slot: other, serial }
          // One slot around the first uses: 1, 8, 8 and 24 of them.
          if (slot >= other - 1 && slot <= other + [1, 8, 8, 24][kind]!) expected.push(offlineRef(name))
          assert.equal(mayBegin(name, slot), slot >= other - 1 && slot <= other + [1, 8, 8, 24][kind]!)
          const hit = findOffline(one, oracle(key, name), slot)
          if (hit !== null) found.push(offlineRef(hit))
        }
      }
    }
    assert.equal(expected.length, ACCEPTABLE)
    assert.equal(ACCEPTABLE, 196)
    assert.deepEqual(found.sort(), expected.sort())
    assert.deepEqual(acceptableIn(7, slot).map(offlineRef).sort(), expected)
  }
})

test('a code of another lock, or of another key, is none', () => {
  const one = ready(freshOffline(7), now)
  const name = { lock: 8, kind: 1, slot: now, serial: 0 }
  assert.equal(findOffline(one, oracle(key, name), now), null)
  assert.equal(findOffline(one, oracle(new Uint8Array(32), { ...name, lock: 7 }), now), null)
})

test('2,000 of 2,000 valid codes open with a clock that is a slot off either way; none opens twice, none late, a stay to its end', (t) => {
  const roll = dice(t)
  let opened = 0
  let again = 0
  let late = 0
  let stayed = 0
  const make = readyMaker()
  for (let i = 0; i < 2000; i++) {
    const name = { lock: [1, 96][roll(2)]!, kind: roll(4), slot: now + roll(12), serial: roll(SERIALS) }
    const value = oracle(key, name)
    const drift = roll(3) - 1
    const { firstUse, lasts } = offlineClasses[name.kind]!
    const use = type(freshOffline(name.lock), value, name.slot + roll(firstUse) + drift, make)
    if (use.opens) opened++
    const after = use.one.slot
    const unused = [name.slot + firstUse + 1, name.slot + firstUse + 2 + roll(9)]
    for (const slot of unused) if (type(freshOffline(name.lock), value, slot, make).opens) late++
    if (name.kind === 0) {
      for (const slot of [after, after + 1, after + 2, after - 1]) if (type(use.one, value, slot, make).opens) again++
    } else {
      const later = Math.min(name.slot + lasts, after + roll(lasts))
      if (type(use.one, value, later, make).opens) stayed++
      for (const slot of [name.slot + lasts + 1, name.slot + lasts + 1 + roll(9)]) if (type(use.one, value, slot, make).opens) late++
    }
  }
  assert.equal(opened, 2000)
  assert.equal(again, 0)
  assert.equal(late, 0)
  assert.ok(stayed > 1000)
  t.diagnostic(`${opened} of 2000 opened, ${again} again, ${late} late, ${stayed} stays opened again`)
})

test('random lives of a lock: nothing opens twice but stays, whatever the clock does, through power cuts', (t) => {
  const roll = dice(t)
  let opened = 0
  const make = readyMaker()
  for (let life = 0; life < (full ? 100 : 5); life++) {
    let one = freshOffline(1)
    let clock = now
    const begun = new Set<string>()
    for (let i = 0; i < 60; i++) {
      clock = Math.max(now - 50, clock + [0, 1, 1, 2, 5, 30, 400, -1, -3, -40][roll(10)]!)
      if (roll(4) === 0) one = offlineFrom(1, offlineText(one), clock)
      const kind = roll(4)
      const name = { lock: 1, kind, slot: clock + 1 - roll(offlineClasses[kind]!.firstUse + 2), serial: roll(SERIALS) }
      const use = type(one, oracle(key, name), clock, make)
      one = use.one
      if (!use.opens) continue
      opened++
      assert.ok(kind > 0 || !begun.has(offlineRef(name)), offlineRef(name))
      begun.add(offlineRef(name))
    }
  }
  assert.ok(opened > 20)
})

test('guesses hit as often as arithmetic says: 1.96 times in ten million', (t) => {
  const roll = dice(t)
  // All guesses against the enumerated set; a share of them, and every hit, through the check itself.
  const guesses = full ? 10_000_000 : 500_000
  const one = ready(freshOffline(1), now)
  const values = new Set(acceptableIn(1, now).map((name) => oracle(key, name)))
  let hits = 0
  for (let i = 0; i < guesses; i++) {
    const guess = roll(1_000_000_000)
    const isHit = values.has(guess)
    if (isHit) hits++
    if (isHit || i % 100 === 0) assert.equal(findOffline(one, guess, now) !== null, isHit)
  }
  t.diagnostic(`${hits} hits in ${guesses} guesses, ${(ACCEPTABLE * guesses / 1e9).toFixed(2)} expected`)
  // Poisson with 1.96 (0.1 for the small number): more than 8 (4) once in 4,000 runs (ten million).
  assert.ok(hits <= (full ? 8 : 4), String(hits))
})

test('one HMAC a call: 196 for the first slot, 16 for each next one, which are there before it begins', () => {
  let calls = 0
  const counting = (secret: Uint8Array, message: Uint8Array): Uint8Array => { calls++; return fast(secret, message) }
  let one = freshOffline(1)
  while (!isPrepared(one, now)) one = prepare(one, now, key, counting)
  assert.equal(calls, 196 + 16)
  assert.equal(isReady(one, now + 1), false)
  one = prepare(one, now + 1, key, counting)
  assert.equal(isReady(one, now + 1), true)
  while (!isPrepared(one, now + 1)) one = prepare(one, now + 1, key, counting)
  assert.equal(calls, 196 + 32)
})

test('what is stored: the used codes and the stays, no digits; what is torn counts as used', () => {
  const name = { lock: 1, kind: 2, slot: now, serial: 3 }
  const value = oracle(key, name)
  const { one } = type(freshOffline(1), value, now)
  const text = offlineText(one)
  assert.equal(text.includes(offlineDigits(value)), false)
  assert.equal(text.split(' ')[1]?.length, 50)
  const back = offlineFrom(1, text, now)
  // A stay is computed anew before anything is compared.
  assert.equal(isReady(back, now), false)
  assert.equal(type(back, value, now + 40).opens, true)
  assert.deepEqual(offlineText(offlineFrom(1, '', now)), offlineText(freshOffline(1)))
  for (const torn of ['x', text.slice(0, 20), text + 'x', text.replace(' ', ' 0'), 'x' + text, text + ' 0.1.4']) {
    const lock = offlineFrom(1, torn, now)
    assert.deepEqual(acceptableIn(1, now).filter((one) => !isSpent(lock, one)), [], torn)
    assert.equal(isSpent(lock, { ...name, slot: now + 2 }), false)
  }
})

test('names of codes have one spelling', () => {
  assert.deepEqual(offlineNamed(3, '2.994000.3'), { lock: 3, kind: 2, slot: 994_000, serial: 3 })
  for (const ref of ['', '2.1', '4.1.1', '-1.1.1', '1.1.4', '1.-1.1', '1.1.-1', '1.Infinity.1', '1.1.1.5', '01.1.1', '1.1e3.1', 'x.1.1', '1.1.1 ']) {
    assert.equal(offlineNamed(1, ref), null, ref)
  }
})

test('a stay is over when its time is, and then it is forgotten', () => {
  const name = { lock: 1, kind: 1, slot: now, serial: 0 }
  assert.deepEqual([isDuring(name, now + 8), isDuring(name, now + 9)], [true, false])
  const { one } = type(freshOffline(1), oracle(key, name), now)
  assert.equal(one.stays.length, 1)
  const other = { lock: 1, kind: 0, slot: now + 9, serial: 0 }
  assert.equal(type(one, oracle(key, other), now + 9).one.stays.length, 0)
})

test('slots are half hours since 1970; a code begins in the nearest', () => {
  assert.equal(SLOT_MS, 1_800_000)
  assert.deepEqual([slotAt(0), slotAt(SLOT_MS - 1), slotAt(SLOT_MS)], [0, 0, 1])
  assert.deepEqual([slotFor(SLOT_MS / 2 - 1), slotFor(SLOT_MS / 2)], [0, 1])
})
