import type { FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import type { House } from '../house.ts'

/**
 * Where a page that was asked for without TLS is: the same one with TLS. Who comes to the front door is shown first how
 * to trust an authority of our own, because the browser's warning would be the first thing they see there.
 */
export function secureAddress (house: House): (request: FastifyRequest) => string {
  return (request) => {
    if (request.url === '/' && house.tls?.authority) return '/trust'
    const base = house.secureUrl(request.hostname) ?? ''
    return base + (request.url.startsWith('/') ? request.url : '/')
  }
}

/**
 * Whether browsers are told to come with TLS only from now on (HSTS). They hold to it for the whole host, on every port,
 * and let nobody past a warning: so only where the operator named an address with TLS on its usual port, and never
 * with an authority of our own, whose certificate a device may not trust yet, or not any more.
 */
export function isStrict ({ tls, publicUrl }: Config): boolean {
  const url = URL.parse(publicUrl ?? '')
  return tls !== 'own' && url?.protocol === 'https:' && url.port === ''
}
