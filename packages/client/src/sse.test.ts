import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSseReader, type SseEvent } from './sse.ts'

const stream = ': a comment\n\nid: 7\ndata: {"a":1}\n\nevent: x\ndata:two\ndata: lines\r\n\r\nretry: 5\n\ndata\n\nid: 8\rdata:  one space goes\r\rid\ndata: x\n\ndata: never ended'
const events: SseEvent[] = [
  { id: '7', data: '{"a":1}' }, { id: '7', data: 'two\nlines' }, { id: '7', data: '' }, { id: '8', data: ' one space goes' }, { id: '', data: 'x' }
]

function read (pieces: string[]): SseEvent[] {
  const seen: SseEvent[] = []
  const reader = createSseReader((event) => seen.push(event))
  for (const piece of pieces) reader(piece)
  return seen
}

test('the standard\'s fields, comments and line ends', () => {
  assert.deepEqual(read([stream]), events)
})

test('however the network cuts it', () => {
  assert.deepEqual(read([...stream]), events)
  for (let i = 0; i <= stream.length; i++) assert.deepEqual(read([stream.slice(0, i), stream.slice(i)]), events, `cut at ${i}`)
})
