import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, test } from 'node:test'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { channelFault, type Channel, type Outgoing } from '../channel.ts'
import { smtpChannel } from './smtp.ts'

const message: Outgoing = { id: '01890000-0000-7000-8000-000000000001', to: { name: 'Maya', address: 'maya@gym.example' }, subject: 'Code for A01', text: 'Your code is 471108\n.\nType it.' }
const cleanUp: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const one of cleanUp.splice(0).reverse()) await one()
})

async function listen (server: Server): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  return (server.address() as AddressInfo).port
}

/** A real mail server that keeps what it takes. */
async function mailServer (options: SMTPServerOptions = {}): Promise<{ port: number, mails: Email[], recipients: string[][] }> {
  const mails: Email[] = []
  const recipients: string[][] = []
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], disableReverseLookup: true,
    onData (stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => { chunks.push(chunk) })
      stream.on('end', () => {
        recipients.push(session.envelope.rcptTo.map((one) => one.address))
        void PostalMime.parse(Buffer.concat(chunks)).then((mail) => { mails.push(mail) }).then(() => { done() })
      })
    },
    ...options
  })
  server.on('error', () => {})
  const port = await listen(server.server)
  cleanUp.push(() => new Promise((resolve) => { server.close(() => { resolve() }) }))
  return { port, mails, recipients }
}

/** A server of bytes: says what it is told to. */
async function oddServer (talk: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    talk(socket)
  })
  const port = await listen(server)
  cleanUp.push(() => new Promise((resolve) => {
    for (const socket of sockets) socket.destroy()
    server.close(() => { resolve() })
  }))
  return port
}

function channel (url: string, times: { stepMs?: number, wholeMs?: number } = {}): Channel {
  const made = smtpChannel(url, times)
  cleanUp.push(async () => { made.close() })
  return made
}

async function faultOf (sending: Promise<unknown>): Promise<string> {
  try {
    await sending
    return 'sent'
  } catch (error) {
    return channelFault(error)
  }
}

test('a mail arrives as it was written, from the address of the setting, with an id that stays the same', async () => {
  const { port, mails, recipients } = await mailServer()
  const smtp = channel(`smtp://127.0.0.1:${port}?from=keys@gym.example`)
  await smtp.send(message)
  await smtp.send(message)
  const [mail, again] = mails
  assert.equal(mail?.subject, 'Code for A01')
  assert.equal(mail.text?.trimEnd(), message.text)
  assert.deepEqual([mail.from?.address, mail.to?.map((one) => [one.name, one.address])], ['keys@gym.example', [['Maya', 'maya@gym.example']]])
  assert.equal(mail.messageId, `<${message.id}@gym.example>`)
  assert.equal(again?.messageId, mail.messageId)
  assert.equal(mail.headers.find((one) => one.key === 'auto-submitted')?.value, 'auto-generated')
  assert.deepEqual(recipients, [['maya@gym.example'], ['maya@gym.example']])
})

test('odd signs in names, addresses and subjects make neither headers nor recipients', async () => {
  const { port, mails, recipients } = await mailServer()
  const smtp = channel(`smtp://127.0.0.1:${port}?from=keys@gym.example`)
  await smtp.send({ ...message, to: { name: 'Eve" <eve@evil.example>, "x', address: 'maya@gym.example' }, subject: 'Hi\r\nBcc: eve@evil.example\r\n\r\nbody', text: '{"path":"/etc/passwd"}' })
  assert.deepEqual(recipients, [['maya@gym.example']])
  assert.equal(mails[0]?.bcc, undefined)
  assert.equal(mails[0]?.headers.some((one) => one.key === 'bcc'), false)
  assert.equal(mails[0]?.text?.trim(), '{"path":"/etc/passwd"}')
  for (const address of ['maya@gym.example,eve@evil.example', 'eve,maya@gym.example', 'maya@gym.example; eve@evil.example', '<eve@evil.example>', 'maya', '', 'maya@gym.example\r\nRCPT TO:<eve@evil.example>']) {
    assert.equal(await faultOf(smtp.send({ ...message, to: { name: 'x', address } })), 'EADDRESS', address)
  }
  assert.equal(recipients.length, 1)
})

test('user and password of the setting are used, and a wrong one is a fault without either in it', async () => {
  const { port, mails } = await mailServer({
    authOptional: false, disabledCommands: ['STARTTLS'], allowInsecureAuth: true,
    onAuth (auth, _session, done) {
      if (auth.username === 'keys@gym.example' && auth.password === 'p@ss word/1') done(null, { user: 'keys' })
      else done(new Error('535 no'))
    }
  })
  await channel(`smtp://${encodeURIComponent('keys@gym.example')}:${encodeURIComponent('p@ss word/1')}@127.0.0.1:${port}`).send(message)
  assert.equal(mails[0]?.from?.address, 'keys@gym.example', 'who signs in sends')
  const fault = await faultOf(channel(`smtp://keys:wrong@127.0.0.1:${port}`).send(message))
  assert.equal(fault, 'EAUTH 535')
})

test('a server that refuses, is down, hangs, drips, breaks off or talks nonsense: a fault in time, without the text', async () => {
  const { port } = await mailServer({ onRcptTo (_address, _session, done) { done(new Error(`550 no mailbox for ${message.text}`)) } })
  const closed = await oddServer(() => {})
  const times = { stepMs: 200, wholeMs: 600 }
  const cases: [string, number, RegExp][] = [
    ['refuses', port, /^EENVELOPE 550$/],
    ['hangs before its greeting', closed, /^E[A-Z]+$/],
    ['hangs after its greeting', await oddServer((socket) => { socket.write('220 hello\r\n') }), /^E[A-Z]+$/],
    ['drips', await oddServer((socket) => {
      const timer = setInterval(() => { socket.write('2') }, 50)
      socket.on('close', () => { clearInterval(timer) })
    }), /^E[A-Z]+$/],
    ['breaks off', await oddServer((socket) => { socket.end('220 hello\r\n') }), /^E[A-Z]+$/],
    ['talks nonsense', await oddServer((socket) => { socket.write('HTTP/1.1 200 OK\r\n\r\n') }), /^E[A-Z]+( 0)?$/],
    ['is full', await oddServer((socket) => {
      socket.write('220 hi\r\n')
      socket.on('data', (bytes) => { socket.write(String(bytes).startsWith('MAIL') ? '452 no room\r\n' : '250 ok\r\n') })
    }), /^E[A-Z]+ 452$/]
  ]
  for (const [what, at, expected] of cases) {
    const from = performance.now()
    assert.match(await faultOf(channel(`smtp://127.0.0.1:${at}`, times).send(message)), expected, what)
    assert.ok(performance.now() - from < 5_000, `${what}: ${performance.now() - from} ms`)
  }
  const gone = createServer()
  const nobody = await listen(gone)
  await new Promise<void>((resolve) => { gone.close(() => { resolve() }) })
  assert.match(await faultOf(channel(`smtp://127.0.0.1:${nobody}`, times).send(message)), /^E[A-Z]+$/, 'is down')
})

test('closing ends what is under way; afterwards nothing is sent', async () => {
  let connected = (): void => {}
  const isConnected = new Promise<void>((resolve) => { connected = resolve })
  const smtp = channel(`smtp://127.0.0.1:${await oddServer(() => { connected() })}`)
  const sending = faultOf(smtp.send(message))
  await isConnected
  smtp.close()
  assert.match(await sending, /^E[A-Z]+$/)
  assert.equal(await faultOf(smtp.send(message)), 'ECLOSED')
})

test('a fault names code and number and nothing that the other side wrote', () => {
  assert.equal(channelFault(Object.assign(new Error('550 your code is 471108'), { code: 'EENVELOPE', responseCode: 550, response: '550 471108' })), 'EENVELOPE 550')
  assert.equal(channelFault(Object.assign(new Error('x'), { code: 'your code is 471108' })), 'unknown')
  for (const odd of [null, undefined, 'text', 7, {}, new Error('471108')]) assert.equal(channelFault(odd), 'unknown')
})
