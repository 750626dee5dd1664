import { createServer, type Server } from 'node:https'
import type { App } from '../http.ts'
import type { Tls } from './tls.ts'

/** The app's pages and API with TLS, under the limits of its server without. The app must be ready. */
export function secureServer (app: App, tls: Tls): Server {
  const { requestTimeout, headersTimeout, keepAliveTimeout, timeout } = app.server
  const server = createServer({ ...tls.options(), requestTimeout, headersTimeout, keepAliveTimeout, connectionsCheckingInterval: requestTimeout / 3, handshakeTimeout: 10_000 }, (request, response) => { app.routing(request, response) })
  server.setTimeout(timeout)
  tls.serve(server)
  return server
}
