import assert from 'node:assert/strict'
import { test } from 'node:test'
import { downFilter, downTopic, isId, parseTopic, upTopic, type DownName, type UpName } from './topics.ts'

const address = { site: 'S_1', controller: '0190a000-0000-7000-8000-00000000000z' }
const ups: UpName[] = ['avail', 'hello', 'state', 'event', 'request', 'result', 'time', 'health']
const downs: DownName[] = ['welcome', 'ack', 'answer', 'command', 'settings', 'time']

test('a topic taken apart is the one put together', () => {
  for (const name of ups) assert.deepEqual(parseTopic(upTopic(address, name)), { ...address, direction: 'up', name })
  for (const name of downs) assert.deepEqual(parseTopic(downTopic(address, name)), { ...address, direction: 'down', name })
})

test('the words on the wire', () => {
  assert.equal(upTopic({ site: 's', controller: 'c' }, 'hello'), 'ok/v1/s/c/up/hello')
  assert.equal(downTopic({ site: 's', controller: 'c' }, 'welcome'), 'ok/v1/s/c/down/welcome')
  assert.equal(downFilter({ site: 's', controller: 'c' }), 'ok/v1/s/c/down/+')
})

test('only time has both directions', () => {
  for (const name of ups) assert.equal(parseTopic(`ok/v1/s/c/down/${name}`) !== null, name === 'time')
  for (const name of downs) assert.equal(parseTopic(`ok/v1/s/c/up/${name}`) !== null, name === 'time')
})

test('an id is 1 to 64 of A-Z a-z 0-9 _ - and nothing else', () => {
  for (let code = 0; code < 0x180; code++) {
    const char = String.fromCharCode(code)
    assert.equal(isId(char), /^[A-Za-z0-9_-]$/.test(char), `U+${code.toString(16)}`)
    assert.equal(isId('a' + char), /^[A-Za-z0-9_-]$/.test(char))
  }
  assert.ok(!isId(''))
  assert.ok(isId('a'.repeat(64)))
  assert.ok(!isId('a'.repeat(65)))
})
