import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { firstCall } from './example.ts'

const key = { base: 'https://keys.example.org/gym/', secret: 'ok_abc' }
/** The words that a shell makes of it. */
const words = (line: string): string[] => execFileSync('sh', ['-c', `curl () { printf '%s\\n' "$@"; }\n${line}`]).toString().trimEnd().split('\n')

test('a first call for a shell, by what a key may do; an address is one word, whatever is in it', () => {
  const json = ['-H', 'Content-Type: application/json', '-d']
  assert.deepEqual(words(firstCall({ ...key, scopes: ['verifications'], to: "o'neill$(id)@example.org" })), ['https://keys.example.org/gym/api/v1/verifications', '-H', 'Authorization: Bearer ok_abc', ...json, `{"to":"o'neill$(id)@example.org"}`])
  assert.deepEqual(words(firstCall({ ...key, scopes: ['verifications:read'], to: 'a@example.org' })), ['https://keys.example.org/gym/api/v1/verifications/ID', '-H', 'Authorization: Bearer ok_abc'])
  assert.deepEqual(words(firstCall({ ...key, scopes: ['metrics'], to: 'a@example.org' })), ['https://keys.example.org/gym/metrics', '-H', 'Authorization: Bearer ok_abc'])
  assert.equal(words(firstCall({ ...key, scopes: ['compat'], to: 'a@example.org' }))[0], 'https://keys.example.org/gym/compat/ok_abc/generate-otp')
})
