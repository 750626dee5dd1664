import { randomBytes } from 'node:crypto'
import { toBase64url } from '@oncekey/otp/bytes'
import {
  acceptsNext, open, openEntry, parseEvents, parseHealth, parseHello, parseRequest, parseResult, parseState, parseTimeQuestion, seal, sessionOf,
  type Events, type Health, type Hello, type Hmac, type InSession, type LinkKeys, type Request, type Result, type State, type TimeQuestion, type Welcome
} from '@oncekey/protocol/messages'
import { downTopic, parseTopic, upTopic, type Address, type DownName } from '@oncekey/protocol/topics'

/** Why a payload was not believed: made without the key, made for another moment, not in the language, or one of far too many. */
export type Disbelief = 'tooMany' | 'notAuthentic' | 'replayed' | 'malformed' | 'foreignTopic'

export type Heard =
  | { is: 'hint' }
  | { is: 'disbelieved', why: Disbelief }
  | { is: 'hello', hello: Hello }
  /** `opened`: the hello of the session that this very message made the current one. */
  | { is: 'said', opened: Hello | null } & Said

export type Said =
  | { name: 'state', body: State }
  | { name: 'event', body: Events }
  | { name: 'request', body: Request }
  | { name: 'result', body: Result }
  | { name: 'time', body: TimeQuestion }
  | { name: 'health', body: Health }

/** The server's end of the line to one controller. Decides what is believed; moves, stores and sends nothing. */
export type Link = {
  readonly address: Address
  /** True while there is a session that the controller has shown to know. */
  readonly isOpen: boolean
  hear: (topic: string, payload: string) => Heard
  /** A welcome for a hello: its session waits until the controller speaks in it. */
  welcome: (hello: Hello, facts: Omit<Welcome, 'epoch' | 'nonce'>) => Parcel
  /** A body in the current session; null when there is none. */
  say: (name: DownName, facts: object) => Parcel | null
  /** A body that is bound by a version of its own instead of a session. */
  state: (name: DownName, body: object) => Parcel
  /** The typed digits of a request, or null. */
  digits: (request: Request) => string | null
  /** The connection ended, and all sessions with it. @returns whether one was current */
  end: () => boolean
}

export type Parcel = { topic: string, payload: string }
type Session = { s: string, hello: Hello, heard: number, sent: number }

/** Waiting sessions: more than one, or whoever replays old hellos could push the true one out. */
const MOST_PENDING = 4

/** @param entropy fresh random bytes for nonces */
export function createLink (address: Address, keys: LinkKeys, hmac: Hmac, entropy: (count: number) => Uint8Array = randomBytes): Link {
  let current: Session | null = null
  let pending: Session[] = []
  const down = (name: DownName, body: object): Parcel => {
    const topic = downTopic(address, name)
    return { topic, payload: seal(keys.macDown, topic, JSON.stringify(body), hmac) }
  }

  /** Takes a body's session and number: true when it may move or change something. */
  function accept (body: InSession): { opened: Hello | null } | null {
    if (current !== null && acceptsNext(current.s, current.heard, body)) {
      current.heard = body.n
      return { opened: null }
    }
    const waiting = pending.find((one) => one.s === body.s)
    if (waiting === undefined) return null
    // Only who knows the key can say something in a session with our fresh nonce: a replayed hello never gets here.
    current = { ...waiting, heard: body.n }
    pending = []
    return { opened: waiting.hello }
  }

  return {
    address,
    get isOpen () { return current !== null },
    hear (topic, payload) {
      const parsed = parseTopic(topic)
      if (parsed === null || parsed.direction !== 'up' || topic !== upTopic(address, parsed.name)) return { is: 'disbelieved', why: 'foreignTopic' }
      if (parsed.name === 'avail') return { is: 'hint' }
      const body = open(keys.macUp, topic, payload, hmac)
      if (body === null) return { is: 'disbelieved', why: 'notAuthentic' }
      if (parsed.name === 'hello') {
        const hello = parseHello(body)
        return hello === null ? { is: 'disbelieved', why: 'malformed' } : { is: 'hello', hello }
      }
      const said = parse(parsed.name, body)
      if (said === null) return { is: 'disbelieved', why: 'malformed' }
      const accepted = accept(said.body)
      return accepted === null ? { is: 'disbelieved', why: 'replayed' } : { is: 'said', ...accepted, ...said }
    },
    welcome (hello, facts) {
      const nonce = toBase64url(entropy(16))
      const s = sessionOf(hello.epoch, nonce)
      if (s !== null) pending = [...pending, { s, hello, heard: 0, sent: 0 }].slice(-MOST_PENDING)
      return down('welcome', { epoch: hello.epoch, nonce, ...facts })
    },
    say (name, facts) {
      return current === null ? null : down(name, { s: current.s, n: ++current.sent, ...facts })
    },
    state: down,
    digits (request) {
      return request.entry === undefined ? null : openEntry(keys.encUp, request.s, request.n, request.entry, hmac)
    },
    end () {
      const was = current !== null
      current = null
      pending = []
      return was
    }
  }
}

function parse (name: Said['name'], text: string): Said | null {
  switch (name) {
    case 'state': return named(name, parseState(text))
    case 'event': return named(name, parseEvents(text))
    case 'request': return named(name, parseRequest(text))
    case 'result': return named(name, parseResult(text))
    case 'time': return named(name, parseTimeQuestion(text))
    case 'health': return named(name, parseHealth(text))
  }
}

function named<Name, Body> (name: Name, body: Body | null): { name: Name, body: Body } | null {
  return body === null ? null : { name, body }
}
