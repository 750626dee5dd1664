/** One server-sent event. `id` is the last one seen, so it stays when an event brings none. */
export type SseEvent = { id: string, data: string }

/**
 * Reads a text/event-stream in pieces cut anywhere (WHATWG HTML 9.2.6). Give it each piece of text as it
 * comes; it calls `onEvent` at each blank line that ends an event with an id or with data.
 */
export function createSseReader (onEvent: (event: SseEvent) => void): (piece: string) => void {
  let rest = ''
  let id = ''
  let data: string[] = []
  let isFresh = false

  function readLine (line: string): void {
    if (line === '') {
      if (isFresh) onEvent({ id, data: data.join('\n') })
      data = []
      isFresh = false
      return
    }
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') data.push(value)
    else if (name === 'id') id = value
    else return
    isFresh = true
  }

  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) readLine(line)
  }
}
