import type { FeedEvent } from '@oncekey/protocol/schemas'
import { ProblemError } from './errors.ts'
import { toError } from './http.ts'
import { createSseReader } from './sse.ts'

/**
 * connecting -> live -> waiting -> connecting …; `closed` is the end: by `close()`, or because the server
 * refused (nobody is signed in any more). On every `live` fetch what is on the page again: missed audit
 * and code events are sent again, missed states are not.
 */
export type FeedState = 'connecting' | 'live' | 'waiting' | 'closed'
export type Feed = {
  close: () => void
  /** Stops waiting and connects now; for when the page sees the network or the user come back. */
  retry: () => void
}
export type FeedTiming = {
  /** First wait after a break; doubles up to `longestWaitMs`. Half of each wait is random, so that a restarted server is not stormed. */
  waitMs: number
  longestWaitMs: number
  /** A line that says nothing for so long is dead. The server writes a comment far more often. */
  quietMs: number
}

/** Follows `GET url`, server-sent events, and comes back by itself with Last-Event-ID after every break. */
export function openFeed (
  url: string, send: typeof fetch, timing: FeedTiming, onEvent: (event: FeedEvent) => void, onState: (state: FeedState) => void
): Feed {
  let lastId = ''
  let breaks = 0
  let isClosed = false
  let line = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  function after (ms: number, then: () => void): void {
    clearTimeout(timer)
    if (!isClosed) timer = setTimeout(then, ms)
  }

  function close (): void {
    if (isClosed) return
    isClosed = true
    clearTimeout(timer)
    line.abort()
    onState('closed')
  }

  // In a turn of its own: what a page throws while it handles an event is not a broken line.
  function deliver (event: FeedEvent): void {
    queueMicrotask(() => { if (!isClosed) onEvent(event) })
  }

  async function connect (): Promise<void> {
    const current = line = new AbortController()
    const hearAgain = (): void => after(timing.quietMs, () => current.abort())
    clearTimeout(timer)
    onState('connecting')
    hearAgain()
    try {
      const response = await send(url, {
        headers: { accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) },
        signal: current.signal,
        cache: 'no-store'
      })
      if (!response.ok) throw toError(response, await response.text())
      if (!response.body) return
      const read = createSseReader((event) => {
        lastId = event.id
        if (event.data) deliver(JSON.parse(event.data))
      })
      const reader = response.body.getReader()
      const decoder = new TextDecoder()
      onState('live')
      for (;;) {
        hearAgain()
        const { done, value } = await reader.read()
        if (done || isClosed) break
        breaks = 0
        read(decoder.decode(value, { stream: true }))
      }
    } catch (error) {
      if (error instanceof ProblemError && (error.status === 401 || error.status === 403)) close()
    } finally {
      current.abort()
      if (!isClosed && line === current) {
        const wait = Math.min(timing.longestWaitMs, timing.waitMs * 2 ** breaks++)
        after(wait * (1 + Math.random()) / 2, () => void connect())
        onState('waiting')
      }
    }
  }
  void connect()
  return { close, retry: () => { if (!isClosed && line.signal.aborted) void connect() } }
}
