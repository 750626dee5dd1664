import { retryPauseMs } from './retry.ts'
import type { Clock } from './ports.ts'

/** `time`: there is a network, and nobody has said yet how late it is; certificates can not be judged then. */
export type Stage = 'joining' | 'time' | 'online'

export type OnlinePorts = {
  clock: Clock
  /** 0 up to 1, fresh each time. */
  chance: () => number
  /** Joins a network, or tries once more. Tells true when it has an address, and false when it lost it or could not. */
  join: (told: (isUp: boolean) => void) => void
  /** Asks somebody for the time and sets the machine's clock. Tells once. */
  askTime: (done: (isSet: boolean) => void) => void
  changed: (stage: Stage) => void
}

/** A network that was joined and says nothing for so long is tried anew. */
const JOIN_MS = 30_000

/** Network first, then the time, then everything else; each again and again with pauses that grow and vary. */
export function newOnline (ports: OnlinePorts): { start: () => void, stop: () => void } {
  const { clock, chance } = ports
  let stage: Stage = 'joining'
  let failures = 0
  let timer: (() => void) | null = null
  let isTimeSet = false
  /** What an earlier attempt still has to say is not heard. */
  let attempt = 0

  function join (): void {
    const mine = ++attempt
    enter('joining')
    after(JOIN_MS, again)
    ports.join((isUp) => {
      if (mine !== attempt) return
      if (isUp) joined(mine)
      else again()
    })
  }

  function joined (mine: number): void {
    if (stage !== 'joining') return
    failures = 0
    off()
    if (isTimeSet) return enter('online')
    enter('time')
    ask(mine)
  }

  function ask (mine: number): void {
    ports.askTime((isSet) => {
      if (mine !== attempt) return
      isTimeSet = isSet
      if (isSet) {
        failures = 0
        return enter('online')
      }
      after(retryPauseMs(failures++, chance()), () => ask(mine))
    })
  }

  function again (): void {
    attempt++
    enter('joining')
    after(retryPauseMs(failures++, chance()), join)
  }

  function enter (next: Stage): void {
    if (stage === next) return
    stage = next
    ports.changed(stage)
  }

  function after (ms: number, work: () => void): void {
    off()
    timer = clock.at(clock.now() + ms, work)
  }

  function off (): void {
    timer?.()
    timer = null
  }

  return {
    start: join,
    stop () {
      attempt++
      off()
      enter('joining')
    }
  }
}
