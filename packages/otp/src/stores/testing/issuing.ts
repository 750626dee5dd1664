import assert from 'node:assert/strict'
import type { IssueOrder } from '../../steps.ts'
import { door, minute, reasonOf, scriptedDigits, web, type Case } from './world.ts'

const order: IssueOrder = { ...door, slot: 'anna', digits: 6, ttlMs: minute }

/** What may be issued, and what is said no to. */
export const issueCases: readonly Case[] = [
  ['a code has the digits that were asked for', async w => {
    for (const digits of [4, 6, 9, 12]) {
      const { code } = await w.code({ digits, slot: `of ${digits}` })
      assert.match(code, new RegExp(`^[0-9]{${digits}}$`))
      assert.equal(reasonOf(await w.type(code)), 'granted')
    }
  }],
  ['ids are different and have 128 bits', async w => {
    const ids = [await w.code(), await w.code(), await w.code({ scope: 'reader-2' })].map(code => code.id)
    assert.equal(new Set(ids).size, 3)
    for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{22}$/)
  }],
  ['the answer says from when until when', async w => {
    const at = w.now()
    const plain = await w.code({ ttlMs: minute })
    assert.deepEqual([plain.validFrom, plain.expiresAt], [at, at + minute])
    const later = await w.code({ validFrom: at + 500, ttlMs: minute })
    assert.deepEqual([later.validFrom, later.expiresAt], [at + 500, at + 500 + minute])
    const past = await w.code({ validFrom: at - 500, ttlMs: minute })
    assert.deepEqual([past.validFrom, past.expiresAt], [at, at + minute])
    const { ttlMs: _, ...timeless } = order
    const until = await w.otp.issue({ ...timeless, expiresAt: at + 7 })
    assert.ok(until.issued)
    assert.equal(until.expiresAt, at + 7)
  }],
  ['a code that would expire before it works is not issued', async w => {
    const { ttlMs: _, ...timeless } = order
    assert.deepEqual(await w.otp.issue({ ...timeless, expiresAt: w.now() }), { issued: false, reason: 'expired' })
    assert.deepEqual(await w.otp.issue({ ...timeless, validFrom: w.now() + 10, expiresAt: w.now() + 10 }), { issued: false, reason: 'expired' })
  }],
  ['a full reader refuses another code and changes nothing', async w => {
    await w.code({ slot: 'anna', maxLive: 2 })
    const ben = await w.code({ slot: 'ben', maxLive: 2 })
    assert.deepEqual(await w.otp.issue({ ...order, slot: 'cleo', maxLive: 2 }), { issued: false, reason: 'full' })
    const { live, generation } = await w.otp.status(door)
    assert.deepEqual({ live, generation }, { live: 2, generation: 2 })
    assert.equal(reasonOf(await w.type(ben.code)), 'granted')
  }],
  ['a full reader still lets a slot have its next code', async w => {
    const first = await w.code({ slot: 'anna', maxLive: 1 })
    const second = await w.code({ slot: 'anna', maxLive: 1 })
    assert.equal(second.superseded, first.id)
  }],
  ['expired codes take no place, in other slots and in the same one', async w => {
    await w.code({ slot: 'anna', maxLive: 1, ttlMs: minute })
    w.wait(minute)
    await w.code({ slot: 'ben', maxLive: 1, ttlMs: minute })
    // Anna's expired code goes when hers is issued, but it is Ben's live one that fills the reader.
    assert.deepEqual(await w.otp.issue({ ...order, slot: 'anna', maxLive: 1 }), { issued: false, reason: 'full' })
  }],
  ['used codes take no place', async w => {
    const { code } = await w.code({ slot: 'anna', maxLive: 1 })
    await w.type(code)
    await w.code({ slot: 'ben', maxLive: 1 })
  }],
  ['digits that a live code of the reader has are drawn again', async w => {
    const first = w.engine({ entropy: scriptedDigits('111111', '200001', '200002', '200003') })
    const anna = await first.issue(order)
    assert.ok(anna.issued)
    const second = w.engine({ entropy: scriptedDigits('111111', '222222', '333331', '333332', 'id') })
    const ben = await second.issue({ ...order, slot: 'ben' })
    assert.ok(ben.issued)
    assert.deepEqual([anna.code, ben.code], ['111111', '222222'])
    assert.equal((await w.type('111111')).slot, 'anna')
    assert.equal((await w.type('222222')).slot, 'ben')
  }],
  ['digits of a used code are drawn again while it is remembered', async w => {
    const four = (first: string): string[] => [first, ...Array.from({ length: 3 }, () => '777777')]
    await w.engine({ entropy: scriptedDigits(...four('111111')) }).issue(order)
    assert.equal(reasonOf(await w.type('111111')), 'granted')
    const next = await w.engine({ entropy: scriptedDigits(...four('111111'), 'id') }).issue(order)
    assert.ok(next.issued)
    assert.equal(next.code, '777777')
    assert.equal(reasonOf(await w.type('111111')), 'alreadyUsed')
  }],
  ['when no free digits are found no code is issued', async w => {
    const ones = Array.from({ length: 4 }, () => '111111')
    await w.engine({ entropy: scriptedDigits(...ones) }).issue(order)
    const again = await w.engine({ entropy: scriptedDigits(...ones, 'id') }).issue({ ...order, slot: 'ben' })
    assert.deepEqual(again, { issued: false, reason: 'tooManyCollisions' })
    assert.equal((await w.type('111111')).slot, 'anna')
  }],
  ['a code that somebody else drew is taken as it is, once, and refused where it collides', async w => {
    const drawn = await w.engine().issue({ ...order, drawn: '424242' })
    assert.ok(drawn.issued)
    assert.equal(drawn.code, '424242')
    assert.deepEqual(await w.engine().issue({ ...order, slot: 'ben', drawn: '424242' }), { issued: false, reason: 'tooManyCollisions' })
    for (const wrong of ['42424', '4242424', '42424x', '']) {
      await assert.rejects(async () => w.engine().issue({ ...order, drawn: wrong }), RangeError)
    }
    assert.equal((await w.type('424242')).slot, 'anna')
  }],
  ['the same digits may live at two readers', async w => {
    const ones = Array.from({ length: 4 }, () => '111111')
    await w.engine({ entropy: scriptedDigits(...ones) }).issue(order)
    const there = await w.engine({ entropy: scriptedDigits(...ones, 'id') }).issue({ ...order, scope: 'reader-2' })
    assert.ok(there.issued)
    assert.equal((await w.type('111111', { scope: 'reader-2' })).id, there.id)
  }],
  ['a resend with the same digits is a new code', async w => {
    const first = await w.engine({ entropy: scriptedDigits('111111') }).issue({ ...order, ...web })
    const second = await w.engine({ entropy: scriptedDigits('111111', 'id') }).issue({ ...order, ...web })
    assert.ok(first.issued && second.issued)
    const verdict = await w.type('111111', web)
    assert.deepEqual([reasonOf(verdict), verdict.id], ['granted', second.id])
    assert.equal(reasonOf(await w.type('111111', web)), 'alreadyUsed')
  }],
  ['data comes back as it was given', async w => {
    const samples = ['', '{"a":[1,"b"]}', 'line\nline\r\n\ttab', "'; DROP TABLE otp_codes; --", 'ünï 漢字 🔑', ' \u2028 ', 'x'.repeat(4096), '€'.repeat(1365)]
    for (const data of samples) {
      const { code } = await w.code({ data })
      assert.equal((await w.type(code)).data, data)
    }
  }],
  ['odd names are names like any other', async w => {
    for (const name of ["it's", '%', '_', '*', 'ünï 漢字 🔑', 'a\tb\rc', ' ', '\u{10fffd}', 'n'.repeat(256), 'null', '__proto__', '0', '?1']) {
      const odd = { purpose: name, scope: name }
      const { code } = await w.code({ ...odd, slot: name })
      assert.equal((await w.type(code, odd)).slot, name)
      assert.deepEqual(await w.otp.revoke({ scope: name, slot: name }), [])
    }
  }],
  ['unusable arguments are a mistake of the program and change nothing', async w => {
    const bad: Partial<IssueOrder>[] = [
      { purpose: 'a\nb' }, { scope: 'a\nb' }, { slot: 'a\nb' }, { purpose: '' }, { scope: '' }, { slot: '' }, { slot: 's'.repeat(257) },
      { slot: 'a\0' }, { slot: '\ud800' }, { data: '\0' }, { data: '\udfff' }, { data: 'x'.repeat(4097) }, { data: '€'.repeat(1366) },
      { digits: 3 }, { digits: 13 }, { digits: 6.5 }, { ttlMs: 0 }, { ttlMs: 1.5 }, { ttlMs: NaN }, { validFrom: -1 }, { validFrom: Infinity }
    ]
    for (const change of bad) {
      await assert.rejects(async () => await w.otp.issue({ ...order, ...change }), RangeError, JSON.stringify(change))
    }
    const { ttlMs: _, ...timeless } = order
    await assert.rejects(async () => await w.otp.issue({ ...timeless, expiresAt: NaN }), RangeError)
    for (const change of [{ scope: 'a\nb' }, { purpose: 'a\nb' }, { scope: '' }]) {
      await assert.rejects(async () => await w.type('123456', change), RangeError)
    }
    await assert.rejects(async () => await w.otp.revoke({ scope: '' }), RangeError)
    await assert.rejects(async () => await w.otp.revokeWhere({ slotPrefix: '' }), RangeError)
    await assert.rejects(async () => await w.otp.status({ ...door, scope: '' }), RangeError)
    await assert.rejects(async () => await w.otp.clear({ ...door, scope: '' }), RangeError)
    await assert.rejects(async () => await w.otp.sweep(0), RangeError)
    assert.throws(() => w.engine({ tenant: '' }), RangeError)
    assert.throws(() => w.engine({ spentForMs: -1 }), RangeError)
    await assert.rejects(async () => await w.engine({ clock: () => NaN }).issue(order), RangeError)
    assert.equal((await w.otp.status(door)).generation, 0)
  }]
]
