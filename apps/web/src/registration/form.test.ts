import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUsername, mayRegisterWith, toDomains } from './form.ts'

test('user names are Latin letters and digits with single signs between them', () => {
  for (const name of ['nia', 'NIA.2', 'a-b_c', 'x'.repeat(32)]) assert.ok(isUsername(name), name)
  for (const name of ['', 'ab', 'a b', 'nia@x', '.nia', 'nia.', 'ni..a', 'nіa', 'x'.repeat(33)]) assert.ok(!isUsername(name), name)
})

test('the domain is the whole of what stands behind the last @', () => {
  assert.ok(mayRegisterWith(' nia@EXAMPLE.org ', ['gym.example', 'example.org']))
  for (const email of ['nia@sub.example.org', 'nia@example.org.evil.example', 'example.org@gmail.example']) assert.ok(!mayRegisterWith(email, ['example.org']), email)
})

test('domains may be written in many ways', () => {
  assert.deepEqual(toDomains(' Example.org, @gym.example;\nana@example.org\n'), ['example.org', 'gym.example'])
  assert.deepEqual(toDomains(' \n'), [])
})
