/** The buzzer: square waves as the driver would give them to the real one. Off until somebody wants to hear it. */
import type { Note } from '@oncekey/simulator/browser'
import { recall, remember } from '../ui/memory.ts'

let on = $state(recall('sound') === 'on')
let context: AudioContext | null = null
let free = 0

export function soundIsOn (): boolean {
  return on
}

/** Called from a press, because browsers let pages sound only after one. */
export function setSound (wanted: boolean): void {
  on = wanted
  remember('sound', wanted ? 'on' : null)
  if (wanted) play([{ hz: 800, ms: 50 }])
}

/** Sounds one after the other, as one buzzer does. */
export function play (notes: readonly Note[]): void {
  if (!on) return
  context ??= new AudioContext()
  void context.resume()
  let at = Math.max(context.currentTime, free)
  // Far behind (the page was asleep): what is late is not worth hearing.
  if (at > context.currentTime + 1.5) return
  for (const { hz, ms } of notes) {
    const end = at + ms / 1000
    if (hz > 0) {
      const wave = new OscillatorNode(context, { type: 'square', frequency: hz })
      const volume = new GainNode(context, { gain: 0.04 })
      wave.connect(volume).connect(context.destination)
      wave.start(at)
      wave.stop(end)
    }
    at = end
  }
  free = at
}
