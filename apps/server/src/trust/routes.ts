import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { trustCss, trustPage } from './page.ts'
import { appleProfile } from './profile.ts'

/** The page that tells how to trust our own authority, and its certificate in the forms that devices take; nothing without one. */
export function trustRoutes (app: App, house: House): void {
  const authority = house.tls?.authority ?? null
  if (authority === null) return
  const open = { config: { audience: 'everybody', isPublicNotice: true }, schema: { hide: true } } as const
  const file = (path: string, type: string, content: string | Buffer): void => {
    app.get(path, open, async (_request, reply) => reply.type(type).header('cache-control', 'no-store').header('content-disposition', `attachment; filename="oncekey-${path.slice(1)}"`).send(content))
  }
  app.get('/trust', open, async (request, reply) => reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').header('vary', 'user-agent')
    .send(trustPage({ authority, address: house.secureUrl(request.hostname) ?? '/', agent: request.headers['user-agent'] ?? '', isTrusted: request.protocol === 'https' })))
  app.get('/trust.css', open, async (_request, reply) => reply.type('text/css; charset=utf-8').header('cache-control', 'no-cache').send(trustCss))
  // DER and this type are what Android, Windows and Firefox open as an authority; PEM is for programs.
  file('/ca.crt', 'application/x-x509-ca-cert', authority.der)
  file('/ca.pem', 'application/x-pem-file', authority.pem)
  file('/ca.mobileconfig', 'application/x-apple-aspen-config', appleProfile(authority))
}
