import type { VerificationChannel, VerificationForm } from '@oncekey/protocol/schemas'
import { emailPattern } from '@oncekey/protocol/schemas'
import type { InLanguages } from '../platform/language.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'
import type { PhoneType } from './phone.ts'

/** Whose address is to be proven. `address`: of an e-mail as it was written, of a phone in E.164; `country`: of a phone, null = none; `type`: of a phone. */
export type Addressee = { kind: 'email' | 'phone', address: string, country: string | null, type: PhoneType | null }

const mailbox = new RegExp(emailPattern, 'u')

/**
 * To whom a form's code goes, and by which channels in which order.
 * @throws Problem badRequest with the field and what it needs
 */
export async function addresseeOf ({ to, country, channel, channels }: VerificationForm): Promise<{ to: Addressee, channels: readonly VerificationChannel[] }> {
  if (channel !== undefined && channels !== undefined) throw refusal('channels', 'to be left away, or `channel`: one of both')
  const addressee = to.includes('@') ? mailboxOf(to) : await phone(to, country)
  const wanted = channels ?? [channel ?? (addressee.kind === 'email' ? 'email' : 'sms')]
  // With one code at two addresses nobody could tell afterwards which of them it proved.
  const stray = wanted.find((one) => (one === 'email') !== (addressee.kind === 'email'))
  if (stray !== undefined) throw refusal(channels === undefined ? 'channel' : 'channels', addressee.kind === 'email' ? `email for an e-mail address: ${stray} needs a phone number in \`to\`` : 'sms, whatsapp or voice for a phone number: email needs an e-mail address in `to`')
  return { to: addressee, channels: wanted }
}

function mailboxOf (to: string): Addressee {
  if (!mailbox.test(to)) throw refusal('to', inAll((needs) => needs.emailAddress))
  return { kind: 'email', address: to, country: null, type: null }
}

async function phone (to: string, country: string | undefined): Promise<Addressee> {
  // Loaded with the first number: the numbering plans weigh as much as a tenth of an idle server.
  const { phoneOf } = await import('./phone.ts')
  const { e164, country: home, type } = phoneOf(to, country)
  return { kind: 'phone', address: e164, country: home, type }
}

function refusal (field: string, needs: string | InLanguages): Problem {
  return new Problem('badRequest', { errors: [{ field, needs }] })
}
