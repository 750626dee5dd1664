/**
 * The codes whose digits this page was given, and what became of them. The digits live here, in memory, and
 * nowhere else: a reload forgets them, and so does the end of the code.
 */
import type { Code, CodeIssued, FeedEvent } from '@oncekey/protocol/schemas'
import { client } from '../client.ts'
import { onThisMachine, serverSays } from '../ui/clock.svelte.ts'
import type { SharedCode } from './share-codes.ts'

/** `accepted`: the server said yes, the bolt has not been measured yet. */
export type Phase = 'live' | 'accepted' | 'opened' | 'expired' | 'revoked' | 'superseded'
export type LiveCode = {
  code: Code
  /** Empty once the code is over. */
  digits: string
  mayGetCodeAt: number
  phase: Phase
  /** When the phase began, by the server's clock. */
  since: number
  /** Somebody typed it and it did not open. */
  isRefused: boolean
}

let byAccessPoint = $state.raw<Readonly<Record<string, LiveCode>>>({})
/** Idempotency keys of requests whose answer never came: asking again must not make a second code. */
const unanswered = new Map<string, string>()

export function liveCode (accessPointId: string): LiveCode | undefined {
  return byAccessPoint[accessPointId]
}

/** Those that can be typed at a door, newest first. */
export function typableCodes (): SharedCode[] {
  return Object.values(byAccessPoint).filter(each => each.phase === 'live').toSorted((a, b) => b.since - a.since)
    .map(({ code, digits }) => ({ name: code.accessPointName, digits, endsAt: onThisMachine(code.expiresAt) }))
}

/** Everything, or one access point's. */
export function forget (accessPointId?: string): void {
  const { [accessPointId ?? '']: _, ...rest } = byAccessPoint
  byAccessPoint = accessPointId === undefined ? {} : rest
}

/** Asks for a code of one's own. A repeat after a lost answer gets the same code. */
export async function getCode (accessPointId: string): Promise<void> {
  const isRepeat = unanswered.has(accessPointId)
  const idempotencyKey = unanswered.get(accessPointId) ?? freshKey()
  unanswered.set(accessPointId, idempotencyKey)
  let issued: CodeIssued
  try {
    issued = await client.codes.issue({ accessPointId }, { idempotencyKey })
  } catch (error) {
    // A refusal is an answer; only silence leaves the question open.
    if (error instanceof Error && error.name === 'ProblemError') unanswered.delete(accessPointId)
    throw error
  }
  unanswered.delete(accessPointId)
  if (!isRepeat) serverSays(issued.code.createdAt)
  keep({ ...issued, phase: 'live', since: issued.code.createdAt, isRefused: false })
}

/** Takes a code back. */
export async function cancelCode (live: LiveCode): Promise<void> {
  await client.codes.revoke(live.code.id)
  end(live, 'revoked', live.code.createdAt)
}

/** What the server tells about codes while they live. */
export function hearOfCode (event: FeedEvent): void {
  if (event.kind !== 'code') return
  const live = Object.values(byAccessPoint).find(each => each.code.id === event.codeId)
  if (!live) return
  switch (event.change) {
    case 'used': return end(live, 'accepted', event.at)
    case 'opened': return end(live, 'opened', event.at)
    case 'expired': case 'revoked': case 'superseded': return end(live, event.change, event.at)
    case 'refused': return keep({ ...live, isRefused: true })
    case 'delivered': return deliver(live, 'sent')
    case 'deliveryFailed': return deliver(live, 'failed')
    case 'issued':
  }
}

function keep (live: LiveCode): void {
  byAccessPoint = { ...byAccessPoint, [live.code.accessPointId]: live }
}

function end (live: LiveCode, phase: Phase, since: number): void {
  // The bolt may be heard of before the verdict: opened stays opened.
  if (live.phase === 'opened') return
  keep({ ...live, phase, since, digits: '', isRefused: false })
}

function deliver (live: LiveCode, state: 'sent' | 'failed'): void {
  const deliveries = live.code.deliveries.map(each => ({ ...each, state }))
  keep({ ...live, code: { ...live.code, deliveries } })
}

/** crypto.randomUUID is missing where a page is served without TLS in a local network. */
function freshKey (): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
}
