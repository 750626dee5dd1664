/**
 * Where a message travels: `ok/v1/{site}/{controller}/{direction}/{name}`. The direction is part of
 * the name, so one rule is enough for any broker: a controller publishes only below its own `up/`
 * and reads only below its own `down/`.
 */
export type UpName = 'avail' | 'hello' | 'state' | 'event' | 'request' | 'result' | 'time' | 'health'
export type DownName = 'welcome' | 'ack' | 'answer' | 'command' | 'settings' | 'time' | 'update' | 'pins'

/** The two ids that name a controller's branch. Each: 1..64 of `A-Z a-z 0-9 _ -`. */
export type Address = { site: string, controller: string }

export type Topic =
  | Address & { direction: 'up', name: UpName }
  | Address & { direction: 'down', name: DownName }

const upNames: readonly UpName[] = ['avail', 'hello', 'state', 'event', 'request', 'result', 'time', 'health']
const downNames: readonly DownName[] = ['welcome', 'ack', 'answer', 'command', 'settings', 'time', 'update', 'pins']
const root = 'ok/v1/'

/** The topic that a controller publishes `name` on. */
export function upTopic (address: Address, name: UpName): string {
  return root + address.site + '/' + address.controller + '/up/' + name
}

/** The topic that a controller receives `name` on. */
export function downTopic (address: Address, name: DownName): string {
  return root + address.site + '/' + address.controller + '/down/' + name
}

/** The one filter a controller subscribes to. */
export function downFilter (address: Address): string {
  return root + address.site + '/' + address.controller + '/down/+'
}

/** Takes a topic apart; null for everything that is not exactly one of ours. */
export function parseTopic (topic: string): Topic | null {
  const [ok, version, site, controller, direction, name, ...rest] = topic.split('/')
  if (ok !== 'ok' || version !== 'v1' || rest.length > 0) return null
  if (site === undefined || controller === undefined || !isId(site) || !isId(controller)) return null
  if (direction === 'up') {
    const known = upNames.find((one) => one === name)
    return known === undefined ? null : { site, controller, direction, name: known }
  }
  if (direction === 'down') {
    const known = downNames.find((one) => one === name)
    return known === undefined ? null : { site, controller, direction, name: known }
  }
  return null
}

/** True for ids that may stand in a topic: no wildcard, no slash, nothing a broker gives a meaning. */
export function isId (text: string): boolean {
  if (text.length < 1 || text.length > 64) return false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    const digit = c >= 48 && c <= 57
    const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122)
    if (!digit && !letter && c !== 45 && c !== 95) return false
  }
  return true
}
