/** Messages through a client that takes and gives as many bytes at a time as there is room for, such as ECMA-419's MQTT client. */

export type Message = { readonly topic: string, readonly payload: Uint8Array, readonly qos: 0 | 1, readonly retain: boolean }

/** Fixed header with its longest length, length of the topic, packet id. */
const OVERHEAD = 9
/** So many wait at most; the oldest gives way. The program sends again what still matters. */
const WAITING = 64

/**
 * @param write the first part of a message with what it is, or a further one with null; returns the room that is left.
 * It is given no more than there is room for.
 */
export function newSender (write: (part: Uint8Array, message: Message | null) => number): { send: (message: Message) => void, room: (count: number) => void, clear: () => void } {
  let waiting: readonly Message[] = []
  let sent = 0
  let room = 0

  function go (): void {
    for (let message = waiting[0]; message !== undefined; message = waiting[0]) {
      const isFirst = sent === 0
      const space = room - (isFirst ? OVERHEAD + message.topic.length : 0)
      // One byte at least goes with the header: a message that has none would never end.
      if (space < 1) return
      const part = message.payload.slice(sent, sent + space)
      room = write(part, isFirst ? message : null)
      sent += part.length
      if (sent < message.payload.length) continue
      waiting = waiting.slice(1)
      sent = 0
    }
  }

  return {
    send (message) {
      // One that is half sent has to be finished.
      const keep = sent > 0 ? 1 : 0
      if (waiting.length >= WAITING) waiting = [...waiting.slice(0, keep), ...waiting.slice(keep + 1)]
      waiting = [...waiting, message]
      go()
    },
    room (count) {
      room = count
      go()
    },
    clear () {
      waiting = []
      sent = 0
      room = 0
    }
  }
}

/** Puts the parts of a message together. One that is longer than `most` bytes is passed over. */
export function newGatherer (most: number, told: (topic: string, payload: Uint8Array) => void): { part: (bytes: Uint8Array, topic: string | undefined, more: boolean) => void } {
  let current = ''
  let parts: readonly Uint8Array[] = []
  let length = 0

  return {
    part (bytes, topic, more) {
      if (topic !== undefined) {
        current = topic
        parts = []
        length = 0
      }
      length += bytes.length
      parts = length > most ? [] : [...parts, bytes]
      if (more) return
      if (length <= most) told(current, joined(parts, length))
      parts = []
    }
  }
}

function joined (parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
