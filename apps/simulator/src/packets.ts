/** Longest header of an MQTT packet: type, and up to four bytes of length (MQTT 3.1.1, 2.2.3). */
const LENGTH_BYTES = 4

/**
 * Cuts a stream of bytes into whole MQTT packets, however the network cut it. Returns what each chunk
 * completes. Throws when the length is none; then the stream is lost.
 */
export function packetCutter (): (chunk: Uint8Array) => Uint8Array[] {
  let held = new Uint8Array(0)
  return (chunk) => {
    const joined = new Uint8Array(held.length + chunk.length)
    joined.set(held)
    joined.set(chunk, held.length)
    held = joined
    const whole: Uint8Array[] = []
    for (let size = sizeOf(held); size !== null && size <= held.length; size = sizeOf(held)) {
      whole.push(held.slice(0, size))
      held = held.slice(size)
    }
    return whole
  }
}

/** Of the first packet, header included; null while too little of it is there. */
function sizeOf (bytes: Uint8Array): number | null {
  let length = 0
  for (let i = 1; i <= LENGTH_BYTES; i++) {
    const byte = bytes[i]
    if (byte === undefined) return null
    length += (byte & 127) * 128 ** (i - 1)
    if (byte < 128) return 1 + i + length
  }
  throw new Error('not MQTT')
}
