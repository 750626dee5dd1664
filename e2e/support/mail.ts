import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** How the mail server behaves: takes everything, refuses each recipient, or answers nothing for a while. */
export type Manner = 'accepts' | 'refuses' | 'hangs'

/** `refused`: addresses that it takes nothing for, whatever its manner. */
export type MailServer = { url: string, mails: Email[], manner: Manner, refused: Set<string>, until: (count: number, ms?: number) => Promise<void>, close: () => Promise<void> }

/** A real SMTP server on a free port that keeps what arrives. */
export async function mailServer (port = 0): Promise<MailServer> {
  const mails: Email[] = []
  const watchers = new Set<() => void>()
  const server = new SMTPServer({
    authOptional: true,
    // It would wait for a name server before it greets, up to 1.5 s.
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo ({ address }, _session, done) {
      if (catcher.manner === 'refuses' || catcher.refused.has(address)) done(new Error('550 No such mailbox here'))
      else if (catcher.manner === 'accepts') done()
    },
    onData (stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => { chunks.push(chunk) })
      stream.on('end', () => {
        void PostalMime.parse(Buffer.concat(chunks)).then((mail) => {
          mails.push(mail)
          done()
          for (const look of [...watchers]) look()
        })
      })
    }
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', () => { resolve() }) })
  const { port: open } = server.server.address() as AddressInfo
  const catcher: MailServer = {
    url: `smtp://127.0.0.1:${open}?from=oncekey@example.org`,
    mails,
    manner: 'accepts',
    refused: new Set(),
    until (count, ms = 10_000) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(look)
          reject(new Error(`${mails.length} mails after ${ms} ms, ${count} wanted: ${mails.map((one) => one.subject).join('; ')}`))
        }, ms)
        const look = (): void => {
          if (mails.length < count) return
          clearTimeout(timer)
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      })
    },
    close: () => new Promise((resolve) => { server.close(() => { resolve() }) })
  }
  return catcher
}

/** The digits in the newest of `count` mails with a code to somebody. @throws AssertionError with all subjects when there are not so many within 10 s */
export async function mailedCode (mail: MailServer, to: string, count: number): Promise<string> {
  const codes = (): Email[] => mail.mails.filter((one) => one.to?.[0]?.address === to && one.subject?.startsWith('Your code') === true)
  for (const ends = Date.now() + 10_000; codes().length < count && Date.now() < ends;) await new Promise((resolve) => { setTimeout(resolve, 50) })
  assert.equal(codes().length, count, mail.mails.map((one) => one.subject).join('; '))
  return /code for .* is (\d+)/.exec(codes().at(-1)?.text ?? '')?.[1] ?? ''
}
