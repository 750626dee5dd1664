import type { Code } from '@oncekey/protocol/schemas'
import type { Kysely } from 'kysely'
import type { Tables } from '../platform/tables.ts'

/** Where each code went and what became of it; addresses are masked. */
export async function deliveriesOf (sql: Kysely<Tables>, codeIds: readonly string[]): Promise<Map<string, Code['deliveries']>> {
  const deliveries = new Map<string, Code['deliveries']>()
  if (codeIds.length === 0) return deliveries
  const note = (codeId: string | null, delivery: Code['deliveries'][number]): void => {
    if (codeId !== null) deliveries.set(codeId, [...deliveries.get(codeId) ?? [], delivery])
  }
  const mails = await sql.selectFrom('outbox').select(['code_id', 'recipient', 'state']).where('code_id', 'in', codeIds).execute()
  for (const mail of mails) note(mail.code_id, { channel: 'email', to: maskAddress(mail.recipient), state: mail.state })
  const messages = await sql.selectFrom('inbox as i').innerJoin('people as p', 'p.id', 'i.person_id').select(['i.code_id', 'p.name']).where('i.code_id', 'in', codeIds).execute()
  for (const message of messages) note(message.code_id, { channel: 'inbox', to: message.name, state: 'sent' })
  return deliveries
}

/** `maria@example.org` -> `m•••@example.org` */
export function maskAddress (address: string): string {
  const at = address.lastIndexOf('@')
  return at < 1 ? '•••' : [...address].slice(0, 1).join('') + '•••' + address.slice(at)
}
