import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import type { Page } from 'playwright-core'

const END = 0xc0
const ESCAPE = 0xdb
const FLASH = 4 * 1024 * 1024
const ok = [0, 0, 0, 0]

/**
 * The loader in the ESP32's own ROM, and the one that takes its place, as Espressif documents their protocol
 * (docs.espressif.com, "Serial Protocol"): it unpacks what it gets into a flash and counts the checksums itself. That
 * a chip is like this, only a chip can show.
 */
export function romLoader (say: (bytes: number[]) => void) {
  const flash = Buffer.alloc(FLASH, 0xff)
  let frame: number[] | null = null
  let isEscaped = false
  let isStub = false
  let packed: Buffer[] = []
  let at = 0
  const rom = {
    flash, erased: 0, wrongSums: 0,
    /** The byte of each image that arrives with a bit wrong; -1: none. */
    bent: -1,
    start () {
      frame = null
      isStub = false
    },
    hear (bytes: readonly number[]) {
      for (const byte of bytes) {
        if (byte === END) {
          if (frame !== null && frame.length > 0) obey(Buffer.from(frame))
          frame = []
          isEscaped = false
        } else if (frame !== null) {
          if (isEscaped) frame.push(byte === 0xdc ? END : ESCAPE)
          else if (byte !== ESCAPE) frame.push(byte)
          isEscaped = byte === ESCAPE && !isEscaped
        }
      }
    }
  }
  return rom

  function send (bytes: readonly number[]): void {
    say([END, ...bytes.flatMap((byte) => byte === END ? [ESCAPE, 0xdc] : byte === ESCAPE ? [ESCAPE, 0xdd] : [byte]), END])
  }
  function answer (op: number, data: readonly number[] = isStub ? [0, 0] : ok, value = 0): void {
    const head = Buffer.alloc(8)
    head.writeUInt8(1, 0)
    head.writeUInt8(op, 1)
    head.writeUInt16LE(data.length, 2)
    head.writeUInt32LE(value >>> 0, 4)
    send([...head, ...data])
  }
  function obey (packet: Buffer): void {
    const op = packet[1] ?? 0
    const data = packet.subarray(8)
    const hasRightSum = (): boolean => {
      const sum = data.subarray(16).reduce((all, byte) => all ^ byte, 0xef)
      const isRight = sum === packet.readUInt32LE(4)
      if (!isRight) rom.wrongSums++
      return isRight
    }
    switch (op) {
      case 0x08: for (let i = 0; i < 8; i++) answer(op, undefined, isStub ? 0 : 0x20120707); return
      // The chip's kind: the ESP32 has no word for it but one register.
      case 0x14: return answer(0, [1, 5, 0, 0])
      case 0x0a: return answer(op, undefined, data.readUInt32LE(0) === 0x40001000 ? 0x00f01d83 : 0)
      case 0x05: case 0x0f: case 0x12: return answer(op)
      case 0x07: return answer(op, hasRightSum() ? undefined : [1, 7, 0, 0])
      case 0x06:
        answer(op)
        isStub = true
        return send([...Buffer.from('OHAI')])
      case 0xd0:
        flash.fill(0xff)
        rom.erased++
        return answer(op)
      case 0x10:
        packed = []
        at = data.readUInt32LE(12)
        return answer(op)
      case 0x11: {
        if (!hasRightSum()) return answer(op, [1, 7])
        const block = Buffer.from(data.subarray(16))
        packed.push(block)
        answer(op)
        return unpack()
      }
      case 0x13: {
        const from = data.readUInt32LE(0)
        return answer(op, [...createHash('md5').update(flash.subarray(from, from + data.readUInt32LE(4))).digest(), 0, 0])
      }
      default: return answer(op, [1, 5])
    }
  }
  /** Whatever of the stream is whole by now. */
  function unpack (): void {
    try {
      const bytes = inflateSync(Buffer.concat(packed))
      if (rom.bent >= 0) bytes[rom.bent]! ^= 1
      bytes.copy(flash, at)
    } catch {
      // More has to come.
    }
  }
}

/** What is at the other end of the cable. */
export type Other = { hear: (bytes: number[]) => void, /** Lines of the converter: the chip starts when RTS falls, into its loader while DTR is set. */ reset: (isLoader: boolean) => void }

/**
 * Puts a port into a page in place of the browser's: bytes go to `other`, and what it says comes back by the function that
 * is returned. Streams, locks and lines are as Web Serial describes them.
 */
export async function cableInto (page: Page, other: Other): Promise<(bytes: number[]) => void> {
  let isReset = false
  let isLoader = false
  await page.exposeFunction('boardHears', (bytes: number[]) => { other.hear(bytes) })
  await page.exposeFunction('boardLines', ({ dataTerminalReady, requestToSend }: { dataTerminalReady?: boolean, requestToSend?: boolean }) => {
    isLoader = dataTerminalReady ?? isLoader
    if (isReset && requestToSend === false) other.reset(isLoader)
    isReset = requestToSend ?? isReset
  })
  await page.addInitScript(`(() => {
    let readable = null, writable = null, controller = null, isOpen = false
    const port = {
      get readable () {
        if (isOpen && readable === null) readable = new ReadableStream({ start (one) { controller = one }, cancel () { readable = null; controller = null } })
        return readable
      },
      get writable () { return isOpen ? writable ??= new WritableStream({ write: chunk => boardHears([...chunk]) }) : null },
      async open ({ baudRate }) {
        if (window.isPortTaken) throw new DOMException('taken', 'NetworkError')
        if (isOpen || !(baudRate > 0)) throw new DOMException('open', 'InvalidStateError')
        isOpen = true
      },
      async close () {
        if (readable?.locked || writable?.locked) throw new TypeError('locked')
        isOpen = false
        readable = writable = controller = null
      },
      async setSignals (lines) { await boardLines(lines) },
      getInfo: () => ({ usbVendorId: 0x10c4, usbProductId: 0xea60 })
    }
    window.pullCable = () => {
      controller?.error(new DOMException('The device has been lost.', 'NetworkError'))
      isOpen = false
      readable = writable = controller = null
    }
    window.boardSays = bytes => controller?.enqueue(Uint8Array.from(bytes))
    Object.defineProperty(navigator, 'serial', { configurable: true, value: { async requestPort () {
      if (window.isNothingChosen) throw new DOMException('none', 'NotFoundError')
      return port
    } } })
  })()`)
  let waiting: number[] = []
  let isSending = false
  return (bytes) => {
    waiting.push(...bytes)
    if (isSending) return
    isSending = true
    setImmediate(() => {
      isSending = false
      const now = waiting
      waiting = []
      page.evaluate(`boardSays(${JSON.stringify(now)})`).catch(() => {})
    })
  }
}
