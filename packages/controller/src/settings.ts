import { parseSettings, type Settings } from '@oncekey/protocol/messages'
import { save, type Controller, type Work } from './state.ts'
import { textsOf, type Texts } from './texts.ts'

/** What holds until the server said otherwise. `version` 0 is below every version that the server sends. */
const defaults: Settings = {
  version: 0,
  name: 'Oncekey',
  language: 'en',
  utcOffsetMinutes: 0,
  wrongCodeEntryLimit: 3,
  lockoutMs: 120_000,
  autoRelockMs: 10_000,
  locks: [],
  // Before there is a server, somebody has to find out why.
  menu: true
}

export function settingsOf (controller: Controller): Settings {
  return controller.settings ?? defaults
}

/** What people call a lock. */
export function labelOf (controller: Controller, lock: number): string {
  const named = settingsOf(controller).locks.find((one) => one.lock === lock)
  return named === undefined ? 'Door ' + String(lock) : named.label
}

/** What an order that stands makes of a lock; absent: none does. */
export function standingOf (controller: Controller, lock: number): string | undefined {
  return settingsOf(controller).standing?.find((one) => one.startsWith(String(lock) + '.'))?.split('.')[1]
}

export function wordsOf (controller: Controller): Texts {
  return textsOf(settingsOf(controller).language)
}

/**
 * Retained by the broker, so bound by a rising, durable version instead of a session: an older one that a
 * broker serves again changes nothing.
 */
export function takeSettings (work: Work, body: string): void {
  const settings = parseSettings(body)
  if (settings === null || settings.version <= settingsOf(work.state).version) return
  work.state.settings = settings
  save(work, 'settings', body)
}
