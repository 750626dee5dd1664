import { unpowered } from './boot.ts'
import { note, sendAll } from './records.ts'
import { emit, type Work } from './state.ts'

/**
 * Somebody at the box wants it to forget everything. It says so to a server that hears it, with all that it has not
 * said yet; then storage and owner go. No bolt moves, neither now nor at the boot that follows.
 */
export function wipe (work: Work): void {
  note(work, { type: 'controller.wiped' })
  sendAll(work)
  emit(work, { do: 'forget' })
  Object.assign(work.state, unpowered(work.state.hmac))
}
