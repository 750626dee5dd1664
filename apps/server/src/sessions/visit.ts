import type { Me } from '@oncekey/protocol/schemas'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { describeMe } from '../me/describe.ts'
import { rememberDevice } from './devices.ts'
import { COOKIE, setCookie } from './sessions.ts'
import type { Visitor } from './sign-in.ts'

export function visitorOf (request: FastifyRequest): Visitor {
  return { address: request.ip, agent: request.headers['user-agent'] ?? '', cookie: request.cookies[COOKIE] }
}

/** Sets the cookies of a new session and says who is signed in. */
export async function signedIn (house: House, request: FastifyRequest, reply: FastifyReply, { personId, token }: { personId: string, token: string }): Promise<Me> {
  setCookie(request, reply, house, token)
  rememberDevice(request, reply, house, personId)
  return describeMe(house, personId)
}
