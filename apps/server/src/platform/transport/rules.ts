import { parseTopic } from '@oncekey/protocol/topics'

/** What a controller may do at a broker, in one place for every adapter. `client` is its authenticated id. */

/** Only below its own `up/`; only the two topics that the contract retains may be retained. */
export function mayPublish (client: string, topic: string, retain: boolean): boolean {
  const parsed = parseTopic(topic)
  if (parsed === null || parsed.direction !== 'up' || parsed.controller !== client) return false
  return !retain || parsed.name === 'avail' || parsed.name === 'state'
}

/** Only its own `down/`: all of it by `+`, or one name. */
export function maySubscribe (client: string, filter: string): boolean {
  const all = filter.endsWith('/+') ? filter.slice(0, -1) + 'welcome' : filter
  const parsed = parseTopic(all)
  return parsed !== null && parsed.direction === 'down' && parsed.controller === client
}

/** The last will is a hint for pages: only the own `up/avail`, and short. */
export function mayLeave (client: string, topic: string, bytes: number): boolean {
  const parsed = parseTopic(topic)
  return parsed !== null && parsed.direction === 'up' && parsed.name === 'avail' && parsed.controller === client && bytes <= 64
}
