import { Socket } from 'node:net'
import type { Finding } from '@oncekey/protocol/schemas'
import { smtpChannel, smtpSettings } from '../notify/channels/smtp.ts'
import { faultOf, find } from './finding.ts'
import type { Patient } from './patient.ts'

const DAY_MS = 86_400_000

/** Whether the mail server is there, speaks TLS and takes our sign-in. Nothing is sent, unless an address is given. */
export async function lookAtMail (patient: Patient): Promise<Finding[]> {
  const { config, now, read, mailTo, patienceMs } = patient
  if (config.smtpUrl === null) return [find('mail.notSet')]
  const given = await read(async (sql) => Number((await sql.selectFrom('outbox').select((eb) => eb.fn.countAll().as('count')).where('state', '=', 'failed')
    .where('ended_at', '>', now - DAY_MS).where((eb) => eb.or([eb('error', 'is', null), eb('error', 'not in', ['withheld', 'EXPIRED'])])).executeTakeFirst())?.count ?? 0)).catch(() => 0)
  return [await greet(config.smtpUrl, patienceMs), ...given > 0 ? [find('mail.failing', { count: given })] : [], ...mailTo === undefined ? [] : [await send(config.smtpUrl, mailTo, patienceMs)]]
}

async function greet (smtpUrl: string, ms: number): Promise<Finding> {
  const { user, pass, host, port, secure } = smtpSettings(smtpUrl)
  // Loaded only here, as the channel does.
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection/index.js')
  const socket = new Socket()
  // Half of the time that the look has, so that the finding says what hung.
  const stepMs = Math.round(ms / 2)
  const connection = new SMTPConnection({ host, port, secure, socket, connectionTimeout: stepMs, greetingTimeout: stepMs, socketTimeout: stepMs, dnsTimeout: stepMs })
  let isConnected = false
  try {
    await new Promise<void>((resolve, reject) => {
      connection.on('error', reject)
      connection.connect((error) => {
        if (error) return reject(error)
        isConnected = true
        if (user === '') return resolve()
        connection.login({ credentials: { user, pass } }, (refusal) => { if (refusal) reject(refusal); else resolve() })
      })
    })
    return connection.secure ? find('mail.ok', { host }) : find('mail.plain', { host })
  } catch (error) {
    return find(isConnected ? 'mail.refused' : 'mail.away', { host, fault: faultOf(error) })
  } finally {
    connection.close()
    socket.destroy()
  }
}

async function send (smtpUrl: string, address: string, ms: number): Promise<Finding> {
  const stepMs = Math.round(ms / 2)
  const channel = smtpChannel(smtpUrl, { stepMs, wholeMs: stepMs })
  try {
    await channel.send({ id: `doctor-${process.pid}-${Math.round(performance.now())}`, to: { name: '', address }, subject: 'A test message', text: 'Oncekey can send mail: somebody asked "oncekey doctor" to try. Nothing else is to be done.' })
    return find('mail.sent')
  } catch (error) {
    return find('mail.notSent', { fault: faultOf(error) })
  } finally {
    channel.close()
  }
}
