import { createHash } from 'node:crypto'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'

/** What a ticket is for; one for something else never fits. */
export type TicketUse = 'totp setup' | 'passkey setup' | 'passkey sign-in' | 'passkey proof' | 'provider'

/**
 * Something to be brought back with an answer, so that questions of strangers cost no row: sealed, and used once. `text`: random,
 * no two tickets have the same; `person`: whose answer it has to be, null for anybody's.
 */
export type Ticket = { text: string, person: string | null, expiresAt: number }

export function makeTicket (house: House, use: TicketUse, ticket: Ticket): string {
  return house.seal.close(JSON.stringify(ticket), `ticket:${use}`)
}

/** What was sealed; null for a ticket that is made up, altered, too old, for something else or for somebody else. */
export function openTicket (house: House, use: TicketUse, sealed: string, person: string | null): Ticket | null {
  try {
    // What opens was sealed above.
    const ticket = JSON.parse(house.seal.open(sealed, `ticket:${use}`)) as Ticket
    return ticket.person === person && ticket.expiresAt > house.clock() ? ticket : null
  } catch {
    return null
  }
}

/** Uses a ticket up, by what is in it: the same seal can be written in more than one way. @returns false when it was used before */
export async function spendTicket (trx: Trx, house: House, { text, expiresAt }: Ticket): Promise<boolean> {
  await trx.prepare('DELETE FROM spent_tickets WHERE ticket_hash IN (SELECT ticket_hash FROM spent_tickets WHERE expires_at <= ? ORDER BY expires_at LIMIT 100)').run(house.clock())
  const { changes } = await trx.prepare('INSERT INTO spent_tickets (ticket_hash, expires_at) VALUES (?, ?) ON CONFLICT (ticket_hash) DO NOTHING').run(createHash('sha256').update(text).digest('base64url'), expiresAt)
  return changes === 1
}
