import { parseUpdate, versionNumber, type UpdateOutcome } from '@oncekey/protocol/messages'
import { note } from './records.ts'
import { emit, save, type Update, type Work } from './state.ts'
import { TRIAL_MS } from './times.ts'

/** Nothing offered, nothing on trial. */
export const noUpdate: Update = { offer: 0, image: null, phase: 'wanted', trial: null }

/**
 * Something to install, or nothing any more. Retained by the broker, so bound by a number that rises with each offer
 * and is durable: each offer is dealt with once. What is not newer, or not for this box, is refused here; whether it
 * is signed says the host.
 */
export function takeUpdate (work: Work, body: string): void {
  const { update, boot } = work.state
  const wish = parseUpdate(body)
  // What was begun by a restart has to come to its end first; the server offers again.
  if (wish === null || wish.offer <= update.offer || update.trial !== null) return
  const image = wish.op === 'install' ? wish : null
  work.state.update = { ...noUpdate, offer: wish.offer, image }
  save(work, 'update', body)
  emit(work, { do: 'fetch', image: null })
  if (image === null) return
  const ours = versionNumber(boot.firmware)
  if (image.hardware !== boot.hardware) end(work, 'wrongHardware')
  else if (versionNumber(image.version) <= ours) end(work, 'notNewer')
  else if (ours < versionNumber(image.minimum)) end(work, 'tooOld')
}

/** The host has the whole image in the other slot, or says why it never will. */
export function fetched (work: Work, offer: number, fault: UpdateOutcome | null): void {
  const { update } = work.state
  if (update.image === null || offer !== update.offer) return
  if (fault !== null) end(work, fault)
  else work.state.update = { ...update, phase: 'ready' }
}

/** Goes on with an update when nobody is at the door; ends a trial, well or after its time. */
export function watchUpdate (work: Work): void {
  const { update, link, locks } = work.state
  const { image, phase, trial } = update
  if (image === null) return
  const isOnline = link !== null && link.session !== null
  if (trial !== null) {
    if (isOnline && trial === contactsOf(work)) {
      emit(work, { do: 'keep' })
      end(work, 'installed')
    } else if (work.now >= TRIAL_MS && locks.every(({ move }) => move === null)) restart(work, 'old')
  } else if (phase !== 'busy' && isOnline && isQuiet(work)) {
    if (phase === 'ready') {
      save(work, 'trial', contactsOf(work))
      restart(work, 'new')
    } else {
      work.state.update = { ...update, phase: 'busy' }
      emit(work, { do: 'fetch', image })
    }
  }
}

/** After a boot: the new program is on trial, the old one is back, or what was offered is still to be fetched. */
export function restoreUpdate (work: Work, saved: Readonly<Record<string, string>>): void {
  const wish = parseUpdate(saved['update'] ?? '')
  if (wish === null) return
  const image = wish.op === 'install' ? wish : null
  const trial = saved['trial'] ?? null
  work.state.update = { ...noUpdate, offer: wish.offer, image, trial }
  if (image !== null && trial !== null && image.version !== work.state.boot.firmware) end(work, 'wentBack')
}

/** The host restarts; should it not, nothing is asked of it twice in one life. */
function restart (work: Work, into: 'new' | 'old'): void {
  work.state.update = { ...work.state.update, phase: 'busy', trial: null }
  emit(work, { do: 'restart', into })
}

/** Writes down what came of the offer, once: after a power cut in here the record may be there already. */
function end (work: Work, outcome: UpdateOutcome): void {
  const { offer } = work.state.update
  const fact = { type: 'update.ended', offer, outcome } as const
  const written = JSON.stringify(fact).slice(1)
  if (!work.state.ring.records.some(({ text }) => text.endsWith(written))) note(work, fact)
  work.state.update = { ...noUpdate, offer }
  save(work, 'update', JSON.stringify({ offer, op: 'nothing' }))
  save(work, 'trial', '')
}

/** What every bolt's contact says: a bolt does not move over a restart, so afterwards it says the same. */
function contactsOf ({ state }: Work): string {
  return state.locks.map(({ lockState }) => lockState).join()
}

/** Nobody is at the door; and with a low battery a new program waits, too: power that goes in the middle costs a try. */
function isQuiet ({ state }: Work): boolean {
  const { locks, entry, question, health } = state
  return entry === '' && question === null && health.level === 'ok' &&
    locks.every(({ move, duty, doorState }) => move === null && !duty && (doorState === 'closed' || doorState === 'unknown'))
}
