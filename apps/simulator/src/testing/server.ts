/**
 * The server's side of the contract, as small as a test can use it: answers hellos, verifies against a
 * list of codes, acknowledges records, commands. It speaks real sealed messages.
 */
import { linkKeys, open, openEntry, parseEvents, parseEventRecord, parseHello, parseRequest, parseResult, parseState, seal, sessionOf } from '@oncekey/protocol/messages'
import type { EventRecord, Result, State } from '@oncekey/protocol/messages'
import { downTopic, parseTopic, type DownName } from '@oncekey/protocol/topics'
import type { Identity } from '@oncekey/controller'

export type TestServer = {
  /** Digits that open, each once, and what they open. */
  codes: Map<string, number>
  /** Gives one message of the controller to the server. */
  receive: (topic: string, payload: string) => void
  command: (op: 'unlock' | 'lock', lock: number, id?: string) => void
  settings: (change?: object) => void
  /** Offers an image, or nothing: any body of down/update. */
  offer: (body: object) => void
  /** Lends pins: any body of down/pins, without its session. */
  lend: (facts: object) => void
  records: EventRecord[]
  results: Result[]
  states: State[]
  /** Entries that could be opened, in clear. */
  entries: string[]
  /** Silent: reads, but answers no request. */
  mute: boolean
  /** Wrong codes in a row. */
  wrong: number
  lockoutMs: number
}

export function testServer (identity: Identity, send: (topic: string, payload: string, retain: boolean) => void, options: { locks?: number, time?: () => number } = {}): TestServer {
  const keys = linkKeys(identity.rootKey, 1)
  const time = options.time ?? Date.now
  let session = ''
  let n = 0
  let nonces = 0
  let version = 0
  let acked = 0
  let ids = 0

  const server: TestServer = {
    codes: new Map(), records: [], results: [], states: [], entries: [], mute: false, wrong: 0, lockoutMs: 0,
    receive (topic, payload) {
      const at = parseTopic(topic)
      if (at?.direction !== 'up' || at.name === 'avail') return
      const body = open(keys.macUp, topic, payload)
      if (body === null) throw new Error(`not authentic: ${topic}`)
      if (at.name === 'hello') return welcome(body)
      if (at.name === 'request') return verify(body)
      if (at.name === 'event') return take(body)
      if (at.name === 'result') {
        const result = parseResult(body)
        if (result !== null) server.results.push(result)
      }
      if (at.name === 'state') {
        const state = parseState(body)
        if (state !== null) server.states.push(state)
      }
    },
    command: (op, lock, id = `command-${++ids}`) => say('command', { id, expires: time() + 10_000, op, lock }),
    lend: (facts) => say('pins', facts),
    offer: (body) => tell('update', body, true),
    settings (change = {}) {
      version++
      const locks = Array.from({ length: options.locks ?? 1 }, (_, i) => ({ lock: i + 1, label: `A0${i + 1}`, kind: 'compartment' }))
      tell('settings', { version, name: 'Bank A', language: 'en', utcOffsetMinutes: 0, wrongCodeEntryLimit: 3, lockoutMs: 120_000, autoRelockMs: 5000, locks, ...change }, true)
    }
  }
  return server

  function welcome (body: string): void {
    const hello = parseHello(body)
    if (hello === null) throw new Error(`no hello: ${body}`)
    const nonce = Buffer.from(String(++nonces).padStart(16, '0')).toString('base64url')
    session = sessionOf(hello.epoch, nonce) ?? ''
    n = 0
    tell('welcome', { epoch: hello.epoch, nonce, time: time(), lockoutMs: server.lockoutMs, acked }, false)
  }

  function verify (body: string): void {
    const request = parseRequest(body)
    if (request === null || request.kind !== 'verify') throw new Error(`no question: ${body}`)
    const digits = openEntry(keys.encUp, request.s, request.n, request.entry)
    if (digits === null) throw new Error('an entry that does not open')
    server.entries.push(digits)
    if (server.mute) return
    const lock = server.codes.get(digits)
    server.codes.delete(digits)
    if (lock !== undefined) {
      server.wrong = 0
      return say('answer', { id: request.id, kind: 'verify', granted: true, lock, mode: 'unlock' })
    }
    server.wrong++
    if (server.wrong >= 3) server.lockoutMs = 120_000
    say('answer', { id: request.id, kind: 'verify', granted: false, triesLeft: Math.max(0, 3 - server.wrong), lockoutMs: server.lockoutMs })
  }

  function take (body: string): void {
    for (const text of parseEvents(body)?.records ?? []) {
      const record = parseEventRecord(text)
      if (record === null || record.seq <= acked) continue
      server.records.push(record)
      acked = record.seq
    }
    say('ack', { seq: acked })
  }

  function say (name: DownName, facts: object): void {
    tell(name, { s: session, n: ++n, ...facts }, false)
  }

  function tell (name: DownName, body: object, retain: boolean): void {
    const topic = downTopic(identity, name)
    send(topic, seal(keys.macDown, topic, JSON.stringify(body)), retain)
  }
}
