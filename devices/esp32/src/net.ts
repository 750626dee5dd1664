/** Sockets, names, certificates: what every connection of this box is made of. */
import HTTPClient from 'embedded:network/http/client'
import Resolver from 'embedded:network/dns/resolver/udp'
import TCP from 'embedded:io/socket/tcp'
import TLS from 'embedded:io/socket/tcp/tls'
import UDP from 'embedded:io/socket/udp'
import Net from 'net'
import { addressOf, certificateOf, type Address } from '@oncekey/host'
import { textOf } from './text.ts'

/** Bytes of an answer after which no more is kept. */
const LONGEST = 16_384

/** PEM of the only authority to trust; null: those that came with the image; 'anybody': for what is public, and checked otherwise. */
export type Trust = string | null | 'anybody'

/** Names are asked of whom the network's own DHCP names. */
export function resolver (): object {
  const found = Net.get('DNS')
  const servers = Array.isArray(found) ? found : found === undefined ? [] : [found]
  return { io: Resolver, servers, socket: { io: UDP } }
}

export function socket (isSecure: boolean, trust: Trust): object {
  if (!isSecure) return { io: TCP }
  const certificate = trust === null || trust === 'anybody' ? null : certificateOf(trust)
  // TLS 1.2, which the engine speaks; the dates of certificates are judged by the clock, so the time comes first.
  return { io: TLS, TCP: { io: TCP }, secure: { protocolVersion: 0x303, ...(certificate === null ? {} : { certificate: certificate.buffer }), ...(trust === 'anybody' ? { verify: false } : {}) } }
}

export type Answer = { status: number, headers: Map<string, string>, body: string }

/** One request on a connection of its own. Tells once; null: no answer. */
export function request (at: Address, trust: Trust, how: { method: 'GET' | 'POST', path: string, body?: string }, told: (answer: Answer | null) => void): void {
  const sent = ArrayBuffer.fromString(how.body ?? '')
  const headers = new Map<string, string>()
  if (how.body !== undefined) {
    headers.set('content-type', 'application/json')
    headers.set('content-length', String(sent.byteLength))
  }
  let isTold = false
  let isSent = false
  let status = 0
  // A character may come in two parts: only all of them are a text.
  let kept = new Uint8Array(0)
  let answered = new Map<string, string>()
  const client = new HTTPClient({ host: at.host, port: at.port, dns: resolver(), socket: socket(at.isSecure, trust), onError: () => { tell(false) } })
  client.request({
    method: how.method, path: how.path, headers,
    onHeaders (code, some) {
      status = code
      answered = some
    },
    onWritable () {
      if (isSent) return
      isSent = true
      if (sent.byteLength > 0) this.write(sent)
      this.write()
    },
    onReadable (count) {
      const bytes = this.read(count)
      if (bytes === undefined || kept.length >= LONGEST) return
      const more = new Uint8Array(kept.length + bytes.byteLength)
      more.set(kept)
      more.set(new Uint8Array(bytes), kept.length)
      kept = more
    },
    onDone (error) { tell(error === null || error === undefined) }
  })

  function tell (isWell: boolean): void {
    if (isTold) return
    isTold = true
    client.close()
    const body = isWell && status > 0 ? textOf(kept.buffer) : null
    told(body === null ? null : { status, headers: answered, body })
  }
}

/**
 * One part of what is at an address, told as it comes: bytes `from` up to, without, `to`. Whatever is not that part (another
 * answer, the whole of it) is not told at all.
 * @returns ends it; nothing is told after that
 */
export function download (url: string, trust: Trust, token: string, from: number, to: number, part: (bytes: Uint8Array) => void, done: (isAll: boolean) => void): () => void {
  const at = addressOf(url)
  let isOver = at === null
  if (at === null) {
    done(false)
    return () => {}
  }
  let isPart = false
  const client = new HTTPClient({ host: at.host, port: at.port, dns: resolver(), socket: socket(at.isSecure, trust), onError: () => { end(false) } })
  client.request({
    method: 'GET', path: url.slice(url.indexOf('/', url.indexOf('//') + 2)),
    headers: new Map([['authorization', `Bearer ${token}`], ['range', `bytes=${from}-${to - 1}`]]),
    onHeaders (status) {
      isPart = status === 206
      if (!isPart) end(false)
    },
    onWritable () {
      if (!isOver) this.write()
    },
    onReadable (count) {
      const bytes = this.read(count)
      if (bytes !== undefined && isPart && !isOver) part(new Uint8Array(bytes))
    },
    onDone (error) { end(isPart && (error === null || error === undefined)) }
  })
  return close

  function close (): void {
    if (isOver) return
    isOver = true
    client.close()
  }
  function end (isAll: boolean): void {
    if (isOver) return
    close()
    done(isAll)
  }
}
