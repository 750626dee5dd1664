import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port of 127.0.0.1 that nobody listens at now. @param below of a program that takes one more, so many above it */
export async function freePort (below = 65_536) {
  for (;;) {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address()
    listener.close()
    await once(listener, 'close')
    if (port < below) return port
  }
}
