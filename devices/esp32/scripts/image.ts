/**
 * Joins what the SDK's tool made into the one file that goes onto a board that has nothing yet:
 *
 *     node devices/esp32/scripts/image.ts FOLDER [oncekey-door.bin]
 *
 * FOLDER holds bootloader.bin, partition-table.bin and xs_esp32.bin; the SDK's tool puts them into
 * $MODDABLE/build/bin/esp32/release/oncekey-door.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the chip looks for its boot loader, and that one for the table; the program is where the table says. */
const BOOT_LOADER = 0x1000
const TABLE = 0x8000
const PROGRAM = 0x10000

/** One image of the flash from its beginning on; what nothing is in stays erased. @throws RangeError when a part is too long for its place */
export function joinImage (bootLoader: Uint8Array, table: Uint8Array, program: Uint8Array): Uint8Array {
  if (bootLoader.length > TABLE - BOOT_LOADER) throw new RangeError('The boot loader reaches into the table of partitions.')
  if (table.length > 0x1000) throw new RangeError('The table of partitions is longer than its sector.')
  if (program.length > 0x1b0000) throw new RangeError('The program is longer than its slot.')
  const image = new Uint8Array(PROGRAM + program.length).fill(0xff)
  image.set(bootLoader, BOOT_LOADER)
  image.set(table, TABLE)
  image.set(program, PROGRAM)
  return image
}

if (import.meta.main) {
  const [folder, out = 'oncekey-door.bin'] = process.argv.slice(2)
  if (folder === undefined) {
    process.stderr.write('Usage: node devices/esp32/scripts/image.ts FOLDER [FILE]\n')
    process.exit(2)
  }
  const [bootLoader, table, program] = ['bootloader.bin', 'partition-table.bin', 'xs_esp32.bin'].map((name) => readFileSync(join(folder, name)))
  const image = joinImage(bootLoader!, table!, program!)
  writeFileSync(out, image)
  process.stdout.write(`${out}: ${image.length} bytes, for the address 0\n`)
}
