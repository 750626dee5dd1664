import { connect, type Socket } from 'node:net'

/** `method`: POST unless told; a GET has no body. */
export type Request = { method?: 'GET' | 'POST', path: string, body: string, headers?: Record<string, string> }
export type Load = { seconds: number, perSecond: number, millis: number[], statuses: Record<number, number>, bodies: string[] }

/**
 * Sends requests over keep-alive connections, one at a time on each, and measures each answer. Hand-written HTTP/1.1
 * on plain sockets, so that the generator costs less than what it measures. Bounded: `requests` and no more.
 */
export async function load (url: string, requests: readonly Request[], connections: number): Promise<Load> {
  const { hostname, port, host } = new URL(url)
  const millis: number[] = []
  const statuses: Record<number, number> = {}
  const bodies: string[] = []
  const texts = requests.map(({ method = 'POST', path, body, headers = {} }) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const content = method === 'GET' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
    return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}${content}\r\n${body}`
  })
  let next = 0
  const begun = performance.now()
  await Promise.all(Array.from({ length: Math.min(connections, requests.length) }, async () => {
    let socket = await opened(hostname, Number(port))
    for (let i = next++; i < texts.length; i = next++) {
      const sent = performance.now()
      const answer = await ask(socket, texts[i] ?? '')
      millis.push(performance.now() - sent)
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
      bodies[i] = answer.body
      if (answer.closes) {
        socket.destroy()
        socket = await opened(hostname, Number(port))
      }
    }
    socket.destroy()
  }))
  const seconds = (performance.now() - begun) / 1000
  return { seconds, perSecond: requests.length / seconds, millis, statuses, bodies }
}

function opened (host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => { resolve(socket) })
    socket.setEncoding('latin1').once('error', reject)
  })
}

function ask (socket: Socket, text: string): Promise<{ status: number, body: string, closes: boolean }> {
  return new Promise((resolve, reject) => {
    let got = ''
    const stop = (): void => { socket.off('data', read).off('close', lost) }
    const lost = (): void => {
      stop()
      reject(new Error(`The connection ended: ${got.slice(0, 200)}`))
    }
    const read = (chunk: string): void => {
      got += chunk
      const end = got.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = got.slice(0, end).toLowerCase()
      // A chunked body keeps its chunk lines here: nobody looks at more than a word in it.
      const isChunked = head.includes('\ntransfer-encoding: chunked')
      const length = Number(/\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0)
      if (isChunked ? !got.endsWith('\r\n0\r\n\r\n') : got.length < end + 4 + length) return
      stop()
      resolve({ status: Number(got.slice(9, 12)), body: got.slice(end + 4), closes: head.includes('\nconnection: close') })
    }
    socket.on('data', read).once('close', lost)
    socket.write(text)
  })
}
