import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A mail server that takes everything but what is for the `refused`. */
export type PostOffice = { url: string, mails: { to: string, text: string, digits: string }[], refused: Set<string>, close: () => Promise<void> }

/** Opens it on a free port of this machine. `digits`: of the code in the mail, empty without. */
export async function openPostOffice (): Promise<PostOffice> {
  const mails: PostOffice['mails'] = []
  const refused = new Set<string>()
  const smtp = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], disableReverseLookup: true,
    onRcptTo: ({ address }, _session, done) => { done(refused.has(address) ? Object.assign(new Error('No such mailbox'), { responseCode: 550 }) : null) },
    onData (stream, session, done) {
      let text = ''
      stream.on('data', (part: Buffer) => { text += String(part) })
      stream.on('end', () => {
        for (const { address } of session.envelope.rcptTo) mails.push({ to: address, text, digits: /The code is (\d+)/.exec(text)?.[1] ?? '' })
        done()
      })
    }
  })
  smtp.on('error', () => {})
  await new Promise<void>((resolve) => { smtp.server.listen(0, '127.0.0.1', () => { resolve() }) })
  return {
    url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}?from=door@gym.example`, mails, refused,
    close: () => new Promise((resolve) => { smtp.close(() => { resolve() }) })
  }
}
