import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'

/** Where a passkey belongs: to a host name, used by pages of this origin. */
export type Place = { host: string, origin: string }

/**
 * The place of a request: the public address where there is one, else the name that the page was opened by. Browsers make no
 * passkeys for IP addresses (WebAuthn Level 3, 5.1.2).
 */
export function placeIn (house: House, request: FastifyRequest): Place | null {
  const url = URL.parse(house.config.publicUrl ?? `${request.protocol}://${request.host}`)
  if (url === null || isIP(url.hostname) !== 0 || url.hostname.startsWith('[')) return null
  return url.protocol === 'https:' || url.hostname === 'localhost' ? { host: url.hostname, origin: url.origin } : null
}

/** @throws Problem passkeysNeedName */
export function placeOf (house: House, request: FastifyRequest): Place {
  const place = placeIn(house, request)
  if (place === null) throw new Problem('passkeysNeedName')
  return place
}
