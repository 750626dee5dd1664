import type { FastifyReply, FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { cookieAttributes } from './sessions.ts'

/**
 * The mark of a browser in which a person has signed in before. It opens nothing: sign-ins that carry it have tries of
 * their own, so strangers who fail on purpose use up only the tries of browsers that nobody knows.
 */
export const DEVICE_COOKIE = 'oncekey-device'
const KNOWN_MS = 180 * 86_400_000

/** `id`: of the mark, under which its tries are counted. */
export type Device = { id: string, personId: string }

type Mark = Device & { until: number }

/** The device of a request by its cookie; null for none, and for one that is made up, altered or too old. */
export function deviceOf (house: House, request: FastifyRequest): Device | null {
  const sealed = request.cookies[DEVICE_COOKIE]
  if (sealed === undefined || sealed.length > 512) return null
  try {
    // What opens was sealed below.
    const { id, personId, until } = JSON.parse(house.seal.open(sealed, DEVICE_COOKIE)) as Mark
    return until > house.clock() ? { id, personId } : null
  } catch {
    return null
  }
}

/** Marks the browser of somebody who has just signed in. A mark that it had for the same person stays the same one. */
export function rememberDevice (request: FastifyRequest, reply: FastifyReply, house: House, personId: string): void {
  const before = deviceOf(house, request)
  const mark: Mark = { id: before?.personId === personId ? before.id : house.newId(), personId, until: house.clock() + KNOWN_MS }
  void reply.setCookie(DEVICE_COOKIE, house.seal.close(JSON.stringify(mark), DEVICE_COOKIE), { ...cookieAttributes(request, house), sameSite: 'strict', maxAge: KNOWN_MS / 1000 })
}
