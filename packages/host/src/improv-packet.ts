/**
 * Packets of Improv Wi-Fi over a serial line (https://www.improv-wifi.com/serial/), for both ends of it: "IMPROV",
 * version 1, type, length, data and a checksum: the low byte of the sum of all before.
 */

export type ImprovState = 'ready' | 'provisioning' | 'provisioned'
export type ImprovError = 'none' | 'invalidPacket' | 'unknownCommand' | 'unableToConnect'

const header = [0x49, 0x4d, 0x50, 0x52, 0x4f, 0x56, 1] as const
/** Types of packets. */
export const STATE = 1
export const ERROR = 2
export const RPC = 3
export const RESULT = 4
/** Numbers of the commands; the last one is ours, beside the standard's. */
export const NETWORK = 1
export const GET_STATE = 2
export const ABOUT = 3
export const SCAN = 4
export const SERVER = 0xc0

export const stateNumbers = { ready: 2, provisioning: 3, provisioned: 4 } as const
export const errorNumbers = { none: 0, invalidPacket: 1, unknownCommand: 2, unableToConnect: 3 } as const

/** Most bytes of texts, with their lengths, in one packet. */
const MOST_TEXT = 253

/** Data that a length of one byte can tell: at most 255 bytes. */
export function packet (type: number, data: readonly number[]): Uint8Array {
  const bytes = [...header, type, data.length, ...data]
  // The newline lets a console that shares the line go on at its beginning.
  return Uint8Array.from([...bytes, sum(bytes), 0x0a])
}

/** A command or its answer. @param texts UTF-8, each of at most 255 bytes; what does not fit into the packet is left out */
export function textPacket (type: number, command: number, texts: readonly ArrayLike<number>[]): Uint8Array {
  const data: number[] = []
  for (const text of texts) {
    if (data.length + 1 + text.length <= MOST_TEXT) data.push(text.length, ...Array.from(text))
  }
  return packet(type, [command, data.length, ...data])
}

/** What was read so far of a packet that may be one. */
export type ImprovReader = { readonly bytes: readonly number[] }
export const newImprovReader: ImprovReader = { bytes: [] }

/** `isWhole`: the checksum is right. */
export type ImprovPacket = { type: number, data: readonly number[], isWhole: boolean }

/** Reads one byte of the line, on which logs and packets may alternate. What is no packet is passed over. */
export function readPacket (reader: ImprovReader, byte: number): { reader: ImprovReader, packet: ImprovPacket | null } {
  const bytes = [...reader.bytes, byte]
  const wanted = header[bytes.length - 1]
  if (wanted !== undefined && wanted !== byte) {
    return { reader: { bytes: byte === header[0] ? [byte] : [] }, packet: null }
  }
  const [type, length] = bytes.slice(header.length)
  if (type === undefined || length === undefined || bytes.length < header.length + 3 + length) return { reader: { bytes }, packet: null }
  return { reader: newImprovReader, packet: { type, data: bytes.slice(header.length + 2, -1), isWhole: sum(bytes.slice(0, -1)) === byte } }
}

/** Texts with their lengths before them; null when they do not fill the data exactly, or are no UTF-8. */
export function textsOf (data: readonly number[]): string[] | null {
  const texts: string[] = []
  for (let at = 0; at < data.length;) {
    const length = data[at]!
    const bytes = data.slice(at + 1, at + 1 + length)
    const text = bytes.length === length ? fromUtf8(bytes) : null
    if (text === null) return null
    texts.push(text)
    at += 1 + length
  }
  return texts
}

/** null when the bytes are no UTF-8 (RFC 3629). The engine's own escapes decode it, and throw. */
function fromUtf8 (bytes: readonly number[]): string | null {
  try {
    return decodeURIComponent(bytes.map((byte) => '%' + (byte + 256).toString(16).slice(1)).join(''))
  } catch {
    return null
  }
}

function sum (bytes: readonly number[]): number {
  return bytes.reduce((total, byte) => total + byte & 0xff, 0)
}
