/** The way of a demonstration in steps, from what the server says of it. Pure. */
import type { Verification } from '@oncekey/protocol/schemas'

type StepName = 'asked' | 'accepted' | 'delivered' | 'verified' | 'blocked' | 'expired' | 'failed'
export type Step = { name: StepName, state: 'done' | 'now' | 'toCome' | 'over' }

/** Four steps, one after the other; what ends the way early takes the place of the last one. Null: nothing has begun. @param isOver its time is, by the page's clock */
export function stepsOf (verification: Pick<Verification, 'status' | 'delivery'> | null, isOver: boolean): Step[] {
  const status = verification === null ? null : verification.status === 'pending' && isOver ? 'expired' : verification.status
  const delivery = verification?.delivery
  const isApproved = status === 'approved'
  const reached = status === null ? 0 : delivery === 'delivered' ? 3 : delivery === 'sent' ? 2 : 1
  const way: StepName[] = ['asked', delivery === 'failed' && !isApproved ? 'failed' : 'accepted', 'delivered']
  const early: StepName | null = status === 'blocked' ? 'blocked' : status === 'expired' || status === 'cancelled' ? 'expired' : null
  const isLive = status === 'pending'
  const steps: Step[] = way.map((name, i) => ({ name, state: name === 'failed' ? 'over' : isApproved || i < reached ? 'done' : isLive && i === reached ? 'now' : 'toCome' }))
  return [...steps, early === null ? { name: 'verified', state: isApproved ? 'done' : isLive && reached === 3 ? 'now' : 'toCome' } : { name: early, state: 'over' }]
}

/** The code in a message, to be copied: the digits that stand together. Null: none do, e.g. where a voice reads them out. */
export function codeIn (text: string): string | null {
  return /(?<!\d)\d{6,12}(?!\d)/.exec(text)?.[0] ?? null
}
