/** The two ways to tell a box where it belongs: by cable from a page (Improv), and by its own access point. */
import HTTPServer from 'embedded:network/http/server'
import Listener from 'embedded:io/socket/listener'
import Serial from 'embedded:io/serial'
import { newImprovService, readSetupForm, savedPage, setupPage, type ImprovPorts, type Place } from '@oncekey/host'
import { pins } from './pins.ts'
import { textOf } from './text.ts'

/** Listens on the board's USB converter, from the first moment and always: whoever can plug in a cable is on the safe side of the door. */
export function listenForCable (ports: Omit<ImprovPorts, 'send'>): void {
  const line = new Serial({
    ...pins.serial, format: 'buffer',
    onReadable (count) {
      const bytes = this.read(count)
      if (bytes !== undefined) for (const byte of new Uint8Array(bytes)) service.read(byte)
    }
  })
  const service = newImprovService({ ...ports, send: (packet) => { line.write(packet) } })
}

type Request = { method: string, path: string }
type Response = { status: number, headers: Map<string, string> }
/** What the SDK calls a route with: the connection is `this`. */
type Connection = { read (count: number): ArrayBuffer | undefined, write (bytes: ArrayBuffer): void, respond (response: Response): void }

/** Serves the one form to whoever joined the access point. */
export function listenForPhone (saved: (place: Place) => void): void {
  const server = new HTTPServer({
    io: Listener, port: 80,
    onConnect (connection) {
      let isPost = false
      let body = ''
      let reply = ArrayBuffer.fromString(setupPage)
      connection.accept({
        onRequest (request: Request) { isPost = request.method === 'POST' },
        onReadable (this: Connection, count: number) {
          const bytes = this.read(count)
          if (bytes !== undefined && body.length < 2000) body += textOf(bytes) ?? ''
        },
        onResponse (this: Connection, response: Response) {
          const place = isPost ? readSetupForm(body) : null
          if (place !== null) reply = ArrayBuffer.fromString(savedPage)
          response.status = isPost && place === null ? 400 : 200
          response.headers.set('content-type', 'text/html')
          response.headers.set('content-length', String(reply.byteLength))
          this.respond(response)
          if (place === null) return
          server.close()
          saved(place)
        },
        onWritable (this: Connection) { this.write(reply) }
      })
    }
  })
}
