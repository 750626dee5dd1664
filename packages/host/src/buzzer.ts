import { notesOf, type ToneName } from '@oncekey/drivers'
import type { Clock } from './ports.ts'

/** Plays tones note by note; a new one ends the one before it. */
export function newBuzzer (sound: (hz: number) => void, clock: Clock): { play: (tone: ToneName) => void, off: () => void } {
  let next: (() => void) | null = null

  function off (): void {
    next?.()
    next = null
    sound(0)
  }

  function play (tone: ToneName): void {
    next?.()
    const notes = notesOf(tone)
    let at = 0
    const go = (): void => {
      const note = notes[at++]
      if (note === undefined) return off()
      sound(note.hz)
      next = clock.at(clock.now() + note.ms, go)
    }
    go()
  }

  return { play, off }
}
