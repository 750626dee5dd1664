/** What is used of a port of Web Serial (https://wicg.github.io/serial/). */
export type Port = {
  readonly readable: ReadableStream<Uint8Array> | null
  readonly writable: WritableStream<Uint8Array> | null
  open (options: { baudRate: number }): Promise<void>
  close (): Promise<void>
}

/** What went wrong at the cable; each has a text that names the cure. */
export type Fault = 'none' | 'busy' | 'silent' | 'lost' | 'other' | 'notJoined' | 'noBoot' | 'otherChip' | 'notWritten'

/** Something at the cable went wrong. */
export class BoardError extends Error {
  readonly fault: Fault
  constructor (fault: Fault, cause?: unknown) {
    super(fault, { cause })
    this.fault = fault
  }
}

type Serial = { requestPort: () => Promise<Port> }
declare global {
  interface Navigator { readonly serial?: Serial }
}

/** Whether this browser, on this page, can speak to a cable at all. `insecure`: it could, on a page with TLS. */
export function serialHere (): 'yes' | 'insecure' | 'no' {
  if (navigator.serial !== undefined) return 'yes'
  return window.isSecureContext ? 'no' : 'insecure'
}

/** Lets the person choose a port. @throws BoardError none when nothing was chosen */
export async function choosePort (): Promise<Port> {
  if (navigator.serial === undefined) throw new BoardError('none')
  return navigator.serial.requestPort().catch((error: unknown) => { throw new BoardError('none', error) })
}

/** A line that is open: what comes is told, what goes is written. */
export type Line = { write: (bytes: Uint8Array) => Promise<void>, close: () => Promise<void> }

/** The speed that a board's program and its first loader both speak. */
export const BAUD = 115_200

/**
 * Opens the port.
 * @param lost the cable was pulled, or the board lost power: nothing is heard any more
 * @throws BoardError busy when another program, or another tab, has it
 */
export async function openLine (port: Port, heard: (bytes: Uint8Array) => void, lost: () => void): Promise<Line> {
  await port.open({ baudRate: BAUD }).catch((error: unknown) => { throw new BoardError('busy', error) })
  let isOpen = true
  let reader: ReadableStreamDefaultReader<Uint8Array> | null = null
  const reading = read()

  async function read (): Promise<void> {
    // A stream ends with each fault of the line, and the port has a new one.
    while (isOpen && port.readable !== null) {
      reader = port.readable.getReader()
      try {
        for (;;) {
          const { value, done } = await reader.read()
          if (done) return
          heard(value)
        }
      } catch {
        // The next stream, or none when the cable is out.
      } finally {
        reader.releaseLock()
      }
    }
    if (isOpen) lost()
  }

  return {
    async write (bytes) {
      if (port.writable === null) throw new BoardError('lost')
      const writer = port.writable.getWriter()
      try {
        await writer.write(bytes)
      } catch (error) {
        throw new BoardError('lost', error)
      } finally {
        writer.releaseLock()
      }
    },
    async close () {
      isOpen = false
      await reader?.cancel().catch(() => {})
      await reading
      await port.close().catch(() => {})
    }
  }
}
