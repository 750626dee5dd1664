import { sealEntry } from '@oncekey/protocol/messages'
import type { Owner, Session, State } from './state.ts'

/** Opens a question. @returns its id */
export function ask (state: State, now: number): string {
  state.asked++
  const id = lastId(state)
  state.question = { id, sentAt: now }
  return id
}

/** Of the newest question. */
export function lastId ({ boot, asked }: Pick<State, 'boot' | 'asked'>): string {
  return boot.bootId + '-' + String(asked)
}

/** Digits as they travel with the next message. */
export function sealed ({ hmac }: State, { keys }: Owner, { s, sent }: Session, digits: string): string {
  return sealEntry(keys.encUp, s, sent + 1, digits, hmac)
}
