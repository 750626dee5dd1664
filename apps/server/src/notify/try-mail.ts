import { Socket } from 'node:net'
import type { MailStep } from '@oncekey/protocol/schemas'
import { channelFault } from './channel.ts'
import { smtpSettings } from './channels/smtp.ts'

/** In the order in which a mail takes them. */
const mailSteps: readonly MailStep[] = ['name', 'connection', 'tls', 'login', 'sender', 'recipient', 'message']

/** How far a mail came. `fault`: of the step that failed, in words that hold nothing of the message; null: all went well. */
export type MailTry = { host: string, port: number, from: string, steps: { step: MailStep, is: 'done' | 'failed' | 'skipped' | 'notReached' }[], fault: string | null }

/** How a mail server answers: takes our sign-in, over TLS or in clear; refuses it; is not there. */
export type MailAnswer = { host: string } & ({ is: 'secure' | 'plain' } | { is: 'refused' | 'away', fault: string })

/** Connects, speaks TLS as far as it is offered, signs in, and leaves: nothing is sent. @param stepMs how long each step may take */
export async function greetMailServer (smtpUrl: string, stepMs: number): Promise<MailAnswer> {
  const { host, steps, fault } = await tryMail(smtpUrl, { stepMs, wholeMs: 3 * stepMs, mail: null })
  const is = (step: MailStep): string | undefined => steps.find((one) => one.step === step)?.is
  if (fault !== null) return { host, is: is('login') === 'failed' ? 'refused' : 'away', fault }
  return { host, is: is('tls') === 'done' ? 'secure' : 'plain' }
}

/** Sends one test message, past the outbox. @returns what went wrong; null: the mail server took it */
export async function sendTestMail (smtpUrl: string, address: string, { id, wholeMs }: { id: string, wholeMs: number }): Promise<string | null> {
  return (await tryMail(smtpUrl, { stepMs: wholeMs, wholeMs, mail: { id, to: address, text: 'Oncekey can send mail: somebody asked "oncekey doctor" to try. Nothing else is to be done.' } })).fault
}

/**
 * Does by itself, step by step, what the channel does with each message, so that the step that fails has a name.
 * @param mail what is sent, in ASCII; null: nothing, the steps end with the login
 * @param stepMs how long each step may take; all of them together `wholeMs`
 */
export async function tryMail (smtpUrl: string, { stepMs, wholeMs, mail }: { stepMs: number, wholeMs: number, mail: { id: string, to: string, text: string } | null }): Promise<MailTry> {
  const { user, pass, host, port, secure, from } = smtpSettings(smtpUrl)
  // Loaded only here, as the channel does.
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection/index.js')
  // Our own socket, because a deadline has to be able to end it.
  const socket = new Socket()
  const connection = new SMTPConnection({ host, port, secure, socket, connectionTimeout: stepMs, greetingTimeout: stepMs, socketTimeout: stepMs, dnsTimeout: stepMs })
  let at: 'connecting' | 'signingIn' | 'sending' = 'connecting'
  let deadline: NodeJS.Timeout | undefined
  const outcome = (failed: MailStep | null, fault: string | null): MailTry => {
    const last = failed === null ? mailSteps.length : mailSteps.indexOf(failed)
    const isSkipped = (step: MailStep): boolean => (step === 'tls' && !connection.secure) || (step === 'login' && user === '')
    return { host, port, from, fault, steps: mailSteps.map((step, i) => ({ step, is: i === last ? 'failed' : i > last || (mail === null && i > mailSteps.indexOf('login')) ? 'notReached' : isSkipped(step) ? 'skipped' : 'done' })) }
  }
  try {
    await new Promise<void>((resolve, reject) => {
      deadline = setTimeout(() => { reject(Object.assign(new Error('The mail server took too long.'), { code: 'ETIMEDOUT' })) }, wholeMs)
      connection.on('error', reject)
      const send = (): void => {
        if (mail === null) return resolve()
        at = 'sending'
        connection.send({ from, to: [mail.to] }, textOf(from, mail), (refusal) => { if (refusal) reject(refusal); else resolve() })
      }
      connection.connect((error) => {
        if (error) return reject(error)
        if (user === '') return send()
        at = 'signingIn'
        connection.login({ credentials: { user, pass } }, (refusal) => { if (refusal) reject(refusal); else send() })
      })
    })
    return outcome(null, null)
  } catch (error) {
    return outcome(stepOf(error, at, 'upgrading' in connection && connection.upgrading === true), faultOf(error))
  } finally {
    clearTimeout(deadline)
    connection.close()
    socket.destroy()
  }
}

/** By the library's own words for where it was: its code, and the command that was not answered well. */
function stepOf (error: unknown, at: 'connecting' | 'signingIn' | 'sending', isUpgrading: boolean): MailStep {
  const { code, command, syscall, message }: Record<string, unknown> = error instanceof Error ? { ...error, message: error.message } : {}
  switch (at) {
    case 'connecting': return code === 'EDNS' || syscall === 'getaddrinfo' ? 'name' : code === 'ETLS' || isUpgrading ? 'tls' : 'connection'
    case 'signingIn': return 'login'
    case 'sending':
      if (command === 'MAIL FROM' || String(message).startsWith('Invalid sender')) return 'sender'
      return command === 'RCPT TO' || String(message).startsWith('Invalid recipient') ? 'recipient' : 'message'
  }
}

/** The system's own word says more than the library's: ECONNREFUSED, DEPTH_ZERO_SELF_SIGNED_CERT. */
function faultOf (error: unknown): string {
  const { originalCode }: Record<string, unknown> = error instanceof Error ? { ...error } : {}
  return typeof originalCode === 'string' && /^[A-Z0-9_]{2,60}$/.test(originalCode) ? originalCode : channelFault(error)
}

function textOf (from: string, { id, to, text }: { id: string, to: string, text: string }): string {
  return [
    `From: Oncekey <${from}>`, `To: <${to}>`, 'Subject: A test message', `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`, `Message-ID: <${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    'Auto-Submitted: auto-generated', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', '', text, ''
  ].join('\r\n')
}
