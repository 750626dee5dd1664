/**
 * MQTT 3.1.1 as a controller speaks it: packets as bytes and bytes as packets, without a connection. Only what
 * we use: clean sessions, one subscription, QoS 0 and 1, and no farewell (a cable that is pulled says none).
 * Clauses in brackets are those of the OASIS standard.
 */
import { MAX_PAYLOAD } from '@oncekey/protocol/messages'
import type { Login } from './ports.ts'

/** What a broker may say to us. */
export type Incoming =
  | { is: 'connack', /** 0 accepted, 1..5 refused (3.2.2.3) */ code: number }
  | { is: 'publish', topic: string, payload: Uint8Array, /** null at QoS 0; else to be acknowledged. */ id: number | null }
  | { is: 'puback', id: number }
  | { is: 'suback', id: number, /** 0..2 the granted QoS, 128 refused */ granted: number }
  | { is: 'pingresp' }

type Bytes = Uint8Array<ArrayBuffer>

/** The longest packet that is read: no message of ours is longer than half of it, topic included. */
const MAX_PACKET_BYTES = 2 * MAX_PAYLOAD
const encoder = new TextEncoder()
const strict = new TextDecoder('utf-8', { fatal: true })

export const PINGREQ: Bytes = Uint8Array.of(0xc0, 0)

/** Logs in with a clean session and a retained will at QoS 1. `keepAliveSeconds` 0..65535, 0: never. */
export function connect (login: Login, keepAliveSeconds: number): Bytes {
  const flags = 0b1110_1110 // user name, password, retained will at QoS 1, clean session (3.1.2.3)
  return packet(0x10, text('MQTT'), [4, flags], number(keepAliveSeconds), text(login.clientId), text(login.will.topic), text(login.will.payload), text(login.username), text(login.password))
}

/** One filter at QoS 1. `id` 1..65535. */
export function subscribe (id: number, filter: string): Bytes {
  return packet(0x82, number(id), text(filter), [1])
}

/** QoS 1 with an `id` of 1..65535, QoS 0 with null. */
export function publish (topic: string, payload: string, { id, retain }: { id: number | null, retain: boolean }): Bytes {
  return packet(0x30 | (id === null ? 0 : 2) | (retain ? 1 : 0), text(topic), id === null ? [] : number(id), encoder.encode(payload))
}

export function puback (id: number): Bytes {
  return packet(0x40, number(id))
}

/**
 * Reads a stream of bytes, however the network cut it; returns the packets that each chunk completes. Throws on
 * what no broker may send; the connection is to be closed then [MQTT-4.8.0-1].
 */
export function packetReader (): (chunk: Uint8Array) => Incoming[] {
  let held: Uint8Array = new Uint8Array(0)
  return (chunk) => {
    held = join([held, chunk])
    const whole: Incoming[] = []
    for (let size = sizeOf(held); size !== null && held.length >= size.all; size = sizeOf(held)) {
      whole.push(parse(held[0] ?? 0, held.subarray(size.header, size.all)))
      held = held.subarray(size.all)
    }
    return whole
  }
}

/** Of the first packet and its header; null while too little of it is there. The length has up to four bytes (2.2.3). */
function sizeOf (bytes: Uint8Array): { header: number, all: number } | null {
  let length = 0
  for (let i = 1; i <= 4; i++) {
    const byte = bytes[i]
    if (byte === undefined) return null
    length += (byte & 127) * 128 ** (i - 1)
    if (length > MAX_PACKET_BYTES) throw new Error('This MQTT packet is too long.')
    if (byte < 128) return { header: 1 + i, all: 1 + i + length }
  }
  throw new Error('This is not MQTT: the length does not end.')
}

function parse (first: number, body: Uint8Array): Incoming {
  // Type in the upper four bits, flags in the lower; only PUBLISH has any [MQTT-2.2.2-2].
  if (first >> 4 === 3) return parsePublish(first & 15, body)
  const [high = 0, low = 0] = body
  const id = high * 256 + low
  switch (first * 16 + body.length) {
    case 0x202: return { is: 'connack', code: low }
    case 0x402: return { is: 'puback', id }
    case 0x903: return { is: 'suback', id, granted: body[2] ?? 128 }
    case 0xd00: return { is: 'pingresp' }
    default: throw new Error(`A broker does not send this: type ${first >> 4}, ${body.length} bytes.`)
  }
}

function parsePublish (flags: number, body: Uint8Array): Incoming {
  const qos = flags >> 1 & 3
  const at = 2 + (body[0] ?? 0) * 256 + (body[1] ?? 0)
  const start = qos === 0 ? at : at + 2
  // Our one subscription is at QoS 1, so nothing comes at 2; 3 does not exist [MQTT-3.3.1-4].
  if (qos > 1 || at < 3 || start > body.length) throw new Error('This PUBLISH is none.')
  const id = qos === 0 ? null : (body[at] ?? 0) * 256 + (body[at + 1] ?? 0)
  if (id === 0) throw new Error('A PUBLISH at QoS 1 needs a packet id.')
  return { is: 'publish', topic: strict.decode(body.subarray(2, at)), payload: body.subarray(start), id }
}

function packet (first: number, ...parts: (Uint8Array | number[])[]): Bytes {
  const body = join(parts)
  const header = [first]
  let rest = body.length
  do {
    header.push(rest % 128 + (rest > 127 ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return join([header, body])
}

function number (value: number): number[] {
  return [value >> 8, value & 255]
}

/** A string with its length before it, at most 65,535 bytes (1.5.3). */
function text (value: string): Bytes {
  const bytes = encoder.encode(value)
  if (bytes.length > 65_535) throw new RangeError('A string in MQTT has at most 65,535 bytes.')
  return join([number(bytes.length), bytes])
}

function join (parts: readonly (Uint8Array | number[])[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
