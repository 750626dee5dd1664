import { Socket } from 'node:net'
import { channelFault, ChannelError, type Channel } from '../channel.ts'

/** Each step (look-up, connecting, greeting, an answer) may take so long … */
const STEP_MS = 10_000
/** … and the whole of it so long: a server that drips one byte now and then keeps no place. */
const WHOLE_MS = 30_000

/**
 * Mail by SMTP (RFC 5321), one connection for each message. STARTTLS is used where it is offered.
 * @param smtpUrl smtp(s)://user:password@host:port?from=address
 */
export function smtpChannel (smtpUrl: string, { stepMs = STEP_MS, wholeMs = WHOLE_MS }: { stepMs?: number, wholeMs?: number } = {}): Channel {
  const { user, pass, from, host, port, secure } = smtpSettings(smtpUrl)
  const sender = from.slice(from.lastIndexOf('@') + 1)
  const open = new Set<Socket>()
  let isClosed = false
  return {
    // A mail server knows a mail again by its Message-ID, and says nothing of its arrival.
    name: 'email', longestMs: wholeMs, isIdempotent: true, hasReceipts: false,
    async send ({ id, to, subject, text, thread }) {
      if (isClosed) throw Object.assign(new Error('The channel is closed.'), { code: 'ECLOSED' })
      if (!/^[^@\s,;:<>()[\]"\\]+@[^@\s,;:<>()[\]"\\]+$/.test(to.address)) throw Object.assign(new Error('The address can not be mailed to.'), { code: 'EADDRESS' })
      // Our own socket, because a deadline has to be able to end it.
      const socket = new Socket()
      // Whoever closes it before the mail library listens to it is not to end the whole server.
      socket.on('error', () => {})
      open.add(socket)
      const deadline = setTimeout(() => { socket.destroy(Object.assign(new Error('The mail server took too long.'), { code: 'ETIMEDOUT' })) }, wholeMs)
      // Loaded with the first mail: it weighs as much as all the rest of an idle server's libraries.
      const { createTransport } = await import('nodemailer')
      const transport = createTransport({
        host, port, secure, socket,
        ...(user === '' ? {} : { auth: { user, pass } }),
        connectionTimeout: stepMs, greetingTimeout: stepMs, socketTimeout: stepMs, dnsTimeout: stepMs,
        // A text is a text: nothing in it may make us read a file or fetch an address.
        disableFileAccess: true, disableUrlAccess: true
      })
      try {
        await transport.sendMail({
          // Objects, so that no sign in a name is read as a second recipient.
          from: { name: 'Oncekey', address: from },
          to: { name: to.name, address: to.address },
          envelope: { from, to: [to.address] },
          subject, text, messageId: `<${id}@${sender}>`,
          // A common root that was never mailed itself: programs sort mails below it all the same (RFC 5322 3.6.4).
          ...(thread === undefined ? {} : { inReplyTo: `<${thread}@${sender}>`, references: `<${thread}@${sender}>` }),
          // Says to holiday responders that nobody reads an answer (RFC 3834).
          headers: { 'Auto-Submitted': 'auto-generated' }
        })
        return { providerId: null }
      } catch (error) {
        throw neverReached(error) ? new ChannelError(channelFault(error), { isUntaken: true, cause: error }) : error
      } finally {
        clearTimeout(deadline)
        open.delete(socket)
        transport.close()
        socket.destroy()
      }
    },
    close () {
      isClosed = true
      for (const socket of open) socket.destroy(Object.assign(new Error('The channel was closed.'), { code: 'ECLOSED' }))
    }
  }
}

/** By the system's own word: nodemailer says of any broken line, also of one that breaks after the mail, that it could not connect. */
function neverReached (error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo')
}

/** What a setting says: smtp(s)://user:password@host:port?from=address. `user` is empty where nobody has to sign in. */
export function smtpSettings (smtpUrl: string): { host: string, port: number, secure: boolean, user: string, pass: string, from: string } {
  const url = new URL(smtpUrl)
  const secure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const user = decodeURIComponent(url.username)
  const from = url.searchParams.get('from') ?? (user.includes('@') ? user : `oncekey@${host}`)
  return { host, port: url.port === '' ? (secure ? 465 : 587) : Number(url.port), secure, user, pass: decodeURIComponent(url.password), from }
}
