/** The timeline of one verification. Pure. */
import type { VerificationChannel, VerificationCourse } from '@oncekey/protocol/schemas'
import type { TextKey } from '../texts/texts.svelte.ts'
import type { IconName } from '../ui/icons.ts'
import { deliveryLooks, statusLooks, type Tone } from './looks.ts'

/** `at`: null: not yet, or never. */
export type Step = { key: string, at: number | null, look: { icon: IconName, text: TextKey, tone: Tone }, channel: VerificationChannel | null, fault: string | null, tries: number }

/** What happened in the order in which it did; what has not happened yet comes last. */
export function steps ({ verification, messages }: VerificationCourse): Step[] {
  const plain = { channel: null, fault: null, tries: 0 }
  const all: Step[] = [{ ...plain, key: 'started', at: verification.createdAt, look: { icon: 'add', text: 'verify.started', tone: 'calm' } }]
  const first = messages[0]?.at
  const codes = new Set<number>()
  for (const { id, channel, state, at, tries, endedAt, deliveredAt, fault } of messages) {
    if (at !== first && !codes.has(at)) all.push({ ...plain, key: `again ${at}`, at, look: { icon: 'again', text: 'verify.again', tone: 'calm' } })
    codes.add(at)
    // What was delivered was taken before; a receipt may have been quicker than the answer.
    if (state === 'delivered' && endedAt !== null) all.push({ key: `${id} sent`, at: endedAt, look: deliveryLooks.sent, channel, fault: null, tries })
    all.push({ key: id, at: state === 'delivered' ? deliveredAt : state === 'sent' || state === 'failed' ? endedAt : null, look: deliveryLooks[state], channel, fault, tries: state === 'delivered' ? 0 : tries })
  }
  if (verification.status !== 'pending') all.push({ ...plain, key: 'ended', at: verification.endedAt, look: statusLooks[verification.status] })
  return all.map((step, index) => ({ step, index })).toSorted((a, b) => (a.step.at ?? Infinity) - (b.step.at ?? Infinity) || a.index - b.index).map(each => each.step)
}
