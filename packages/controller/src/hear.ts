import { acceptsNext, open, parseAck, parseAnswer, parseCommand, parsePins, parseTimeAnswer, type InSession } from '@oncekey/protocol/messages'
import { parseTopic } from '@oncekey/protocol/topics'
import { setClock } from './clock.ts'
import { obey } from './commands.ts'
import { takeAnswer } from './keypad.ts'
import { welcomed } from './link.ts'
import { takePins } from './pins.ts'
import { acknowledge } from './records.ts'
import { takeSettings } from './settings.ts'
import type { Link, Session, Work } from './state.ts'
import { takeUpdate } from './update.ts'
import { TIME_ANSWER_MS, TIME_MS } from './times.ts'

/** Something arrived. What does not open, parse or fit the session changes nothing and is not answered. */
export function hear (work: Work, topic: string, payload: string): void {
  const { owner, link, hmac } = work.state
  const at = parseTopic(topic)
  if (owner === null || at === null || at.direction !== 'down') return
  if (at.site !== owner.address.site || at.controller !== owner.address.controller) return
  const body = open(owner.keys.macDown, topic, payload, hmac)
  if (body === null) return
  if (at.name === 'settings') return takeSettings(work, body)
  if (at.name === 'update') return takeUpdate(work, body)
  if (link === null) return
  if (at.name === 'welcome') return welcomed(work, link, body)
  const { session } = link
  if (session === null) return
  switch (at.name) {
    case 'ack': {
      const ack = parseAck(body)
      // More than was sent in this session is no acknowledgement of ours.
      if (follows(work, link, session, ack) && ack.seq <= session.inFlight) acknowledge(work, ack.seq)
      return
    }
    case 'answer': {
      const answer = parseAnswer(body)
      if (follows(work, link, session, answer)) takeAnswer(work, answer)
      return
    }
    case 'command': {
      const command = parseCommand(body)
      if (follows(work, link, session, command)) obey(work, command)
      return
    }
    case 'pins': {
      const pins = parsePins(body)
      if (follows(work, link, session, pins)) takePins(work, pins, body)
      return
    }
    case 'time': {
      const answer = parseTimeAnswer(body)
      // The question is named by its own time, and one question is open at a time.
      if (follows(work, link, session, answer) && answer.t1 === session.timeAt - TIME_MS && work.now - answer.t1 < TIME_ANSWER_MS) {
        setClock(work, answer.t1, answer.t3)
      }
    }
  }
}

/** Of this session, and newer than everything heard in it. */
function follows<Body extends InSession> (work: Work, link: Link, session: Session, body: Body | null): body is Body {
  if (body === null || !acceptsNext(session.s, session.heard, body)) return false
  work.state.link = { ...link, session: { ...session, heard: body.n } }
  return true
}
