import { createServer, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** One message that came, with its headers as they came. */
export type Heard = { method: string, path: string, headers: Record<string, string>, body: string }
/** A real HTTP server that keeps what arrives. `manner`: how it answers; 200 unless set. */
export type Receiver = { url: string, port: number, heard: Heard[], manner: (response: ServerResponse, heard: Heard) => void, until: (count: number, ms?: number) => Promise<void>, close: () => Promise<void> }

export async function openReceiver ({ host = '127.0.0.1', port = 0, tls }: { host?: string, port?: number, tls?: { cert: string, key: string } } = {}): Promise<Receiver> {
  const heard: Heard[] = []
  const server: Server = (tls === undefined ? createServer() : createTlsServer(tls)).on('request', (request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => { body += String(part) })
    request.on('end', () => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])), body }
      heard.push(one)
      receiver.manner(response, one)
    })
    response.on('error', () => {})
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => { server.listen(port, host, () => { resolve() }) })
  const { port: open } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${open}`, port: open, heard,
    manner: (response) => { response.end() },
    async until (count, ms = 10_000) {
      for (const ends = Date.now() + ms; heard.length < count;) {
        if (Date.now() > ends) throw new Error(`${heard.length} messages after ${ms} ms, ${count} wanted.`)
        await new Promise((resolve) => { setTimeout(resolve, 5) })
      }
    },
    close: () => new Promise((resolve) => {
      server.close(() => { resolve() })
      server.closeAllConnections()
    })
  }
  return receiver
}
