import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { clientOf, curlOf } from './examples.ts'

const asked = { base: 'https://keys.example.org/', to: '+4915223433333', channel: 'sms', language: 'de' }

/** What a shell makes of it: one line for each word. */
const words = (command: string): string[] => execFileSync('/bin/sh', ['-c', `curl () { printf '%s\\n' "$@" --; }\n${command}`], { encoding: 'utf8', env: { ONCEKEY_KEY: 'ok_x', ID: 'abc' } }).trim().split('\n')

test('the two calls as a shell reads them, with what was typed', () => {
  const read = words(curlOf(asked))
  assert.equal(read[0], 'https://keys.example.org/api/v1/verifications')
  assert.ok(read.includes('Authorization: Bearer ok_x'))
  assert.ok(read.includes('{"to":"+4915223433333","channel":"sms","language":"de"}'))
  assert.ok(read.includes('https://keys.example.org/api/v1/verifications/abc/check'))
})

test('an address with quotes, a dollar or a backtick runs nothing and stays what it is', () => {
  const to = `o'neill+$(id)\`id\`"\\@example.org`
  assert.ok(words(curlOf({ ...asked, to })).includes(JSON.stringify({ to, channel: 'sms', language: 'de' })))
  const literal = /to: ('(?:[^'\\]|\\.)*')/.exec(clientOf({ ...asked, to }))?.[1] ?? ''
  assert.equal(Function(`return ${literal}`)(), to)
})
