import { lookup as ask, type LookupAddress } from 'node:dns'
import { request as requestTls } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { request as requestPlain } from '../platform/node-http.ts'
import { hostOf, targetsIn, type Targets } from './targets.ts'

/** What became of one try: the receiver's answer, or why there is none, in a word. `retryAfter`: as it came, only where the answer says "later". */
export type Posted = { status: number, retryAfter?: string } | { fault: string }
/** Sends one message and resolves within the time that it has, whatever the other side does; at once, with the fault STOPPED, when the signal says so. */
export type Poster = (url: string, headers: Readonly<Record<string, string>>, body: string | Uint8Array, signal?: AbortSignal) => Promise<Posted>

/** The message was in our hands when we stopped: nobody's failure. */
export const STOPPED = 'stopped'

type Lookup = (host: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void

export type PosterOptions = {
  /** Networks of one's own to which messages may go, also without TLS (CIDR). Default: none. */
  networks?: readonly string[]
  /** For everything: name, connection, TLS, answer. Default 15 s. */
  timeoutMs?: number
  /** What names mean. Default: as this machine looks names up. */
  lookup?: Lookup | undefined
  /** Authorities of certificates (PEM). Default: those that Node knows. */
  ca?: string
}

const TIMEOUT_MS = 15_000
/** Too many requests (RFC 6585, 4); not available now (RFC 9110, 15.6.4). */
const saysLater = new Set([429, 503])

/**
 * Messages over HTTP. A name is looked up once, in the connection itself: what was judged is what is connected to, so that
 * a name which means something else a moment later leads nowhere else. Redirects are not followed, of the answer only its
 * first line counts, and when to come again: the connection ends there, with whatever would have come.
 */
export function httpPoster ({ networks = [], timeoutMs = TIMEOUT_MS, lookup, ca }: PosterOptions = {}): Poster {
  const targets = targetsIn(networks)
  return (text, headers, body, signal) => {
    const refusal = targets.refusalOf(text)
    if (refusal !== null) return Promise.resolve({ fault: refusal })
    const url = new URL(text)
    return new Promise((resolve) => {
      const request = (url.protocol === 'https:' ? requestTls : requestPlain)({
        protocol: url.protocol, host: hostOf(url), port: url.port, path: url.pathname + url.search, method: 'POST', lookup: judgedLookup(targets, url.protocol, lookup),
        // A connection of its own, which ends with the message; and no proxy of the environment, which would look names up itself.
        agent: false, headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' }, ...ca !== undefined && { ca }
      })
      const end = (posted: Posted): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
        resolve(posted)
        request.destroy()
      }
      const giveUp = (): void => { end({ fault: STOPPED }) }
      const timer = setTimeout(() => { end({ fault: 'timeout' }) }, timeoutMs)
      signal?.addEventListener('abort', giveUp)
      request.on('response', ({ statusCode = 0, headers: { 'retry-after': retryAfter } }) => {
        end({ status: statusCode, ...retryAfter !== undefined && saysLater.has(statusCode) && { retryAfter } })
      })
      request.on('error', (error) => { end({ fault: faultOf(error) }) })
      // Belt and braces: should a way around the look-up ever be there, nothing is said on it.
      request.on('socket', (socket) => {
        socket.on('connect', () => {
          const { remoteAddress = '' } = socket
          if (isIP(remoteAddress) === 0 || !targets.admits(remoteAddress, url.protocol)) end({ fault: 'addressRefused' })
        })
      })
      request.end(body)
    })
  }
}

/** What a name means, for the connection itself: only if every address of the answer may be gone to. */
export function judgedLookup (targets: Targets, protocol: string, lookup: Lookup = (host, done) => { ask(host, { all: true }, done) }): LookupFunction {
  return (host, options, done) => {
    lookup(host, (error, addresses) => {
      if (error !== null) return done(error, '')
      const [first] = addresses
      // One bad address among good ones is no accident.
      if (first === undefined || !addresses.every(({ address }) => targets.admits(address, protocol))) return done(refused('addressRefused'), '')
      if (options.all === true) done(null, [...addresses])
      else done(null, first.address, first.family)
    })
  }
}

function refused (fault: string): Error {
  return Object.assign(new Error('Refused.'), { code: fault })
}

/** A word that holds nothing of the other side's making. */
export function faultOf (error: Error): string {
  return 'code' in error && typeof error.code === 'string' && /^[A-Za-z0-9_]{2,50}$/.test(error.code) ? error.code : 'unknown'
}
