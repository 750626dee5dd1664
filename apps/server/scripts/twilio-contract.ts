/**
 * Holds our Twilio adapters against Twilio's own OpenAPI descriptions: a mock server is made of each (Prism, got by npx), and
 * refuses every request that does not fit. Twilio publishes the descriptions at https://github.com/twilio/twilio-oai.
 *
 *   node apps/server/scripts/twilio-contract.ts PATH_OF_MESSAGES PATH_OF_VERIFY
 *
 * Not part of the tests: those have small servers of their own, and neither Prism's 200 packages nor Twilio's files.
 */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, request as send, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../scripts/free-port.mjs'
import { ChannelError, channelFault } from '../src/notify/channel.ts'
import { twilioVerifyChannel } from '../src/notify/channels/twilio-verify.ts'
import { twilioChannel } from '../src/notify/channels/twilio.ts'
import { twilioSignature } from '../src/notify/twilio-signature.ts'
import { TWILIO } from '../src/testing/gateway.ts'
import { openPhones } from '../src/testing/phones.ts'

const PRISM = '@stoplight/prism-cli@5.16.0'
const LONGEST_MS = 30_000

type Seen = { method: string, url: string, body: string, status: number, violations: string | null }
/** Between us and Prism: keeps what passed, and changes a request's headers when told. */
type Mock = { port: number, seen: Seen[], change: (headers: Record<string, string | string[] | undefined>) => void, close: () => Promise<void> }

const [messages, verify] = process.argv.slice(2)
if (messages === undefined || verify === undefined) {
  say('Usage: node apps/server/scripts/twilio-contract.ts PATH_OF_MESSAGES PATH_OF_VERIFY (OpenAPI descriptions by Twilio)')
  process.exit(2)
}

const open: (() => Promise<unknown>)[] = []
let failures = 0
try {
  const twilio = await mockOf(messages)
  await holdMessages(twilio)
  await holdCallbacks(twilio)
  await holdVerify(await mockOf(verify))
} finally {
  for (const close of open.reverse()) await close()
}
say(failures === 0 ? 'All of it fits.' : `${failures} do not fit.`)
process.exitCode = failures === 0 ? 0 : 1

async function holdMessages (mock: Mock): Promise<void> {
  const message = { id: '01890000-0000-7000-8000-000000000001', to: { name: '', address: '+4915123456789' }, subject: '', text: '123456 is your code.\n@keys.example.org #123456', code: { digits: '123456', expiresAt: Date.now() + 600_000, language: 'en' as const } }
  const settings = { is: 'twilio' as const, base: `http://127.0.0.1:${mock.port}`, account: TWILIO.account, user: TWILIO.account, password: TWILIO.token, token: TWILIO.token }
  const channel = (more: { from: string | null, service: string | null }): ReturnType<typeof twilioChannel> => twilioChannel({ ...settings, ...more }, { clock: Date.now, callback: (id) => `https://keys.example.org/api/v1/receipts/twilio?message=${id}`, longestMs: LONGEST_MS })
  await hold('Messages: from a number', async () => { assert.match((await channel({ from: '+15005550006', service: null }).send(message)).providerId ?? '', /^SM[\da-f]{32}$/) })
  await hold('Messages: from a name', async () => { await channel({ from: 'Oncekey', service: null }).send(message) })
  await hold('Messages: by a messaging service', async () => { await channel({ from: null, service: TWILIO.messages }).send(message) })
  await hold('Messages: nothing in the requests that the description does not know', async () => { assert.deepEqual(mock.seen.map(({ status, violations }) => [status, violations]), mock.seen.map(() => [201, null])) })
  await hold('Messages: a service that is none is refused, and we take it for final', async () => { assert.deepEqual(await refused(channel({ from: null, service: 'MG1' }).send(message)), { fault: 'TWILIO 422', isFinal: true }) })
  await hold('Messages: without a sign-in it is refused, and we take it for final', async () => {
    mock.change = (headers) => { delete headers['authorization'] }
    assert.deepEqual(await refused(channel({ from: 'Oncekey', service: null }).send(message)), { fault: 'TWILIO 401', isFinal: true })
    mock.change = () => {}
  })
}

/** The whole way: a verification by the API, Twilio's request, Twilio's reports. */
async function holdCallbacks (mock: Mock): Promise<void> {
  const v = await openPhones({ ONCEKEY_SMS_URL: `twilio+http://${TWILIO.account}:${TWILIO.token}@127.0.0.1:${mock.port}?service=${TWILIO.messages}` }, LONGEST_MS)
  open.push(() => v.end())
  const before = mock.seen.length
  const { body } = await v.call('POST', 'verifications', { to: '+4915123456789', channels: ['sms', 'voice'] })
  await v.flush()
  const form = new URLSearchParams(mock.seen[before]?.body)
  const callback = new URL(form.get('StatusCallback') ?? 'http://none/')
  const report = async (status: string, signature?: string): Promise<number> => {
    const fields = new URLSearchParams({ AccountSid: TWILIO.account, ApiVersion: '2010-04-01', MessageSid: `SM${'a'.repeat(32)}`, MessageStatus: status, SmsSid: `SM${'a'.repeat(32)}`, SmsStatus: status, To: '+4915123456789', From: '+15005550006' })
    const answer = await v.world.house.app.inject({ method: 'POST', url: callback.pathname + callback.search, payload: fields.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', ...signature === '' ? {} : { 'x-twilio-signature': signature ?? twilioSignature(TWILIO.token, callback.href, fields) } } })
    return answer.statusCode
  }
  const delivery = async (): Promise<string> => (await v.call('GET', `verifications/${body.id}`)).body.delivery
  await hold('The whole way: a verification is one request that fits', async () => { assert.deepEqual([mock.seen.length - before, mock.seen[before]?.status, await delivery()], [1, 201, 'sent']) })
  await hold('Callbacks: no signature and a wrong one are refused', async () => { assert.deepEqual([await report('delivered', ''), await report('delivered', twilioSignature('another', callback.href, new URLSearchParams())), await delivery()], [403, 403, 'sent']) })
  await hold('Callbacks: a right one counts, twice is once', async () => { assert.deepEqual([await report('sent'), await report('delivered'), await report('delivered'), await delivery()], [204, 204, 204, 'delivered']) })
}

async function holdVerify (mock: Mock): Promise<void> {
  const settings = { is: 'twilioVerify' as const, base: `http://127.0.0.1:${mock.port}`, user: TWILIO.account, password: TWILIO.token, service: TWILIO.verify }
  const message = { id: '01890000-0000-7000-8000-000000000002', to: { name: '', address: '+4915123456789' }, subject: '', text: '', code: { digits: '123456', expiresAt: Date.now() + 600_000, language: 'hi' as const } }
  let sid = ''
  for (const name of ['sms', 'whatsapp', 'voice'] as const) {
    await hold(`Verify: our code by ${name}`, async () => {
      sid = (await twilioVerifyChannel(settings, name, { longestMs: LONGEST_MS }).send(message)).providerId ?? ''
      assert.match(sid, /^VE[\da-f]{32}$/i)
    })
  }
  const channel = twilioVerifyChannel(settings, 'sms', { longestMs: LONGEST_MS })
  for (const outcome of ['approved', 'canceled'] as const) await hold(`Verify: the outcome ${outcome}`, async () => { await channel.report?.(sid, outcome) })
  await hold('Verify: nothing in the requests that the description does not know', async () => { assert.deepEqual(mock.seen.map(({ violations }) => violations), mock.seen.map(() => null)) })
  await hold('Verify: 429 is tried again later', async () => {
    mock.change = (headers) => { headers['prefer'] = 'code=429' }
    const { fault, isFinal } = await refused(channel.send(message))
    assert.deepEqual([fault.endsWith(' 429'), isFinal], [true, false], fault)
  })
}

function say (line: string): void {
  process.stdout.write(`${line}\n`)
}

async function hold (what: string, check: () => Promise<void>): Promise<void> {
  try {
    await check()
    say(`ok    ${what}`)
  } catch (error) {
    failures++
    say(`FAILS ${what}\n      ${error instanceof Error ? error.message.replaceAll('\n', '\n      ') : String(error)}`)
  }
}

async function refused (sending: Promise<unknown>): Promise<{ fault: string, isFinal: boolean }> {
  const error = await sending.then(() => null, (one: unknown) => one)
  if (!(error instanceof ChannelError)) throw new Error('It was taken.')
  return { fault: channelFault(error), isFinal: error.isFinal }
}

async function mockOf (description: string): Promise<Mock> {
  const port = await freePort()
  const prism = spawn('npx', ['--yes', PRISM, 'mock', '-h', '127.0.0.1', '-p', String(port), description], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  open.push(async () => { end(prism) })
  const said: string[] = []
  for (const stream of [prism.stdout, prism.stderr]) stream.on('data', (bytes: Buffer) => { said.push(bytes.toString()) })
  for (let waited = 0; !said.join('').includes('Prism is listening'); waited++) {
    if (waited > 3000 || prism.exitCode !== null) throw new Error(`Prism did not start:\n${said.join('')}`)
    await sleep(100)
  }
  return between(port)
}

/** Ends npx and what it has started. */
function end (child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
  } catch { /* It has ended by itself. */ }
}

async function between (port: number): Promise<Mock> {
  const seen: Seen[] = []
  const server: Server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => { parts.push(part) })
    incoming.on('end', () => {
      const body = Buffer.concat(parts)
      const headers: Record<string, string | string[] | undefined> = { ...incoming.headers }
      mock.change(headers)
      send({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers }, (answer) => {
        const violations = answer.headers['sl-violations']
        seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', body: body.toString(), status: answer.statusCode ?? 0, violations: violations === undefined ? null : String(violations) })
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      }).on('error', () => { outgoing.destroy() }).end(body)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const mock: Mock = {
    port: portOf(server), seen, change () {},
    async close () {
      server.closeAllConnections()
      await new Promise<void>((resolve) => { server.close(() => { resolve() }) })
    }
  }
  open.push(mock.close)
  return mock
}

function portOf (server: Server): number {
  const address = server.address() as AddressInfo // It listens on TCP.
  return address.port
}
