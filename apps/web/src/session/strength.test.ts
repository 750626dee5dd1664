import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strengthOf } from './strength.ts'

test('seven characters are too short, whatever they are', () => {
  assert.equal(strengthOf('aB3$xY9'), 'short')
  assert.equal(strengthOf('🔑🔑🔑🔑'), 'short')
})

test('what guessing programs try first is weak', () => {
  for (const password of ['password1', 'Passwort2026!', '12345678', '87654321', 'abcdefgh', 'aaaaaaaaaaaa', 'qwertz123']) assert.equal(strengthOf(password), 'weak', password)
})

test('length counts most', () => {
  assert.equal(strengthOf('correct horse'), 'good')
  assert.equal(strengthOf('correct horse battery'), 'strong')
  assert.equal(strengthOf('tangerine'), 'weak')
  assert.equal(strengthOf('tangerine7'), 'fair')
})

test('one\'s own name makes it weaker', () => {
  assert.equal(strengthOf('ferreira2026', ['Ana Ferreira']), 'weak')
  assert.equal(strengthOf('ferreira2026'), 'good')
})
