import { md5 } from '@noble/hashes/legacy.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { ESPLoader, Transport, UnexpectedChipIdError, UnexpectedChipMagicError } from 'esptool-js'
import type { Part } from './image.ts'
import { BAUD, BoardError, type Fault, type Port } from './port.ts'

/** What most converters keep up with; the loader falls back by itself. */
const FAST = 460_800
/** How long the chip is held in its reset. */
const RESET_MS = 100

/**
 * Writes parts of an image into a board's flash, by the chip's own first loader. Opens the port and closes it; the
 * board starts anew afterwards. What was written is compared by its MD5, which the board counts.
 * @param told how much is written, 0..1
 * @throws BoardError
 */
export async function flash (port: Port, parts: readonly Part[], eraseAll: boolean, told: (share: number) => void): Promise<void> {
  const silent = { clean () {}, write () {}, writeLine () {} }
  // The library's own type names the browser's port, of which it uses no more than ours has.
  const transport = new Transport(port as unknown as ConstructorParameters<typeof Transport>[0], false)
  const loader = new ESPLoader({ transport, baudrate: FAST, romBaudrate: BAUD, terminal: silent })
  const step = async (fault: Fault, work: () => Promise<unknown>): Promise<void> => {
    await work().catch((error: unknown) => { throw new BoardError(faultOf(error) ?? fault, error) })
  }
  try {
    await step('noBoot', () => loader.connect())
    if (loader.chip.CHIP_NAME !== 'ESP32') throw new BoardError('otherChip')
    await step('noBoot', async () => {
      await loader.runStub()
      await loader.changeBaud()
    })
    const bytes = parts.map(({ data }) => data.length)
    const all = bytes.reduce((sum, each) => sum + each, 0)
    await step('notWritten', () => loader.writeFlash({
      fileArray: [...parts], flashMode: 'keep', flashFreq: 'keep', flashSize: 'keep', eraseAll, compress: true, calculateMD5Hash: (image) => bytesToHex(md5(image)),
      reportProgress (index, written, total) {
        const before = bytes.slice(0, index).reduce((sum, each) => sum + each, 0)
        told((before + bytes[index]! * written / total) / all)
      }
    }))
    // The library's own way lets the chip out of a reset into which nobody has put it.
    await step('lost', async () => {
      await transport.setDTR(false)
      await transport.setRTS(true)
      await new Promise((resolve) => setTimeout(resolve, RESET_MS))
      await transport.setRTS(false)
    })
  } finally {
    await transport.disconnect().catch(() => {})
  }
}

/** What the library says by the kind of an error, whatever it was doing. */
function faultOf (error: unknown): Fault | null {
  if (error instanceof UnexpectedChipIdError || error instanceof UnexpectedChipMagicError) return 'otherChip'
  // Of the browser: the port is open elsewhere, or gone.
  if (error instanceof DOMException) return error.name === 'NetworkError' || error.name === 'InvalidStateError' ? 'busy' : 'lost'
  return null
}
