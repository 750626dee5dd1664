/**
 * What just happened, for somebody who watches: the messages that passed and the hands that pulled at
 * plugs and doors, as words to be looked up in a catalogue. Messages are read here, never believed: what
 * moves a bolt is the program's business alone.
 */
import { parseAnswer, parseCommand, parseSettings } from '@oncekey/protocol/messages'
import type { EventRecord, Events, Request, Result, Settings } from '@oncekey/protocol/messages'
import { parseTopic } from '@oncekey/protocol/topics'
import type { Passed } from './host.ts'

export type What =
  | 'powerOn' | 'powerOff' | 'networkOn' | 'networkOff' | 'connected' | 'lost'
  | 'doorOpened' | 'doorClosed' | 'doorHeld' | 'wedged' | 'freed'
  | 'hello' | 'welcome' | 'settings' | 'asked' | 'granted' | 'refused' | 'lockout'
  | 'unlock' | 'lock' | 'clearLockout' | 'succeeded' | 'failed' | 'expired'
  | 'booted' | 'unlocked' | 'locked' | 'notMoved' | 'stuck' | 'opened' | 'closed' | 'lockedOut' | 'overwritten'
  | 'forced' | 'heldOpen' | 'batteryOk' | 'batteryLow' | 'wiped'

/** `from`: the controller said it, the server said it, or it happened here at the door. */
export type Happening = { id: number, at: number, from: 'controller' | 'server' | 'door', what: What, lock?: number, count?: number }

type Fact = Omit<Happening, 'id' | 'at' | 'from'>

/** MAC and dot before the body. */
const SEAL_CHARS = 23

/** What a message says, in words; empty for those that only keep the link alive. */
export function happeningsOf (message: Passed): (Fact & { from: 'controller' | 'server' })[] {
  const topic = parseTopic(message.topic)
  if (topic === null) return []
  const body = message.payload.slice(SEAL_CHARS)
  if (topic.direction === 'up') return upFacts(topic.name, body).map((fact) => ({ ...fact, from: 'controller' }))
  return downFacts(topic.name, body).map((fact) => ({ ...fact, from: 'server' }))
}

/** The settings in a message, null when it brings none. */
export function settingsIn (message: Passed): Settings | null {
  const topic = parseTopic(message.topic)
  return topic?.direction === 'down' && topic.name === 'settings' ? parseSettings(message.payload.slice(SEAL_CHARS)) : null
}

/** Our own program has just written these: they are read without proof. */
function upFacts (name: string, body: string): Fact[] {
  switch (name) {
    case 'hello': return [{ what: 'hello' }]
    case 'request': {
      const request: Request = JSON.parse(body)
      return request.kind === 'verify' ? [{ what: 'asked' }] : []
    }
    case 'result': {
      const result: Result = JSON.parse(body)
      return [{ what: result.status }]
    }
    case 'event': {
      const events: Events = JSON.parse(body)
      return events.records.flatMap((record) => recordFact(JSON.parse(record)))
    }
    default: return []
  }
}

function downFacts (name: string, body: string): Fact[] {
  switch (name) {
    case 'welcome': return [{ what: 'welcome' }]
    case 'settings': return [{ what: 'settings' }]
    case 'answer': {
      const answer = parseAnswer(body)
      if (answer === null || answer.kind !== 'verify') return []
      if (answer.granted) return [{ what: 'granted', lock: answer.lock }]
      return answer.lockoutMs > 0 ? [{ what: 'lockout', count: Math.ceil(answer.lockoutMs / 1000) }] : [{ what: 'refused', count: answer.triesLeft }]
    }
    case 'command': {
      const command = parseCommand(body)
      if (command === null) return []
      return [command.op === 'clearLockout' ? { what: command.op } : { what: command.op, lock: command.lock }]
    }
    default: return []
  }
}

const doorWords: Partial<Record<string, What>> = { open: 'opened', forcedOpen: 'forced', ajar: 'heldOpen' }

/** Nothing for what a door without slots for programs only says. */
function recordFact (record: EventRecord): Fact[] {
  switch (record.type) {
    case 'controller.booted': return [{ what: 'booted' }]
    case 'lock.actuated': {
      const wanted = record.mode === 'unlock' ? 'unlocked' : 'locked'
      return [{ what: record.lockState === wanted ? wanted : 'notMoved', lock: record.lock }]
    }
    case 'lock.jammed': return [{ what: 'stuck', lock: record.lock }]
    case 'door.changed': return [{ what: doorWords[record.doorState] ?? 'closed', lock: record.lock }]
    case 'battery.changed': return [{ what: record.level === 'ok' ? 'batteryOk' : 'batteryLow' }]
    case 'controller.wiped': return [{ what: 'wiped' }]
    case 'keypad.lockedOut': return [{ what: 'lockedOut', count: Math.ceil(record.lockoutMs / 1000) }]
    case 'records.overwritten': return [{ what: 'overwritten' }]
    case 'update.ended': return []
  }
}
