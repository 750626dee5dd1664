import type { MailTest } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import { tryMail } from '../notify/try-mail.ts'
import { Problem } from '../platform/problems.ts'
import { addresseeOfTest, type Tester } from './send.ts'

/** Who waits for it looks at a page meanwhile. */
const STEP_MS = 8_000
const WHOLE_MS = 20_000

/**
 * Sends a mail to the tester's own address, step by step and past the outbox: no code is in it, and it is not tried again. Counts as
 * a test, so that nobody has the mail server hammered; the record has it with the step that failed.
 * @throws Problem channelNotSetUp, tooManyTries
 */
export async function tryOwnMail (house: House, tester: Tester): Promise<MailTest> {
  const { smtpUrl } = house.config
  const { address } = await addresseeOfTest(house, { channel: 'email' }, tester)
  if (smtpUrl === null) throw new Problem('channelNotSetUp')
  const { host, port, from, steps, fault } = await tryMail(smtpUrl, { stepMs: STEP_MS, wholeMs: WHOLE_MS, mail: { id: house.newId(), to: address, text: 'Oncekey can send mail: you asked it to try, on the page of settings. Nothing else is to be done.' } })
  const failedAt = steps.find(({ is }) => is === 'failed')?.step ?? null
  await house.db.write(async (trx) => { house.audit.append(trx, house.clock(), { event: 'channel.tested', actor: { id: tester.id, name: tester.name }, subject: { id: null, name: maskAddress(address) }, details: { channel: 'email', failedAt, fault } }) })
  return { host, port, from, to: maskAddress(address), steps, fault }
}
