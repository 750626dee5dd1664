/** The little language of `simulate --script`: steps with semicolons between them. */
import type { SimulatedDoor } from './door.ts'

export type Step =
  | { step: 'type', keys: string }
  | { step: 'wait', ms: number }
  | { step: 'cut' | 'restore', what: 'network' | 'power' }
  | { step: 'open' | 'close' | 'jam' | 'unjam' | 'force', lock: number }
  | { step: 'battery', millivolts: number }
  | { step: 'show' }
  | { step: 'until', text: string }

export const help = `  123456#            keys, pressed one after the other
  wait 2             seconds
  cut network        also: cut power, restore network, restore power
  open 1             pull door 1 open; also: close 1, jam 1, unjam 1, force 1
  battery 3.4        volts that the box measures, twice
  until Enter code   wait until the display shows this, 30 s at most
  show               print the display and the locks`

/** Reads a script; throws with the step that it does not understand. */
export function parseScript (text: string): Step[] {
  return text.split(';').map((one) => one.trim()).filter((one) => one !== '').map((one) => {
    const [word = '', ...rest] = one.split(/\s+/)
    const value = rest.join(' ')
    switch (word) {
      case 'wait': {
        const ms = Number(value) * 1000
        if (value !== '' && ms >= 0) return { step: 'wait', ms }
        break
      }
      case 'cut': case 'restore':
        if (value === 'network' || value === 'power') return { step: word, what: value }
        break
      case 'open': case 'close': case 'jam': case 'unjam': case 'force':
        if (/^[1-9]\d{0,2}$/.test(value)) return { step: word, lock: Number(value) }
        break
      case 'battery':
        if (/^\d{1,2}(\.\d{1,3})?$/.test(value)) return { step: 'battery', millivolts: Math.round(Number(value) * 1000) }
        break
      case 'show':
        if (value === '') return { step: 'show' }
        break
      case 'until':
        if (value !== '') return { step: 'until', text: value }
        break
      default:
        if (/^[0-9A-D#* ]+$/.test(one)) return { step: 'type', keys: one }
    }
    throw new Error(`The script's step '${one}' is not understood. Steps:\n${help}`)
  })
}

/** Does the steps one after the other. */
export async function play (door: SimulatedDoor, steps: readonly Step[], print: (line: string) => void): Promise<void> {
  for (const one of steps) {
    switch (one.step) {
      case 'type': door.type(one.keys); break
      case 'wait': await new Promise((resolve) => setTimeout(resolve, one.ms)); break
      case 'cut': if (one.what === 'power') door.cutPower(); else door.cutNetwork(); break
      case 'restore': if (one.what === 'power') door.restorePower(); else door.restoreNetwork(); break
      case 'open': if (!door.openDoor(one.lock)) print(`door ${one.lock} does not open: it is ${door.lock(one.lock).lockState}`); break
      case 'close': door.closeDoor(one.lock); break
      case 'jam': case 'unjam': door.jam(one.lock, one.step === 'jam'); break
      case 'force': door.force(one.lock); break
      // A level counts when it was seen twice.
      case 'battery': for (let i = 0; i < 2; i++) door.measure({ millivolts: one.millivolts }); break
      case 'until': await door.until(() => door.rows().join(' ').includes(one.text), 30_000); break
      case 'show': print(picture(door))
    }
  }
}

/** The display in a frame, and a line for each lock. */
export function picture (door: SimulatedDoor): string {
  const [first, second] = door.rows()
  const frame = '+' + '-'.repeat(18) + '+'
  const locks = door.locks().map((one) => `${one.lock}: ${one.lockState}, ${one.doorState}${one.jammed ? ', jammed' : ''}`)
  return [frame, `| ${first} |`, `| ${second} |`, frame, ...locks].join('\n')
}
