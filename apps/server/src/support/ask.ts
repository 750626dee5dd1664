import type { ContactForm } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { tellAdministrators } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'

/** Brings a question to the owners' and administrators' inboxes and mail. `caller`: who is signed in, if anybody. */
export async function askSupport (trx: Trx, house: House, form: ContactForm, caller: { id: string, name: string } | null): Promise<void> {
  const name = form.name.trim()
  const id = house.newId()
  await tellAdministrators(trx, house, {
    subject: `Question from ${name}`,
    text: `${name} <${form.email}> ${caller === null ? '(not signed in)' : `(signed in as ${caller.name})`} writes:\n\n${form.message}`,
    dedupeKey: `contact:${id}`
  })
  // The message itself is between them: the record says that it was written.
  const who = caller ?? { id: null, name }
  house.audit.append(trx, house.clock(), { event: 'support.asked', actor: who, subject: who, details: { email: form.email } })
}
