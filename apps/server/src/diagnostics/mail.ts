import type { Finding } from '@oncekey/protocol/schemas'
import { greetMailServer, sendTestMail } from '../notify/try-mail.ts'
import { wayOf } from '../notify/ways.ts'
import { find } from './finding.ts'
import type { Patient } from './patient.ts'

const DAY_MS = 86_400_000

/** Whether the mail server is there, speaks TLS and takes our sign-in. Nothing is sent, unless an address is given. */
export async function lookAtMail ({ config, now, read, mailTo, patienceMs }: Patient): Promise<Finding[]> {
  if (config.smtpUrl === null) return [find('mail.notSet')]
  // Less than the look has, so that the finding says what hung.
  const stepMs = Math.round(patienceMs / 3)
  const [answer, givenUp] = await Promise.all([greetMailServer(config.smtpUrl, stepMs), countGivenUp(read, now)])
  const { host } = answer
  const fault = mailTo === undefined ? null : await sendTestMail(config.smtpUrl, mailTo, { id: `doctor-${process.pid}-${now}`, wholeMs: stepMs })
  return [
    'fault' in answer ? find(`mail.${answer.is}`, { host, fault: answer.fault }) : find(answer.is === 'secure' ? 'mail.ok' : 'mail.plain', { host }),
    ...givenUp > 0 ? [find('mail.failing', { count: givenUp })] : [],
    ...mailTo === undefined ? [] : [fault === null ? find('mail.sent') : find('mail.notSent', { fault })]
  ]
}

const givenUpEvents = ['message.failed', 'code.deliveryFailed', 'verification.deliveryFailed'] as const
/** Beyond so many of a kind it makes no difference. */
const MOST = 500

/** What the record says was given up in the last day, but for what came too late: by the index of events, as the outbox may be long. */
async function countGivenUp (read: Patient['read'], now: number): Promise<number> {
  const rows = await read((sql) => Promise.all(givenUpEvents.map((event) => sql.selectFrom('audit').select(['time', 'payload']).where('event', '=', event).orderBy('seq', 'desc').limit(MOST).execute()))).catch(() => [])
  return rows.flat().filter(({ time, payload }) => time > now - DAY_MS && payload?.includes('"fault":"EXPIRED"') !== true).length
}

/** Whether fallbacks of SMS can go by receipts. */
export async function lookAtChannels ({ config }: Patient): Promise<Finding[]> {
  return config.channels.sms?.is === 'twilio' && wayOf(config, 'sms')?.hasReceipts === false ? [find('channel.noReceipts')] : []
}
