import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What came in. `body`: as it travelled. */
export type Request = { method: string, url: string, headers: IncomingHttpHeaders, body: string }
/** How it is answered; 'hangs': never. */
export type Reply = { status: number, body?: string, headers?: Record<string, string>, afterMs?: number } | 'hangs' | 'breaksOff'

/** A small real HTTP server that stands for a provider. */
export type Provider = {
  url: string
  port: number
  requests: Request[]
  /** What it does from now on. */
  reply: (request: Request) => Reply
  /** Waits until so many have come. */
  until: (count: number, ms?: number) => Promise<void>
  close: () => Promise<void>
}

export async function provider (reply: (request: Request) => Reply = () => ({ status: 200, body: '{}' })): Promise<Provider> {
  const open = new Set<ServerResponse>()
  const heard = new Set<() => void>()
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => { parts.push(part) })
    request.on('end', () => {
      const came = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() }
      one.requests.push(came)
      for (const look of heard) look()
      const answer = one.reply(came)
      if (answer === 'hangs') {
        open.add(response)
        return
      }
      if (answer === 'breaksOff') {
        request.socket.destroy()
        return
      }
      const say = (): void => { response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body ?? '') }
      if (answer.afterMs === undefined) say()
      else setTimeout(say, answer.afterMs)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo // It listens on TCP.
  const one: Provider = {
    url: `http://127.0.0.1:${port}`, port, requests: [], reply,
    async until (count, ms = 10_000) {
      if (one.requests.length >= count) return
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => { reject(new Error(`${one.requests.length} of ${count} requests came within ${ms} ms.`)) }, ms)
        heard.add(() => {
          if (one.requests.length < count) return
          clearTimeout(timer)
          resolve()
        })
      })
    },
    async close () {
      for (const response of open) response.destroy()
      server.closeAllConnections()
      await new Promise<void>((resolve) => { server.close(() => { resolve() }) })
    }
  }
  return one
}

/** What the gateway and we sign with, in tests. */
export const GATEWAY_SECRET = Buffer.alloc(32, 7).toString('base64')
export const TWILIO = { account: `AC${'a'.repeat(32)}`, token: 'twilio-token-of-a-test', key: `SK${'b'.repeat(32)}`, messages: `MG${'c'.repeat(32)}`, verify: `VA${'d'.repeat(32)}` }

/** Twilio's answer to a message that it took. */
export function twilioTook (i = 0): Reply {
  return { status: 201, body: JSON.stringify({ sid: `SM${String(i).padStart(32, '0')}`, status: 'queued', error_code: null }) }
}
