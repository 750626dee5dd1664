// Plays recorded events to the program of the door and writes down what it does: the same file on Node and on XS.
import { newController, step, type Controller, type Event } from '@oncekey/controller'

/** What happened to a program, and when: `[event, now]`. */
export type Script = [Event, number][]
/** `said`: one line of JSON for the effects of each step, and one for the state at the end. `costs`: computrons of each step. */
export type Played = { said: string, costs: number[] }
export type Player = { play: (script: string) => Played, forget: () => void }

/**
 * A program that stays between two scripts, as it does between two days.
 * @param meter computrons since it was last called; on Node there are none
 */
export function player (meter: () => number): Player {
  let controller: Controller | null = newController()
  return {
    play (text) {
      const lines: string[] = []
      const costs: number[] = []
      let current = controller ?? newController()
      for (const [event, now] of readScript(text)) {
        meter()
        const turn = step(current, event, now)
        costs.push(meter())
        current = turn.controller
        lines.push(JSON.stringify(turn.effects))
      }
      controller = current
      lines.push(JSON.stringify(current))
      return { said: lines.join('\n'), costs }
    },
    forget () {
      controller = null
    }
  }
}

/** A script as it travels between the engines. */
export function writeScript (script: Script): string {
  return JSON.stringify(script, (_, value: unknown) => value instanceof Uint8Array ? { bytes: [...value] } : value)
}

function readScript (text: string): Script {
  return JSON.parse(text, (_, value) => Array.isArray(value?.bytes) ? Uint8Array.from(value.bytes) : value) as Script
}
