// What a step may cost on the device, in computrons (about one for each instruction of the engine).
import type { Effect, Event } from '@oncekey/controller'

export type Budget = {
  of: string
  most: number
  /** Whether a step is one of these. */
  has: (event: Event, effects: Effect[]) => boolean
}

/** A step counts in every line that it fits. */
export const budgets: readonly Budget[] = [
  { of: 'a key press', most: 2000, has: (event, effects) => event.is === 'key' && !decides(effects) && only(effects, 'show', 'tone', 'wake') },
  // With the digits of an entry: asked about, or checked by the controller itself.
  { of: 'a key press that ends an entry', most: 220_000, has: ({ is }, effects) => is === 'key' && (decides(effects) || !only(effects, 'show', 'tone', 'wake')) && !makes(effects) },
  // One HMAC more, for the digits.
  { of: 'a key press for a code that the controller makes', most: 300_000, has: ({ is }, effects) => is === 'key' && makes(effects) },
  { of: 'an idle tick', most: 4000, has: ({ is }, effects) => is === 'woke' && only(effects, 'show', 'wake') },
  { of: 'a tick that sends nothing', most: 220_000, has: ({ is }, effects) => is === 'woke' && !sends(effects) },
  { of: 'a contact that says nothing new', most: 4000, has: ({ is }, effects) => is === 'sensed' && effects.length === 0 },
  // The same settings once more, with all that is optional in them, are the longest.
  { of: 'a message that has no effect', most: 200_000, has: (event, effects) => isUsual(event) && effects.length === 0 },
  { of: 'a message that is answered by nothing sent', most: 220_000, has: (event, effects) => isUsual(event) && !sends(effects) },
  // Its seal covers half a kilobyte of names, key and signature; once in a program's life.
  { of: 'an offer of another program', most: 280_000, has: (event, effects) => event.is === 'message' && isOffer(event.topic) && !sends(effects) },
  // Sixteen of them, a kilobyte and a half; once in a session, and when one is made or revoked.
  { of: 'a list of pins', most: 480_000, has: (event, effects) => event.is === 'message' && isList(event.topic) && !sends(effects) },
  // A welcome that finds eight records waiting: two seals, of the state and of 2 kB of records, and its own to open.
  { of: 'any step but a boot', most: 1_000_000, has: ({ is }) => is !== 'booted' }
]

function isOffer (topic: string): boolean {
  return topic.endsWith('/down/update')
}

function isList (topic: string): boolean {
  return topic.endsWith('/down/pins')
}

function isUsual (event: Event): boolean {
  return event.is === 'message' && !isOffer(event.topic) && !isList(event.topic)
}

function only (effects: Effect[], ...kinds: Effect['do'][]): boolean {
  return effects.every((effect) => kinds.includes(effect.do))
}

/** An entry was compared, and opened something or nothing. */
function decides (effects: Effect[]): boolean {
  return effects.some((effect) => effect.do === 'tone' && (effect.tone === 'granted' || effect.tone === 'refused'))
}

function sends (effects: Effect[]): boolean {
  return effects.some((effect) => effect.do === 'publish')
}

function makes (effects: Effect[]): boolean {
  return effects.some((effect) => effect.do === 'publish' && effect.payload.includes('"requestCode"') && effect.payload.includes('"entry"'))
}
