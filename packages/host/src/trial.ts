import type { Clock } from './ports.ts'

/** A new image has so long to show what it can. */
const TRIAL_MS = 120_000

export type TrialPorts = {
  clock: Clock
  /** Whether the running image is a new one that nobody has called good. */
  isPending: boolean
  /** This image from now on. */
  keep: () => void
  /** The one before it, now. */
  rollBack: () => void
}

/**
 * The first minutes of a new image: it is good when the server has welcomed it and a contact of a bolt could be read,
 * both within two minutes; else the old one runs again. Whatever goes wrong before that, a power cut too, leaves the
 * old one: the boot loader starts an image that is not called good only once.
 */
export function newTrial ({ clock, isPending, keep, rollBack }: TrialPorts): { welcomed: () => void, boltSeen: () => void } {
  let isWelcome = false
  let isSeen = false
  let late: (() => void) | null = isPending ? clock.at(clock.now() + TRIAL_MS, rollBack) : null

  function look (): void {
    if (late === null || !isWelcome || !isSeen) return
    late()
    late = null
    keep()
  }

  return {
    welcomed () {
      isWelcome = true
      look()
    },
    boltSeen () {
      isSeen = true
      look()
    }
  }
}
