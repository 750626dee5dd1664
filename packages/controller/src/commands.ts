import type { Command } from '@oncekey/protocol/messages'
import { timeAt } from './clock.ts'
import { clearLockout, clearRest } from './lockout.ts'
import { greet, moveBolt } from './locks.ts'
import { conclude, recall, remember, repeat } from './remembered.ts'
import type { Work } from './state.ts'

/**
 * Carries out a command of the server, once: a repeated id repeats the first result and moves nothing. One whose
 * time has passed moves nothing either; our estimate of the server's time is never early. The result of a move is
 * said when it was measured.
 */
export function obey (work: Work, command: Command): void {
  const known = recall(work, command.id)
  if (known !== undefined) return repeat(work, known)
  const at = remember(work, command.id)
  if (command.expires < timeAt(work.state, work.now)) return conclude(work, at, 'expired', 'unknown')
  if (command.op === 'clearLockout') {
    clearLockout(work)
    clearRest(work)
    return conclude(work, at, 'succeeded', 'unknown')
  }
  const { lock, op } = command
  const obstacle = moveBolt(work, { lock, mode: op, source: 'remote', ref: command.id, command: at })
  if (obstacle === null) return greet(work, lock, op)
  const measured = work.state.locks.find((one) => one.lock === lock)?.lockState ?? 'unknown'
  conclude(work, at, 'failed', measured)
}
