import type { Me, SignedIn } from '@oncekey/protocol/schemas'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { KNOWN_MS } from './browsers.ts'
import { browserMarkIn, sessionIn, setBrowserCookie, setSessionCookie } from './cookies.ts'
import type { Entered, Session, Visitor } from './enter.ts'
import { keptMs } from './sessions.ts'

export function visitorOf (house: House, request: FastifyRequest): Visitor {
  return { address: request.ip, agent: request.headers['user-agent'] ?? '', cookie: sessionIn(request, house), browser: browserMarkIn(request, house) }
}

/** Sets the cookies of a new session and says who is signed in. */
export function welcome (house: House, request: FastifyRequest, reply: FastifyReply, session: Session): Me {
  setSessionCookie(request, reply, house, session.token, keptMs(session.remember))
  setBrowserCookie(request, reply, house, session.browser, KNOWN_MS)
  return session.me
}

/** The answer to a sign-in: who is signed in, or that a second factor is needed. */
export function answerEntered (house: House, request: FastifyRequest, reply: FastifyReply, entered: Entered): SignedIn {
  return entered.state === 'secondFactor' ? entered : { state: 'signedIn', me: welcome(house, request, reply, entered) }
}
