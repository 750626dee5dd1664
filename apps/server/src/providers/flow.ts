import { createHash, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { makeTicket, openTicket, spendTicket } from '../factors/tickets.ts'
import type { House } from '../house.ts'
import { clearFlowCookie, flowIn, setFlowCookie } from '../sessions/cookies.ts'
import type { Visitor } from '../sessions/enter.ts'

/** How long somebody may take at the provider. */
const FLOW_MS = 600_000

/** What somebody goes to the provider for: to sign in, to prove anew who they are, to add it to their own account. */
export type Purpose = 'signIn' | 'prove' | 'link'

/**
 * A way to the provider and back. It waits in a sealed cookie of the browser that set out, so that an answer is worth
 * nothing in another one, and strangers who set out by the thousand leave nothing here.
 */
export type Flow = {
  purpose: Purpose
  /** Comes back with the answer (RFC 6749, 10.12), in the token (OpenID Connect Core 1.0, 3.1.2.1), and only ever to the provider itself (RFC 7636). */
  state: string, nonce: string, verifier: string
  /** Where to go then: a page of our own, see next.ts. */
  next: string
  /** Whoever was signed in; null for a sign-in. */
  personId: string | null
  /** The mark of the browser: its own cookie does not come back with whom another site sends here. */
  browser: string | null
  startedAt: number
}

/** Sets out: the cookie, and the flow. */
export function startFlow (request: FastifyRequest, reply: FastifyReply, house: House, { purpose, next, visitor, personId }: Pick<Flow, 'purpose' | 'next' | 'personId'> & { visitor: Visitor }): Flow {
  const random = (): string => randomBytes(32).toString('base64url')
  const now = house.clock()
  const flow: Flow = { purpose, state: random(), nonce: random(), verifier: random(), next, personId, browser: visitor.browser?.slice(0, 100) ?? null, startedAt: now }
  setFlowCookie(request, reply, house, makeTicket(house, 'provider', { text: JSON.stringify(flow), person: null, expiresAt: now + FLOW_MS }), FLOW_MS)
  return flow
}

export function challengeOf ({ verifier }: Flow): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

/**
 * The flow that this answer belongs to, once; null for none: another browser's, an old one, one that was answered. A flow
 * of this browser that the answer does not belong to goes on: it is another tab's.
 */
export async function endFlow (request: FastifyRequest, reply: FastifyReply, house: House, state: string | undefined): Promise<Flow | null> {
  const sealed = flowIn(request, house)
  const ticket = sealed === undefined ? null : openTicket(house, 'provider', sealed, null)
  if (sealed === undefined || ticket === null) return null
  // What opens was sealed above.
  const flow = JSON.parse(ticket.text) as Flow
  if (flow.state !== state) return null
  clearFlowCookie(request, reply, house)
  return await house.db.write((trx) => spendTicket(trx, house, ticket)) ? flow : null
}
