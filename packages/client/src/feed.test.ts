import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { createClient, type Feed, type FeedState, type FeedTiming } from './index.ts'
import { json, world, type World } from './testing/server.ts'

type Line = World & {
  feed: Feed, events: unknown[], states: FeedState[], lines: ServerResponse[]
  /** Resolves when that state has been reported so many times. */
  reached: (state: FeedState, times?: number) => Promise<void>
  heard: (count: number) => Promise<void>
}

/** A page that listens to a server which streams by hand. */
async function line (t: TestContext, { timing = {}, answers }: { timing?: Partial<FeedTiming>, answers?: World['answers'] } = {}): Promise<Line> {
  const lines: ServerResponse[] = []
  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    lines.push(response)
  }
  const made = await world(...answers ?? [stream])
  const events: unknown[] = []
  const states: FeedState[] = []
  let look = (): void => {}
  const until = (holds: () => boolean): Promise<void> => new Promise((resolve) => {
    look = () => { if (holds()) resolve() }
    look()
  })
  const client = createClient({ base: made.base, feedTiming: { waitMs: 2, longestWaitMs: 8, ...timing } })
  const feed = client.feed((event) => { events.push(event); look() }, (state) => { states.push(state); look() })
  t.after(async () => { feed.close(); await made.close() })
  return {
    ...made, feed, events, states, lines,
    reached: (state, times = 1) => until(() => states.filter((one) => one === state).length >= times),
    heard: (count) => until(() => events.length >= count)
  }
}

test('events arrive as they are written, and a comment is silence', async (t) => {
  const { lines, events, states, heard, reached, asked } = await line(t)
  await reached('live')
  lines[0]!.write(': hello\n\nid: 41\ndata: {"kind":"inbox"}\n\n')
  lines[0]!.write('data: {"kind":"code","codeId":"c1","change":"used","at":1}\n\n')
  await heard(2)
  assert.deepEqual(events, [{ kind: 'inbox' }, { kind: 'code', codeId: 'c1', change: 'used', at: 1 }])
  assert.deepEqual(states, ['connecting', 'live'])
  assert.deepEqual([asked[0]?.path, asked[0]?.headers.accept, asked[0]?.headers['last-event-id']], ['/deep/api/v1/feed', 'text/event-stream', undefined])
})

test('a character cut in two by the network arrives whole', async (t) => {
  const { lines, events, heard, reached } = await line(t)
  await reached('live')
  const bytes = Buffer.from('data: {"kind":"audit","row":"Süd 🔑"}\n\n')
  for (const byte of bytes) lines[0]!.write(Buffer.of(byte))
  await heard(1)
  assert.deepEqual(events, [{ kind: 'audit', row: 'Süd 🔑' }])
})

test('after a break the line comes back and says where it was', async (t) => {
  const { lines, states, asked, heard, reached } = await line(t)
  await reached('live')
  lines[0]!.write('id: 41\ndata: {"kind":"inbox"}\n\n')
  await heard(1)
  lines[0]!.destroy()
  await reached('live', 2)
  lines[1]!.end()
  await reached('live', 3)
  assert.deepEqual(states, ['connecting', 'live', 'waiting', 'connecting', 'live', 'waiting', 'connecting', 'live'])
  assert.deepEqual(asked.map((one) => one.headers['last-event-id']), [undefined, '41', '41'])
})

test('a server that is away, then busy, then there', async (t) => {
  const { asked, states, reached } = await line(t, { answers: [
    (response) => response.destroy(), json({ code: 'busy', title: 'busy', status: 503 }, 503), (response) => response.writeHead(502).end('<h1>'), (response) => response.writeHead(204).end(),
    (response) => response.writeHead(200).flushHeaders()
  ] })
  await reached('live')
  assert.equal(asked.length, 5)
  assert.equal(states.filter((one) => one === 'waiting').length, 4)
})

test('waits grow, are half random, and end at the longest', async (t) => {
  const waits: number[] = []
  const plain = globalThis.setTimeout
  t.mock.method(globalThis, 'setTimeout', (then: () => void, ms: number) => {
    if (ms < 50_000) waits.push(ms)
    return plain(then, ms < 50_000 ? 0 : ms)
  })
  const { reached } = await line(t, { timing: { waitMs: 1000, longestWaitMs: 5000 }, answers: [(response) => response.destroy()] })
  await reached('waiting', 6)
  for (const [i, most] of [1000, 2000, 4000, 5000, 5000, 5000].entries()) assert.ok(waits[i]! >= most / 2 && waits[i]! <= most, `${i}: ${waits[i]}`)
  assert.notEqual(waits[4], waits[5])
})

test('a line that says nothing for too long is dead', async (t) => {
  const { reached, states } = await line(t, { timing: { quietMs: 150 } })
  await reached('live', 2)
  // The server never ended it. On a busy machine a connection that stands late may be given up before.
  assert.equal(states[states.indexOf('live') + 1], 'waiting')
})

test('retry does not wait, and does nothing while the line stands', async (t) => {
  const { feed, lines, asked, reached } = await line(t, { timing: { waitMs: 3_600_000, longestWaitMs: 3_600_000 } })
  await reached('live')
  feed.retry()
  lines[0]!.destroy()
  await reached('waiting')
  feed.retry()
  await reached('live', 2)
  assert.equal(asked.length, 2)
})

test('whoever is signed out or not allowed is not asked again', async (t) => {
  for (const [status, code] of [[401, 'signInNeeded'], [403, 'notAllowed']] as const) {
    const { feed, states, asked, reached } = await line(t, { answers: [json({ code, title: 'No.', status }, status)] })
    await reached('closed')
    feed.retry()
    feed.close()
    assert.deepEqual(states, ['connecting', 'closed'])
    assert.equal(asked.length, 1)
  }
})

test('after close nothing is heard, not even what is on its way', async (t) => {
  const { feed, lines, events, states, reached, heard } = await line(t)
  await reached('live')
  lines[0]!.write('data: {"kind":"inbox"}\n\n')
  await heard(1)
  lines[0]!.write('data: {"kind":"inbox"}\n\n')
  feed.close()
  feed.close()
  await new Promise((resolve) => lines[0]!.on('close', resolve))
  assert.equal(events.length, 1)
  assert.deepEqual(states, ['connecting', 'live', 'closed'])
})

test('a page that closes the line the moment it stands', async (t) => {
  const made = await world((response) => response.writeHead(200).flushHeaders())
  t.after(made.close)
  const states: FeedState[] = []
  await new Promise<void>((resolve) => {
    const feed = createClient({ base: made.base }).feed(() => {}, (state) => {
      states.push(state)
      if (state === 'live') feed.close()
      if (state === 'closed') resolve()
    })
  })
  assert.deepEqual(states, ['connecting', 'live', 'closed'])
})
