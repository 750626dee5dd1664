/** The page's end of Improv Wi-Fi: commands to a box, and what it answers. No device needs it. */
import { ERROR, errorNumbers, readPacket, RESULT, RPC, STATE, stateNumbers, textPacket, textsOf, type ImprovError, type ImprovReader, type ImprovState } from './improv-packet.ts'

export { ABOUT, GET_STATE, NETWORK, newImprovReader, SCAN, SERVER } from './improv-packet.ts'

export type ImprovAnswer =
  | { is: 'state', state: ImprovState }
  | { is: 'error', error: ImprovError | 'other' }
  | { is: 'result', command: number, texts: readonly string[] }

const states: readonly ImprovState[] = ['ready', 'provisioning', 'provisioned']
const errors: readonly ImprovError[] = ['none', 'invalidPacket', 'unknownCommand', 'unableToConnect']

/** @param command one of the numbers @param texts UTF-8, at most 253 bytes in all, with one byte of length for each */
export function commandPacket (command: number, texts: readonly ArrayLike<number>[]): Uint8Array {
  return textPacket(RPC, command, texts)
}

/** Reads one byte of the line. What is damaged, or no answer, is passed over: whoever asked asks again. */
export function readAnswer (from: ImprovReader, byte: number): { reader: ImprovReader, answer: ImprovAnswer | null } {
  const { reader, packet } = readPacket(from, byte)
  if (packet === null || !packet.isWhole) return { reader, answer: null }
  const { type, data: [first = 0, length, ...rest] } = packet
  if (type === STATE) {
    const state = states.find((one) => stateNumbers[one] === first)
    return { reader, answer: state === undefined ? null : { is: 'state', state } }
  }
  if (type === ERROR) return { reader, answer: { is: 'error', error: errors.find((one) => errorNumbers[one] === first) ?? 'other' } }
  const texts = type === RESULT && length === rest.length ? textsOf(rest) : null
  return { reader, answer: texts === null ? null : { is: 'result', command: first, texts } }
}
