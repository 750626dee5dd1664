import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { equalBytes, equalText, fromBase64url, fromHex, toBase64url, toHex, utf8 } from './bytes.ts'

test('utf8 agrees with TextEncoder, lone surrogates included', () => {
  for (const text of ['', 'a', 'é', '€', '🔑', '\ud800', '\udc00', '\ud800x', '\udc00\ud800', '\ud83d\ud83d\udd11', '\u07ff\u0800\uffff', '\u{10ffff}']) {
    assert.deepEqual(utf8(text), new TextEncoder().encode(text), JSON.stringify(text))
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => { assert.deepEqual(utf8(text), new TextEncoder().encode(text)) }))
  const units = fc.array(fc.integer({ min: 0xd700, max: 0xe000 })).map(codes => String.fromCharCode(...codes))
  fc.assert(fc.property(units, text => { assert.deepEqual(utf8(text), new TextEncoder().encode(text)) }))
})

test('hex goes both ways, in either case', () => {
  fc.assert(fc.property(fc.uint8Array(), bytes => {
    assert.equal(toHex(bytes), Buffer.from(bytes).toString('hex'))
    assert.deepEqual(fromHex(toHex(bytes)), bytes)
    assert.deepEqual(fromHex(toHex(bytes).toUpperCase()), bytes)
  }))
})

test('what is no hex gives null', () => {
  for (const text of ['0', '0g', 'g0', '/0', ':0', '@0', '`0', ' 00', '0x', 'é0', '００']) assert.equal(fromHex(text), null, text)
})

test('base64url goes both ways and is that of the platform', () => {
  fc.assert(fc.property(fc.uint8Array(), bytes => {
    assert.equal(toBase64url(bytes), Buffer.from(bytes).toString('base64url'))
    assert.deepEqual(fromBase64url(toBase64url(bytes)), bytes)
  }))
})

test('base64url has the vectors of RFC 4648, section 10, and its two special characters', () => {
  for (const [text, code] of [['', ''], ['f', 'Zg'], ['fo', 'Zm8'], ['foo', 'Zm9v'], ['foob', 'Zm9vYg'], ['fooba', 'Zm9vYmE'], ['foobar', 'Zm9vYmFy']] as const) {
    assert.equal(toBase64url(utf8(text)), code)
    assert.deepEqual(fromBase64url(code), utf8(text))
  }
  assert.equal(toBase64url(Uint8Array.of(0xfb, 0xff)), '-_8')
})

test('each byte string has one base64url text: padding, stray bits and other characters give null', () => {
  for (const text of ['A', 'AAAAA', 'Zg==', 'Zh', 'Zm9', 'Z+8A', 'Z/8A', 'Zm 8', 'Zm8\n', '@AAA', '[AAA', '`AAA', '{AAA', '!!!!', '/AAA', ':AAA']) {
    assert.equal(fromBase64url(text), null, text)
  }
})

test('equal is equal and nothing else is', () => {
  assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true)
  assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false)
  assert.equal(equalBytes(Uint8Array.of(0x80, 2), Uint8Array.of(0, 2)), false)
  assert.equal(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0)), false)
  assert.equal(equalBytes(Uint8Array.of(), Uint8Array.of()), true)
  assert.equal(equalText('abc', 'abc'), true)
  assert.equal(equalText('abc', 'abd'), false)
  assert.equal(equalText('bbc', 'abc'), false)
  assert.equal(equalText('abc', 'ab'), false)
  assert.equal(equalText('', ''), true)
})
