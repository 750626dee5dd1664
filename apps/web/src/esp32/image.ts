/** What a file for an ESP32 is, and where its bytes go. Addresses are those of devices/esp32/partitions.csv. */
export const layout = { bootLoader: 0x1000, table: 0x8000, choice: 0x9000, choiceBytes: 0x2000, program: 0x10000, programBytes: 0x1b0000, flashBytes: 0x400000 } as const

export type Part = { address: number, data: Uint8Array }
/** `whole`: boot loader, table and program, for a board that has nothing yet. `program`: for a board that has the rest. */
export type BoardImage = { kind: 'whole' | 'program', parts: Part[] }
export type Misfit = 'notAnImage' | 'otherChip' | 'otherHardware' | 'tooBig'

const IMAGE = 0xe9
/** Chip id of the ESP32 in the header of an image. */
const ESP32 = 0
const signedLine = 'oncekey image 1\n'

/** Reads a file: a whole image of the flash, a program alone, or a signed program as the page "Updates" takes it. */
export function readBoardImage (file: Uint8Array): BoardImage | Misfit {
  const program = unsigned(file)
  if (typeof program === 'string') return program
  if (isProgram(program, 0)) {
    if (program[12] !== ESP32 || program[13] !== ESP32) return 'otherChip'
    if (program.length > layout.programBytes) return 'tooBig'
    // Which of the two slots runs is a note in the flash; without it the first one does.
    return { kind: 'program', parts: [{ address: layout.program, data: program }, { address: layout.choice, data: new Uint8Array(layout.choiceBytes).fill(0xff) }] }
  }
  if (isProgram(file, layout.bootLoader) && isProgram(file, layout.program) && file[layout.table] === 0xaa && file[layout.table + 1] === 0x50) {
    if (file[layout.program + 12] !== ESP32 || file[layout.program + 13] !== ESP32) return 'otherChip'
    return file.length > layout.flashBytes ? 'tooBig' : { kind: 'whole', parts: [{ address: 0, data: file }] }
  }
  // Other chips of the family have their boot loader elsewhere.
  return isProgram(file, 0x2000) && file[layout.table] === 0xaa ? 'otherChip' : 'notAnImage'
}

function isProgram (bytes: Uint8Array, at: number): boolean {
  const segments = bytes[at + 1] ?? 0
  return bytes.length >= at + 24 && bytes[at] === IMAGE && segments >= 1 && segments <= 16
}

/** The bytes behind the head of a signed program; the file itself when it is none. */
function unsigned (file: Uint8Array): Uint8Array | Misfit {
  const head = new TextDecoder('latin1').decode(file.subarray(0, 4096))
  if (!head.startsWith(signedLine)) return file
  const end = head.indexOf('\n', signedLine.length)
  if (end < 0) return 'notAnImage'
  return /"hardware":"esp32"/.test(head.slice(signedLine.length, end)) ? file.subarray(end + 1) : 'otherHardware'
}
