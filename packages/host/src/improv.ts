/** The box's end of Improv Wi-Fi: what a page in a browser can tell it, and what it answers. */
import { utf8 } from '@oncekey/otp/sha256'
import { ABOUT, ERROR, errorNumbers, GET_STATE, NETWORK, packet, readPacket, RESULT, RPC, SCAN, SERVER, STATE, stateNumbers, textPacket, textsOf, type ImprovError, type ImprovReader, type ImprovState } from './improv-packet.ts'

export type ImprovCommand =
  | { is: 'network', ssid: string, password: string }
  | { is: 'state' }
  | { is: 'about' }
  | { is: 'scan' }
  /** Ours, beside the standard's: where the server is, and the fingerprint of its own authority ('' = one that is known to all). */
  | { is: 'server', url: string, fingerprint: string }
  | { is: 'unknown', id: number }
  | { is: 'invalid' }

export function statePacket (state: ImprovState): Uint8Array {
  return packet(STATE, [stateNumbers[state]])
}

export function errorPacket (error: ImprovError): Uint8Array {
  return packet(ERROR, [errorNumbers[error]])
}

/** The answer to a command. */
export function resultPacket (command: number, texts: readonly string[]): Uint8Array {
  return textPacket(RESULT, command, texts.map(utf8))
}

/** Reads one byte of the line. A command that is damaged is told as `invalid`; what is no command is passed over. */
export function readImprov (from: ImprovReader, byte: number): { reader: ImprovReader, command: ImprovCommand | null } {
  const { reader, packet } = readPacket(from, byte)
  if (packet?.type !== RPC) return { reader, command: null }
  return { reader, command: packet.isWhole ? commandOf(packet.data) : { is: 'invalid' } }
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
