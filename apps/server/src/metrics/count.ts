import { auditEvents, reasons } from '@oncekey/protocol/audit-events'
import type { AuditRow } from '@oncekey/protocol/schemas'
import { perHouse } from '../platform/per-house.ts'
import { counter, histogram, type Counter } from './text.ts'

/**
 * What this process has counted since it started. Every label is a word of ours out of a list that is here or in the protocol: no name, no
 * address, no id, so nothing of a person reaches whoever may read the metrics, and the number of series is bounded.
 */
export const countsOf = perHouse(() => {
  const counts = {
    openings: counter('oncekey_openings_total', 'Bolts that were measured to have unlocked, by what moved them.'),
    refusals: counter('oncekey_refusals_total', 'Refused codes and pins, by the reason that keypads do not tell.'),
    codes: counter('oncekey_codes_total', 'Codes, by what became of them.'),
    lockouts: counter('oncekey_keypad_lockouts_total', 'Keypads that were shut after wrong codes.'),
    alarms: counter('oncekey_alarms_total', 'Rows of the record that are alarms, by kind.'),
    messages: counter('oncekey_messages_total', 'Messages, by channel and what became of them.'),
    verifications: counter('oncekey_verifications_total', 'Verifications for other programs, by what became of them.'),
    requests: histogram('oncekey_http_request_duration_seconds', 'Time from a request to its answer, by method and route.', [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10]),
    answers: counter('oncekey_http_responses_total', 'Answers, by class of status.')
  }
  return counts
})

export type Counts = ReturnType<typeof countsOf>

const sources = ['keypad', 'remote', 'auto', 'manual', 'offlineCode']
const channels = ['email', 'sms', 'whatsapp', 'voice', 'inbox']
const reasonWords: readonly string[] = reasons
const codeStates: Readonly<Partial<Record<AuditRow['event'], string>>> = { 'code.issued': 'issued', 'access.granted': 'used', 'code.expired': 'expired', 'code.revoked': 'revoked', 'code.superseded': 'superseded' }
const messageStates: Readonly<Partial<Record<AuditRow['event'], string>>> = {
  'code.delivered': 'sent', 'verification.sent': 'sent', 'verification.delivered': 'delivered', 'code.deliveryFailed': 'failed', 'verification.deliveryFailed': 'failed', 'message.failed': 'failed'
}
const verificationStates: Readonly<Partial<Record<AuditRow['event'], string>>> = {
  'verification.started': 'started', 'verification.approved': 'approved', 'verification.refused': 'refused', 'verification.blocked': 'blocked', 'verification.cancelled': 'cancelled', 'verification.expired': 'expired'
}

/** Counts a row of the record, after its commit. */
export function countRow (counts: Counts, { event, reason, details }: Pick<AuditRow, 'event' | 'reason' | 'details'>): void {
  if (auditEvents[event] === 'alarm') counts.alarms.add({ kind: event })
  if (event === 'lock.actuated' && details['mode'] === 'unlock' && details['lockState'] === 'unlocked') counts.openings.add({ source: among(sources, details['source']) })
  if (event === 'access.denied') counts.refusals.add({ reason: among(reasonWords, reason) })
  if (event === 'keypad.lockedOut') counts.lockouts.add()
  addState(counts.codes, codeStates[event])
  addState(counts.verifications, verificationStates[event])
  const message = messageStates[event]
  if (message !== undefined) counts.messages.add({ channel: among(channels, details['channel']), state: message })
}

function addState (counter: Counter, state: string | undefined): void {
  if (state !== undefined) counter.add({ state })
}

/** A word of ours, whatever a row says. */
function among (words: readonly string[], word: unknown): string {
  return typeof word === 'string' && words.includes(word) ? word : 'other'
}
