/**
 * Improv Wi-Fi over a serial line (https://www.improv-wifi.com/serial/): how a page in a browser gives a box its
 * network. A packet is "IMPROV", version 1, type, length, data and a checksum: the low byte of the sum of all before.
 */
import { utf8 } from '@oncekey/otp/sha256'

export type ImprovState = 'ready' | 'provisioning' | 'provisioned'
export type ImprovError = 'none' | 'invalidPacket' | 'unknownCommand' | 'unableToConnect'

export type ImprovCommand =
  | { is: 'network', ssid: string, password: string }
  | { is: 'state' }
  | { is: 'about' }
  | { is: 'scan' }
  /** Ours, beside the standard's: where the server is, and the fingerprint of its own authority ('' = one that is known to all). */
  | { is: 'server', url: string, fingerprint: string }
  | { is: 'unknown', id: number }
  | { is: 'invalid' }

const header = [0x49, 0x4d, 0x50, 0x52, 0x4f, 0x56, 1] as const
const STATE = 1
const ERROR = 2
const RPC = 3
const RESULT = 4
/** Numbers of the commands. */
export const NETWORK = 1
export const GET_STATE = 2
export const ABOUT = 3
export const SCAN = 4
export const SERVER = 0xc0

const states = { ready: 2, provisioning: 3, provisioned: 4 } as const
const errors = { none: 0, invalidPacket: 1, unknownCommand: 2, unableToConnect: 3 } as const

export function statePacket (state: ImprovState): Uint8Array {
  return packet(STATE, [states[state]])
}

export function errorPacket (error: ImprovError): Uint8Array {
  return packet(ERROR, [errors[error]])
}

/** The answer to a command: texts, each of at most 255 bytes; what does not fit into the packet is left out. */
export function resultPacket (command: number, texts: readonly string[]): Uint8Array {
  const data: number[] = []
  for (const text of texts) {
    const bytes = utf8(text)
    if (data.length + 1 + bytes.length <= 253) data.push(bytes.length, ...bytes)
  }
  return packet(RESULT, [command, data.length, ...data])
}

function packet (type: number, data: readonly number[]): Uint8Array {
  const bytes = [...header, type, data.length, ...data]
  // The newline lets a console that shares the line go on at its beginning.
  return Uint8Array.from([...bytes, sum(bytes), 0x0a])
}

/** What was read so far of a packet that may be one. */
export type ImprovReader = { readonly bytes: readonly number[] }
export const newImprovReader: ImprovReader = { bytes: [] }

/**
 * Reads one byte of the line, on which logs and packets may alternate. A packet that is damaged is told as `invalid`;
 * what is no packet is passed over.
 */
export function readImprov (reader: ImprovReader, byte: number): { reader: ImprovReader, command: ImprovCommand | null } {
  const bytes = [...reader.bytes, byte]
  const wanted = header[bytes.length - 1]
  if (wanted !== undefined && wanted !== byte) {
    return { reader: { bytes: byte === header[0] ? [byte] : [] }, command: null }
  }
  const length = bytes[header.length + 1]
  if (length === undefined || bytes.length < header.length + 3 + length) return { reader: { bytes }, command: null }
  const isWhole = sum(bytes.slice(0, -1)) === byte
  const type = bytes[header.length]
  if (type !== RPC) return { reader: newImprovReader, command: null }
  return { reader: newImprovReader, command: isWhole ? commandOf(bytes.slice(header.length + 2, -1)) : { is: 'invalid' } }
}

function commandOf (data: readonly number[]): ImprovCommand {
  const [id = 0, length = 0, ...rest] = data
  if (data.length < 2 || rest.length !== length) return { is: 'invalid' }
  const texts = textsOf(rest)
  switch (id) {
    case NETWORK: {
      const [ssid = '', password = '', more] = texts ?? []
      // What 802.11 allows: a name of 1 to 32 bytes, a password of at most 64.
      const fits = texts !== null && more === undefined && rest[0] !== 0 && utf8(ssid).length <= 32 && ssid !== '' && utf8(password).length <= 64
      return fits ? { is: 'network', ssid, password } : { is: 'invalid' }
    }
    case GET_STATE: return { is: 'state' }
    case ABOUT: return { is: 'about' }
    case SCAN: return { is: 'scan' }
    case SERVER: {
      const [url = '', fingerprint = '', more] = texts ?? []
      return texts !== null && more === undefined && url !== '' ? { is: 'server', url, fingerprint } : { is: 'invalid' }
    }
    default: return { is: 'unknown', id }
  }
}

/** Texts with their lengths before them; null when they do not fill the data exactly, or are no UTF-8. */
function textsOf (data: readonly number[]): string[] | null {
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
