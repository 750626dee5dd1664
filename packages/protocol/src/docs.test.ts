import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import trip from '../fixtures/trip.json' with { type: 'json' }
import * as messages from './messages/index.ts'
import { parseTopic } from './topics.ts'

const root = new URL('../../../', import.meta.url)
const page = readFileSync(new URL('docs/protocol.md', root), 'utf8')
const parsers: Record<string, (body: string) => object | null> = {
  'up/hello': messages.parseHello, 'up/state': messages.parseState, 'up/event': messages.parseEvents, 'up/request': messages.parseRequest,
  'up/result': messages.parseResult, 'up/time': messages.parseTimeQuestion, 'up/health': messages.parseHealth, 'down/welcome': messages.parseWelcome,
  'down/ack': messages.parseAck, 'down/answer': messages.parseAnswer, 'down/command': messages.parseCommand, 'down/settings': messages.parseSettings,
  'down/time': messages.parseTimeAnswer, 'down/update': messages.parseUpdate, 'down/pins': messages.parsePins
}

test('docs/protocol.md shows every message, and each of its examples is one', () => {
  const shown = new Set<string>()
  for (const [, name = '', body = ''] of page.matchAll(/^```json (\S+)\n(.+)\n```$/gm)) {
    assert.deepEqual(parsers[name]?.(body), JSON.parse(body), name)
    if (name === 'up/event') for (const record of messages.parseEvents(body)?.records ?? []) assert.ok(messages.parseEventRecord(record))
    const { s }: { s?: string } = JSON.parse(body)
    assert.ok(s === undefined || s === trip.session, 'one session in all examples')
    shown.add(name)
  }
  assert.deepEqual([...shown].sort(), Object.keys(parsers).sort())
})

test('docs/protocol.md names every topic of the table, and what it calls a test is there', () => {
  for (const name of Object.keys(parsers)) {
    assert.ok(parseTopic(`ok/v1/s/c/${name}`))
    assert.ok(page.includes('`' + name + '`'), name)
  }
  const named = [...page.matchAll(/`((?:packages|apps)\/[^`*]+)`/g)].map(([, path = '']) => path)
  assert.ok(named.length > 10)
  for (const path of named) assert.ok(existsSync(new URL(path, root)), path)
})
