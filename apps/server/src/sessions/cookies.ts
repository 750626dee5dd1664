import type { FastifyReply, FastifyRequest } from 'fastify'
import type { House } from '../house.ts'

export const COOKIE = 'oncekey'
/** The mark of a browser that is known, see browsers.ts. */
export const BROWSER_COOKIE = 'oncekey-browser'

/** The session's cookie: not for scripts, not for other sites' pages, and only over TLS where we have it. It ends with the browser unless that is remembered. */
export function setSessionCookie (request: FastifyRequest, reply: FastifyReply, house: House, token: string, keptMs: number | null): void {
  void reply.setCookie(COOKIE, token, { ...attributes(request, house), ...keptMs === null ? {} : { maxAge: Math.floor(keptMs / 1000) } })
}

export function clearSessionCookie (request: FastifyRequest, reply: FastifyReply, house: House): void {
  void reply.clearCookie(COOKIE, attributes(request, house))
}

export function setBrowserCookie (request: FastifyRequest, reply: FastifyReply, house: House, token: string, keptMs: number): void {
  void reply.setCookie(BROWSER_COOKIE, token, { ...attributes(request, house), sameSite: 'strict', maxAge: Math.floor(keptMs / 1000) })
}

/** What all our cookies have in common. */
function attributes (request: FastifyRequest, house: House) {
  const secure = request.protocol === 'https' || house.config.publicUrl?.startsWith('https:') === true
  return { path: '/', httpOnly: true, sameSite: 'lax' as const, secure }
}
