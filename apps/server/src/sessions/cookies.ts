import type { FastifyReply, FastifyRequest } from 'fastify'
import type { House } from '../house.ts'

/** The session's cookie where there is no TLS. */
export const COOKIE = 'oncekey'
/** The mark of a browser that is known, see browsers.ts. */
const BROWSER_COOKIE = 'oncekey-browser'
/** What a visitor to the demo page began, see demo/visitor.ts. */
const DEMO_COOKIE = 'oncekey-demo'
/** A sign-in that is on its way to a provider and back, see providers/flow.ts. */
const FLOW_COOKIE = 'oncekey-provider'

/** The session that a browser sends; undefined for none. */
export function sessionIn (request: FastifyRequest, house: House): string | undefined {
  return request.cookies[nameOf(COOKIE, isSecure(request, house))]
}

/** The mark that a browser sends; undefined for none. */
export function browserMarkIn (request: FastifyRequest, house: House): string | undefined {
  return request.cookies[nameOf(BROWSER_COOKIE, isSecure(request, house))]
}

/** The way to a provider that a browser is on; undefined for none. */
export function flowIn (request: FastifyRequest, house: House): string | undefined {
  return request.cookies[nameOf(FLOW_COOKIE, isSecure(request, house))]
}

/** The mark of a visitor to the demo page; undefined for none. */
export function demoMarkIn (request: FastifyRequest, house: House): string | undefined {
  return request.cookies[nameOf(DEMO_COOKIE, isSecure(request, house))]
}

export function setDemoCookie (request: FastifyRequest, reply: FastifyReply, house: House, mark: string, keptMs: number): void {
  const secure = isSecure(request, house)
  void reply.setCookie(nameOf(DEMO_COOKIE, secure), mark, { ...attributes(secure), sameSite: 'strict', maxAge: Math.floor(keptMs / 1000) })
}

/** The session's cookie: not for scripts, not for other sites' pages, and only over TLS where we have it. It ends with the browser unless that is remembered. */
export function setSessionCookie (request: FastifyRequest, reply: FastifyReply, house: House, token: string, keptMs: number | null): void {
  const secure = isSecure(request, house)
  void reply.setCookie(nameOf(COOKIE, secure), token, { ...attributes(secure), ...keptMs === null ? {} : { maxAge: Math.floor(keptMs / 1000) } })
}

export function clearSessionCookie (request: FastifyRequest, reply: FastifyReply, house: House): void {
  const secure = isSecure(request, house)
  void reply.clearCookie(nameOf(COOKIE, secure), attributes(secure))
}

export function setBrowserCookie (request: FastifyRequest, reply: FastifyReply, house: House, token: string, keptMs: number): void {
  const secure = isSecure(request, house)
  void reply.setCookie(nameOf(BROWSER_COOKIE, secure), token, { ...attributes(secure), sameSite: 'strict', maxAge: Math.floor(keptMs / 1000) })
}

/** `lax`: it has to come back with somebody whom another site sends here. */
export function setFlowCookie (request: FastifyRequest, reply: FastifyReply, house: House, sealed: string, keptMs: number): void {
  const secure = isSecure(request, house)
  void reply.setCookie(nameOf(FLOW_COOKIE, secure), sealed, { ...attributes(secure), maxAge: Math.floor(keptMs / 1000) })
}

export function clearFlowCookie (request: FastifyRequest, reply: FastifyReply, house: House): void {
  const secure = isSecure(request, house)
  void reply.clearCookie(nameOf(FLOW_COOKIE, secure), attributes(secure))
}

/**
 * Over TLS with the prefix that browsers take from this very host and over TLS only (RFC 6265bis 4.1.3.2): neither a page
 * without TLS nor a neighbouring host can plant one.
 */
function nameOf (name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name
}

function isSecure (request: FastifyRequest, house: House): boolean {
  return request.protocol === 'https' || house.config.publicUrl?.startsWith('https:') === true
}

function attributes (secure: boolean) {
  return { path: '/', httpOnly: true, sameSite: 'lax' as const, secure }
}
