// What runs inside the XS engine: it plays a script and answers with what the program did.
import { player } from './replay.ts'

/** Of the engine's own: gives the computrons so far, and sets their limit (0 = none) and their count. */
declare function resetMeter (limit: number, count: number): number
declare function gc (): void

const empty = (resetMeter(0, 0), resetMeter(0, 0))
const door = player(() => resetMeter(0, 0) - empty)

/** "forget": the program's state becomes garbage; "collect": garbage goes; anything else is a script. */
function handleCommand (message: ArrayBuffer): ArrayBuffer {
  const text = new TextDecoder().decode(message)
  if (text === 'forget') door.forget()
  if (text === 'forget' || text === 'collect') {
    gc()
    return new ArrayBuffer(0)
  }
  return new TextEncoder().encode(JSON.stringify(door.play(text))).buffer
}

Object.assign(globalThis, { handleCommand })
