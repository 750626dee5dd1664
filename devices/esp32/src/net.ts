/** Sockets, names, certificates: what every connection of this box is made of. */
import HTTPClient from 'embedded:network/http/client'
import Resolver from 'embedded:network/dns/resolver/udp'
import TCP from 'embedded:io/socket/tcp'
import TLS from 'embedded:io/socket/tcp/tls'
import UDP from 'embedded:io/socket/udp'
import Net from 'net'
import { certificateOf, type Address } from '@oncekey/host'

/** Longest answer that is kept. */
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
  const body = ArrayBuffer.fromString(how.body ?? '')
  const headers = new Map<string, string>()
  if (how.body !== undefined) {
    headers.set('content-type', 'application/json')
    headers.set('content-length', String(body.byteLength))
  }
  let isTold = false
  let isSent = false
  let status = 0
  let text = ''
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
      if (body.byteLength > 0) this.write(body)
      this.write()
    },
    onReadable (count) {
      const bytes = this.read(count)
      if (bytes !== undefined && text.length < LONGEST) text += String.fromArrayBuffer(bytes)
    },
    onDone (error) { tell(error === null || error === undefined) }
  })

  function tell (isWell: boolean): void {
    if (isTold) return
    isTold = true
    client.close()
    told(isWell && status > 0 ? { status, headers: answered, body: text } : null)
  }
}
