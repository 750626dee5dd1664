import { Socket } from 'node:net'
import { channelFault } from './channel.ts'
import { smtpChannel, smtpSettings } from './channels/smtp.ts'

/** How a mail server answers: takes our sign-in, over TLS or in clear; refuses it; is not there. */
export type MailAnswer = { host: string } & ({ is: 'secure' | 'plain' } | { is: 'refused' | 'away', fault: string })

/** Connects, speaks TLS as far as it is offered, signs in, and leaves: nothing is sent. @param stepMs how long each step may take */
export async function greetMailServer (smtpUrl: string, stepMs: number): Promise<MailAnswer> {
  const { user, pass, host, port, secure } = smtpSettings(smtpUrl)
  // Loaded only here, as the channel does.
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection/index.js')
  const socket = new Socket()
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
    return { host, is: connection.secure ? 'secure' : 'plain' }
  } catch (error) {
    return { host, is: isConnected ? 'refused' : 'away', fault: channelFault(error) }
  } finally {
    connection.close()
    socket.destroy()
  }
}

/** Sends one test message, past the outbox. @returns what went wrong; null: the mail server took it */
export async function sendTestMail (smtpUrl: string, address: string, { id, wholeMs }: { id: string, wholeMs: number }): Promise<string | null> {
  const channel = smtpChannel(smtpUrl, { stepMs: wholeMs, wholeMs })
  try {
    await channel.send({ id, to: { name: '', address }, subject: 'A test message', text: 'Oncekey can send mail: somebody asked "oncekey doctor" to try. Nothing else is to be done.' })
    return null
  } catch (error) {
    return channelFault(error)
  } finally {
    channel.close()
  }
}
