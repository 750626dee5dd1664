/** A cable between doors and broker that keeps what passes, as somebody who listens on the network would. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type Wire = {
  port: number
  /** Every byte that passed, both ways, in chunks as they came. */
  passed: Buffer[]
  /** From now on what the broker says is lost on the way. */
  holdDown: () => void
  /** Cuts what is connected; new connections pass again. */
  passAgain: () => void
  close: () => void
}

export async function openWire (to: number): Promise<Wire> {
  const passed: Buffer[] = []
  const sockets = new Set<Socket>()
  let holds = false
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: to, host: '127.0.0.1', noDelay: true })
    for (const [from, into, isDown] of [[near, far, false], [far, near, true]] as const) {
      sockets.add(from)
      from.on('data', (chunk) => {
        passed.push(chunk)
        if (!(isDown && holds)) into.write(chunk)
      })
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        into.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    holdDown () { holds = true },
    passAgain () {
      for (const socket of sockets) socket.destroy()
      holds = false
    },
    close () {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}
