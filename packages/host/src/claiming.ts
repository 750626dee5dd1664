import { claimAnswer, type ClaimForm, type Commissioned } from './claim.ts'
import { retryPauseMs } from './retry.ts'
import type { Clock } from './ports.ts'

export type ClaimingPorts = {
  clock: Clock
  chance: () => number
  form: ClaimForm
  /** Posts the form to the server's `api/v1/commissioning`. null: not there. `body`: text. */
  post: (json: string, done: (answer: { status: number, body: string } | null) => void) => void
  claimed: (owner: Commissioned) => void
  /** The server does not want this controller, and asking again changes nothing. */
  refused: (status: number) => void
}

/** Asks the server until somebody has typed the code. Waits while it is not there, and longer while it is busy. */
export function newClaiming (ports: ClaimingPorts): { start: () => void, stop: () => void } {
  const { clock, chance, form } = ports
  let timer: (() => void) | null = null
  let attempt = 0
  let failures = 0

  function ask (): void {
    const mine = ++attempt
    ports.post(JSON.stringify(form), (answer) => {
      if (mine !== attempt) return
      if (answer === null || answer.status === 429 || answer.status >= 500) return again(retryPauseMs(++failures, chance()) + 1000)
      const read = answer.status >= 300 ? null : claimAnswer(parsed(answer.body), form.key)
      if (read === null) return ports.refused(answer.status)
      failures = 0
      if (!read.claimed) return again(read.retryAfterMs)
      const { siteId, controllerId, mqttPort, mqttsPort, ca } = read
      ports.claimed({ siteId, controllerId, key: form.key, locks: form.locks, mqttPort, mqttsPort, ca })
    })
  }

  function again (ms: number): void {
    timer = clock.at(clock.now() + ms, ask)
  }

  function stop (): void {
    attempt++
    timer?.()
    timer = null
  }

  return {
    start () {
      stop()
      ask()
    },
    stop
  }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
