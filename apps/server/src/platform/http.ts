import { randomUUID } from 'node:crypto'
import cookie from '@fastify/cookie'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { KeyScope, Me, Role } from '@oncekey/protocol/schemas'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, type RawReplyDefaultExpression, type RawRequestDefaultExpression, type RawServerDefault, type FastifyBaseLogger } from 'fastify'
import { serializerOf, validatorOf } from './compilers.ts'
import { following, type Awaitable } from './db.ts'
import type { Log } from './log.ts'
import { languageFrom } from './language.ts'
import { inAll } from './needs/all.ts'
import { Problem, type FieldError } from './problems.ts'
import { clientOf, proxiesIn } from './proxies.ts'
import { refuseUnstorable } from './storable.ts'

export type App = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>

/** Who may call a route: anybody, people from a role on, or programs by a key of this scope. Every route says so; one that does not stops the start. */
export type Audience = 'everybody' | Role | `key:${KeyScope}`

/** True for what programs call by a key, and people do not. */
export function isForKeys (audience: Audience): audience is `key:${KeyScope}` {
  return audience.startsWith('key:')
}

/** The signed-in person, as far as a route needs to know them. */
export type Caller = {
  id: string, name: string, role: Role, siteId: string, sessionHash: string
  /** Whether they proved who they are in the last 15 minutes, and until when that counts. */
  isProven: boolean, provenUntil: number
  /** Who they are, as a page is told: read with the session, as most pages ask it. */
  me: Me
}

/** How long a proof counts: dangerous calls ask for a newer one. */
export const PROVEN_MS = 900_000

/** The program that calls, by its API key. */
export type KeyHolder = { id: string, name: string, siteId: string, scopes: readonly string[] }

declare module 'fastify' {
  interface FastifyContextConfig {
    audience?: Audience
    /** What a session that somebody left open, or stole, must not do: asks who it is when that was proven too long ago. */
    needsProof?: true | ((request: FastifyRequest) => boolean)
    /** Served without TLS, too, where everything else is only served with it: says nothing that is not for everybody. */
    isPublicNotice?: boolean
  }
  interface FastifyRequest { caller: Caller | null, keyHolder: KeyHolder | null }
}

/** The caller of a route whose audience is a role: the guard has let them in. */
export function callerOf (request: FastifyRequest): Caller {
  if (request.caller === null) throw new Problem('signInNeeded')
  return request.caller
}

/** The program that calls a route whose audience is a key: the guard has let it in. */
export function keyHolderOf (request: FastifyRequest): KeyHolder {
  if (request.keyHolder === null) throw new Problem('apiKeyNeeded')
  return request.keyHolder
}

/** Whether a key may do this; one that may do all of something (`verifications`) may also do a part of it (`verifications:read`). */
export function hasScope ({ scopes }: Pick<KeyHolder, 'scopes'>, needed: string): boolean {
  return scopes.some((one) => one === needed || needed.startsWith(one + ':'))
}

const ranks: Record<Role, number> = { member: 0, operator: 1, admin: 2, owner: 3 }

/** True when `role` is allowed what `needed` is allowed. */
export function isAtLeast (role: Role, needed: Role): boolean {
  return ranks[role] >= ranks[needed]
}

export type HttpOptions = {
  log: Log
  /** Looks the caller up by the request's cookie; null when nobody is signed in. */
  whoCalls: (request: FastifyRequest) => Awaitable<Caller | null>
  /** Looks a key up by its secret; null for one that is unknown or revoked. Default: nobody has a key. */
  whoHolds?: (secret: string) => KeyHolder | null | Promise<KeyHolder | null>
  publicUrl: string | null
  /** Networks (CIDR) of proxies that say who a client is and how it came. Default: none, and such headers count nothing. */
  trustedProxies?: readonly string[]
  /** Where what was asked for without TLS is to be asked for; absent: everything is served without TLS, too. */
  secureAddress?: (request: FastifyRequest) => string
  /** Whether browsers may be told to come back with TLS only (HSTS). */
  isStrict?: boolean
  /** How long a request may take to arrive, headers or all of it; twice that at most. Default 15 s. */
  slowestMs?: number
}

/** The HTTP server without routes: limits, headers, origin check, role guard, problems. */
export async function createHttp (options: HttpOptions): Promise<App> {
  const whoHolds = options.whoHolds ?? (() => null)
  const slowestMs = options.slowestMs ?? 15_000
  const { page, data } = securityHeaders(options.isStrict === true)
  const app: App = fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    requestTimeout: slowestMs,
    // Node takes the longer of the two for the whole request, and looks every 30 s unless told otherwise: 90 s for 15.
    http: { headersTimeout: slowestMs, connectionsCheckingInterval: slowestMs / 3 },
    connectionTimeout: 20_000,
    // As long as a whole request line may be: a parameter that is too long is refused by its schema, as a problem like any other.
    routerOptions: { maxParamLength: 16_384 },
    // An address that is none never gets to the error handler below.
    frameworkErrors (error, _request, reply) {
      const problem = new Problem('badRequest', { detail: error.message })
      reply.hijack()
      reply.raw.writeHead(problem.status, { ...data, 'content-type': 'application/problem+json' }).end(JSON.stringify(problem.body()))
    },
    forceCloseConnections: true
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(validatorOf)
  app.setSerializerCompiler(serializerOf)

  // Many programs say "JSON" also when they send nothing: then there is no body, which a route that needs one refuses by itself.
  const json = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else json(request, String(body), done)
  })
  // Not read here: a route that takes files reads them as they come, so that none is ever whole in memory.
  app.addContentTypeParser('application/octet-stream', (_request, _payload, done) => { done(null, null) })
  await app.register(cookie)
  const isProxy = proxiesIn(options.trustedProxies ?? [])
  let isToldOf = false
  app.addHook('onRequest', (request, reply, done) => {
    const { address, protocol, isUnheard } = clientOf(request.raw, isProxy)
    // Not by Fastify's `trustProxy`: it takes any text for an address or a protocol, and X-Forwarded-Host for ours.
    if (address !== request.ip) Object.defineProperty(request, 'ip', { value: address })
    if (protocol !== null) Object.defineProperty(request, 'protocol', { value: protocol })
    if (isUnheard && !isToldOf) {
      isToldOf = true
      options.log.warn('X-Forwarded-For was ignored: it came from an address that is not in ONCEKEY_TRUSTED_PROXIES. If a proxy of yours is there, name it, else everybody behind it shares one budget of tries; if not, somebody made it up. This is said once.', { peer: address })
    }
    // The eleven of a page cost a bare route a fifth of its time; data needs four.
    void reply.headers(request.url.startsWith('/api/v1/') ? data : page)
    done()
  })
  app.decorateRequest('caller', null)
  app.decorateRequest('keyHolder', null)
  app.addHook('onRoute', (route) => {
    if (route.config?.audience === undefined && route.method !== 'HEAD') throw new Error(`Route ${String(route.method)} ${route.url} does not say who may call it.`)
  })
  const { secureAddress } = options
  if (secureAddress !== undefined) app.addHook('onRequest', async (request, reply) => sendToTls(request, reply, secureAddress))
  app.addHook('onRequest', (request, _reply, done) => {
    // Without a promise where none is needed: programs that check codes come by the thousand.
    let admission: Awaitable<void>
    try {
      admission = admit(request)
    } catch (error) {
      done(asError(error))
      return
    }
    if (admission === undefined) done()
    else admission.then(() => { done() }, (error: unknown) => { done(asError(error)) })
  })
  app.addHook('preHandler', (request, _reply, done) => {
    const { needsProof } = request.routeOptions.config
    if (needsProof !== undefined && request.caller?.isProven === false && (needsProof === true || needsProof(request))) throw new Problem('proofNeeded')
    for (const part of [request.params, request.query, request.body]) refuseUnstorable(part)
    done()
  })

  function admit (request: FastifyRequest): Awaitable<void> {
    const audience = request.routeOptions.config.audience
    refuseForeignOrigin(request, options.publicUrl)
    if (audience === undefined) return undefined
    if (!isForKeys(audience)) return admitPerson(request, audience)
    // A key and a session never stand for each other: no cookie is looked at here, and no key anywhere else.
    const secret = bearer(request.headers.authorization)
    const holder = secret === null ? null : whoHolds(secret)
    return holder instanceof Promise ? holder.then((one) => { admitProgram(request, audience, one) }) : admitProgram(request, audience, holder)
  }

  function admitPerson (request: FastifyRequest, audience: 'everybody' | Role): Awaitable<void> {
    return following(options.whoCalls(request), (caller) => { admitCaller(request, audience, caller) })
  }

  function admitCaller (request: FastifyRequest, audience: 'everybody' | Role, caller: Caller | null): void {
    request.caller = caller
    if (audience === 'everybody') return
    if (request.caller === null) throw new Problem('signInNeeded')
    if (!isAtLeast(request.caller.role, audience)) throw new Problem('notAllowed')
  }

  function admitProgram (request: FastifyRequest, audience: `key:${KeyScope}`, holder: KeyHolder | null): void {
    if (holder === null) throw new Problem('apiKeyNeeded')
    if (!hasScope(holder, audience.slice(4))) throw new Problem('notAllowed', { detail: 'This key is not for that.' })
    request.keyHolder = holder
  }

  app.setErrorHandler(async (error: FastifyError | Problem, request, reply) => {
    const problem = toProblem(error)
    const about = { method: request.method, route: request.routeOptions.url ?? '', error }
    const instance = problem.status === 500 ? randomUUID() : undefined
    if (instance !== undefined) options.log.error('request failed', { instance, ...about })
    // Busy or out of room is no defect: the answer says when to come again, and nobody has to be woken for it.
    else if (problem.status > 500) options.log.warn('request not served for now', { code: problem.code, ...about })
    // RFC 9110 15.5.2: a 401 says how to do better.
    if (problem.code === 'apiKeyNeeded') void reply.header('www-authenticate', 'Bearer')
    if (problem.more.retryAfterSeconds !== undefined) void reply.header('retry-after', String(problem.more.retryAfterSeconds))
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem.body({ instance, language: languageFrom(request.headers['accept-language']) })))
  })
  return app
}

/** What answers say to browsers: those with pages and their parts, and those with data, which are no page and have no parts. */
function securityHeaders (isStrict: boolean): { page: Record<string, string>, data: Record<string, string> } {
  const all = {
    'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff',
    // Not for names below ours: they are somebody else's.
    ...isStrict ? { 'strict-transport-security': 'max-age=31536000' } : {}
  }
  return {
    // Nearly all of it is about somebody: no browser and no proxy keeps it.
    data: { ...all, 'cache-control': 'no-store', 'content-security-policy': "default-src 'none';frame-ancestors 'none'" },
    page: {
      ...all,
      'content-security-policy': "default-src 'self';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';object-src 'none';frame-ancestors 'none';base-uri 'self';form-action 'self'",
      'cross-origin-opener-policy': 'same-origin', 'origin-agent-cluster': '?1', 'referrer-policy': 'no-referrer', 'x-dns-prefetch-control': 'off',
      'x-download-options': 'noopen', 'x-frame-options': 'SAMEORIGIN', 'x-permitted-cross-domain-policies': 'none', 'x-xss-protection': '0'
    }
  }
}

/** The secret in `Authorization: Bearer ok_…` (RFC 6750 2.1); null when there is none of ours. */
function bearer (header: string | undefined): string | null {
  return header === undefined ? null : /^Bearer (ok_[\w-]{43})$/i.exec(header)?.[1] ?? null
}

/** Pages are sent on to TLS. Programs are told: one that was sent on would go on sending its secrets here first. */
async function sendToTls (request: FastifyRequest, reply: FastifyReply, secureAddress: (request: FastifyRequest) => string): Promise<FastifyReply | undefined> {
  if (request.protocol === 'https') return undefined
  // Browsers heed it with TLS only, and complain without.
  reply.removeHeader('cross-origin-opener-policy')
  if (request.routeOptions.config.isPublicNotice === true) return undefined
  const isPage = (request.method === 'GET' || request.method === 'HEAD') && request.headers.accept?.includes('text/html') === true && !request.url.startsWith('/api/')
  // A proxy that speaks TLS for us would be sent round in a circle.
  const isForwarded = request.headers['x-forwarded-for'] !== undefined || request.headers['x-forwarded-proto'] !== undefined || request.headers.forwarded !== undefined
  if (!isPage || isForwarded) throw new Problem('tlsNeeded')
  return reply.header('cache-control', 'no-store').redirect(secureAddress(request), 302)
}

/** CSRF: a request that changes something and names an origin must name ours (beside SameSite cookies). */
function refuseForeignOrigin (request: FastifyRequest, publicUrl: string | null): void {
  if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS') return
  const origin = request.headers.origin
  if (origin === undefined) return
  const page = URL.parse(origin)
  const ours = URL.parse(publicUrl ?? '')
  if (page === null) throw new Problem('originRefused')
  const isOurs = page.host === ours?.host
    ? page.origin === ours.origin
    // Behind a proxy a page with TLS may ask without; a page without TLS, which anybody on the way can write, never asks with it.
    : page.host === request.headers.host && (page.protocol === 'https:' || request.protocol === 'http')
  if (!isOurs) throw new Problem('originRefused')
}

function asError (thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('Something that is no error was thrown.', { cause: thrown })
}

function toProblem (error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error
  if (error.validation !== undefined) {
    return new Problem('badRequest', {
      errors: error.validation.map((one) => ({ field: one.instancePath.replace(/^\//, '').replaceAll('/', '.') || String(one.params['missingProperty'] ?? one.params['requiredProperties'] ?? ''), needs: needsOf(one) }))
    })
  }
  if (error.statusCode === 413) return new Problem('tooLarge')
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return new Problem('badRequest', { detail: error.message })
  return new Problem('defect', { cause: error })
}

/** What a schema asks for, in words; English as the checker says it. */
function needsOf ({ keyword, params, message = 'is something else' }: NonNullable<FastifyError['validation']>[number]): FieldError['needs'] {
  const limit = Number(params['limit'])
  const said = inAll((needs) => {
    switch (keyword) {
      case 'required': return needs.isMissing
      case 'minLength': return limit === 1 ? needs.notEmpty : needs.needsCharacters(limit)
      case 'maxLength': return needs.fewerCharacters(limit)
      case 'minimum': return needs.atLeast(limit)
      case 'maximum': return needs.atMost(limit)
      case 'pattern': case 'format': return needs.otherForm
      default: return needs.doesNotFit
    }
  })
  return { ...said, en: message }
}
