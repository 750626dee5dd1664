import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, test } from 'node:test'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { tryMail, type MailTry } from './try-mail.ts'

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const one of cleanUp.splice(0).reverse()) await one()
})

async function listen (server: Server): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  return (server.address() as AddressInfo).port
}

/** A real mail server that knows one password, and keeps what it takes. */
async function mailServer (options: SMTPServerOptions = {}): Promise<{ at: string, mails: Email[] }> {
  const mails: Email[] = []
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'], disableReverseLookup: true, allowInsecureAuth: true,
    onAuth ({ username, password }, _session, done) {
      if (username === 'door' && password === 'right-secret') done(null, { user: 'door' })
      else done(new Error('Invalid login'))
    },
    onData (stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => { chunks.push(chunk) })
      stream.on('end', () => { void PostalMime.parse(Buffer.concat(chunks)).then((mail) => { mails.push(mail) }).then(() => { done() }) })
    },
    ...options
  })
  server.on('error', () => {})
  const port = await listen(server.server)
  cleanUp.push(() => new Promise((resolve) => { server.close(() => { resolve() }) }))
  return { at: `127.0.0.1:${port}`, mails }
}

/** Takes connections and says nothing. */
async function muteServer (): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => { sockets.add(socket.on('error', () => {})) })
  const port = await listen(server)
  cleanUp.push(() => new Promise((resolve) => {
    for (const socket of sockets) socket.destroy()
    server.close(() => { resolve() })
  }))
  return `127.0.0.1:${port}`
}

const send = (url: string, stepMs = 10_000): Promise<MailTry> => tryMail(url, { stepMs, wholeMs: 3 * stepMs, mail: { id: '01890000-0000-7000-8000-000000000001', to: 'ana@example.org', text: 'It works.' } })
const failedAt = ({ steps }: MailTry): string => steps.map(({ step, is }) => `${step} ${is}`).find((one) => one.endsWith('failed')) ?? 'nothing failed'
const refuses = (message: string) => (_: unknown, _session: unknown, done: (error: Error) => void): void => { done(Object.assign(new Error(message), { responseCode: 550 })) }

test('a mail that arrives: each step is done, but for TLS that is not offered', async () => {
  const { at, mails } = await mailServer()
  const { host, from, steps, fault } = await send(`smtp://door:right-secret@${at}?from=door@example.org`)
  assert.deepEqual([host, from, fault], ['127.0.0.1', 'door@example.org', null])
  assert.deepEqual(steps.map(({ is }) => is), ['done', 'done', 'skipped', 'done', 'done', 'done', 'done'])
  assert.deepEqual(mails.map(({ to, from: by, text, messageId }) => [to?.[0]?.address, by?.address, text?.trim(), messageId]), [['ana@example.org', 'door@example.org', 'It works.', '<01890000-0000-7000-8000-000000000001@example.org>']])
})

test('a name that nobody knows', async () => {
  const { steps, fault } = await send('smtp://mail.nobody.invalid')
  assert.deepEqual(steps.map(({ is }) => is), ['failed', ...Array.from({ length: 6 }, () => 'notReached')])
  assert.match(fault ?? '', /EDNS|ENOTFOUND|EAI_AGAIN/)
})

test('a port where nobody listens, and one that never says a word', async () => {
  const gone = createServer()
  const port = await listen(gone)
  await new Promise((resolve) => { gone.close(resolve) })
  assert.equal(failedAt(await send(`smtp://127.0.0.1:${port}`)), 'connection failed')
  assert.equal(failedAt(await send(`smtp://${await muteServer()}`, 300)), 'connection failed')
})

test('TLS: a certificate that nobody vouches for, from the start or by STARTTLS, and a port that speaks none', async () => {
  const secure = await mailServer({ secure: true })
  const upgrading = await mailServer({ disabledCommands: [] })
  const plain = await mailServer()
  for (const [url, word] of [[`smtps://${secure.at}`, /CERT/], [`smtp://${upgrading.at}`, /CERT/], [`smtps://${plain.at}`, /SSL|EPROTO/]] as const) {
    const answer = await send(url)
    assert.equal(failedAt(answer), 'tls failed', url)
    assert.match(answer.fault ?? '', word)
  }
})

test('a login, a sender, a recipient and a message that are refused, each by its name', async () => {
  assert.equal(failedAt(await send(`smtp://door:wrong-secret@${(await mailServer()).at}`)), 'login failed')
  // Without a password where one is asked for, the server says so at the sender.
  assert.equal(failedAt(await send(`smtp://${(await mailServer({ authOptional: false })).at}`)), 'sender failed')
  assert.equal(failedAt(await send(`smtp://${(await mailServer({ onMailFrom: refuses('Not yours') })).at}`)), 'sender failed')
  assert.equal(failedAt(await send(`smtp://${(await mailServer({ onRcptTo: refuses('No such mailbox') })).at}`)), 'recipient failed')
  const { steps, fault } = await send(`smtp://${(await mailServer({ onData (stream, _session, done) { stream.resume().on('end', () => { done(Object.assign(new Error('Spam'), { responseCode: 554 })) }) } })).at}`)
  assert.deepEqual(steps.map(({ is }) => is), ['done', 'done', 'skipped', 'skipped', 'done', 'done', 'failed'])
  assert.match(fault ?? '', /554/)
})

test('a sender that is no address fails at the sender, and nothing that stands in an answer holds the password', async () => {
  const { at, mails } = await mailServer()
  assert.equal(failedAt(await send(`smtp://${at}?from=${encodeURIComponent('a\r\nRCPT TO:<eve@example.org>')}`)), 'sender failed')
  assert.ok(!JSON.stringify(await send(`smtp://door:wrong-secret@${at}`)).includes('wrong-secret'))
  assert.deepEqual(mails, [])
})

test('without a message nothing is sent, and the steps end with the login', async () => {
  const { at, mails } = await mailServer()
  const { steps, fault } = await tryMail(`smtp://door:right-secret@${at}`, { stepMs: 10_000, wholeMs: 30_000, mail: null })
  assert.deepEqual([steps.map(({ is }) => is), fault], [['done', 'done', 'skipped', 'done', 'notReached', 'notReached', 'notReached'], null])
  assert.deepEqual(mails, [])
})
