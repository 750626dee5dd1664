import type { Duplex } from 'node:stream'

/**
 * Cuts a connection that announces a larger MQTT packet than `most` bytes, as soon as it announces it. The parser
 * behind would collect up to 256 MB for one packet first. The broker reads with `read(null)`, so the meter looks at
 * what that returns: no stream in between, no copy.
 */
export function meterPackets (connection: Duplex, most: number, onOversized: () => void): void {
  const isWithin = packetMeter(most)
  const read = connection.read.bind(connection)
  connection.read = (size?: number): unknown => {
    const chunk: unknown = read(size)
    if (!(chunk instanceof Uint8Array) || isWithin(chunk)) return chunk
    onOversized()
    connection.destroy()
    return null
  }
}

/** Follows the frames of a stream of MQTT packets (MQTT 3.1.1 section 2.2). The function is false from the first packet on that is too long. */
export function packetMeter (most: number): (chunk: Uint8Array) => boolean {
  /** Bytes of the present packet that are still to come; 0 = its first byte is next; -1 = within its length field. */
  let rest = 0
  let length = 0
  let shift = 0
  let isWithin = true
  return (chunk) => {
    for (let at = 0; at < chunk.length && isWithin;) {
      if (rest > 0) {
        const passed = Math.min(rest, chunk.length - at)
        rest -= passed
        at += passed
        continue
      }
      const byte = chunk[at++] ?? 0
      if (rest === 0) {
        rest = -1
        length = 0
        shift = 0
        continue
      }
      length += (byte & 0x7f) * 2 ** shift
      shift += 7
      if (length > most || shift > 28) isWithin = false
      else if ((byte & 0x80) === 0) rest = length
    }
    return isWithin
  }
}
