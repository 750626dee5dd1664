import { createServer, type AddressInfo, type Socket } from 'node:net'

export type MailSink = {
  url: string
  codes: Map<string, string>
  until: (count: number) => Promise<void>
  /** Greets nobody until `release`: no mail is sent meanwhile. A program waits for a greeting for ten seconds. */
  hold: () => void
  release: () => void
  close: () => void
}

/** The least that is an SMTP server (RFC 5321): takes everything and keeps each recipient's newest six digits. */
export async function mailSink (): Promise<MailSink> {
  const codes = new Map<string, string>()
  const kept: Socket[] = []
  let isHeld = false
  const waiting = new Set<() => void>()
  const server = createServer((socket) => {
    let text = ''
    let to = ''
    let isData = false
    socket.setEncoding('utf8').on('error', () => {})
    if (isHeld) kept.push(socket)
    else socket.write('220 sink\r\n')
    socket.on('data', (chunk: string) => {
      text += chunk
      for (;;) {
        const end = text.indexOf(isData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const line = text.slice(0, end)
        text = text.slice(end + (isData ? 5 : 2))
        if (isData) {
          isData = false
          codes.set(to, /\b\d{6}\b/.exec(line.slice(line.indexOf('\r\n\r\n')))?.[0] ?? '')
          for (const look of waiting) look()
          socket.write('250 kept\r\n')
          continue
        }
        const word = line.slice(0, 4).toUpperCase()
        if (word === 'RCPT') to = /<([^>]*)>/.exec(line)?.[1] ?? ''
        isData = word === 'DATA'
        socket.write(isData ? '354 go on\r\n' : word === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n')
        if (word === 'QUIT') socket.end()
      }
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    url: `smtp://127.0.0.1:${port}?from=oncekey@bench.example`,
    codes,
    until: (count) => new Promise((resolve) => {
      const look = (): void => {
        if (codes.size < count) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    }),
    hold () { isHeld = true },
    release () {
      isHeld = false
      for (const socket of kept.splice(0)) socket.write('220 sink\r\n')
    },
    close () { server.close() }
  }
}
