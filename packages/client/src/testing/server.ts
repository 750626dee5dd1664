import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = { method: string, path: string, body: string, headers: IncomingMessage['headers'] }
export type World = {
  base: string
  /** What was asked, oldest first. */
  asked: Asked[]
  /** What the next requests are answered by; the last one stays. */
  answers: ((response: ServerResponse, asked: Asked) => void)[]
  close: () => Promise<void>
}

/** A real HTTP server on a free port that says what a test wants. */
export async function world (...answers: World['answers']): Promise<World> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => { body += piece }).on('end', () => {
      const one = { method: request.method ?? '', path: request.url ?? '', body, headers: request.headers }
      asked.push(one)
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      answer?.(response, one)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address() as AddressInfo // a TCP server has no other kind of address
  return {
    base: `http://127.0.0.1:${address.port}/deep/`,
    asked,
    answers,
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
}

export function json (body: unknown, status = 200, headers: Record<string, string | string[]> = {}) {
  return (response: ServerResponse): void => { response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body === undefined ? '' : JSON.stringify(body)) }
}
