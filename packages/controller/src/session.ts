import { seal } from '@oncekey/protocol/messages'
import { upTopic, type UpName } from '@oncekey/protocol/topics'
import { emit, type Owner, type Session, type Work } from './state.ts'

/**
 * Says something in the session: with its name and the next counter, sealed.
 * @param change what else becomes of the session with it
 * @returns false when there is no session; then nothing was said
 */
export function say (work: Work, name: UpName, facts: object, change: Partial<Session> = {}): boolean {
  const { link } = work.state
  if (link === null || link.session === null) return false
  const session = { ...link.session, ...change, sent: link.session.sent + 1 }
  work.state.link = { ...link, session }
  publish(work, link.owner, name, JSON.stringify({ s: session.s, n: session.sent, ...facts }))
  return true
}

/** Seals a body for its topic and hands it to the host. The state stays with the broker; what is said by the clock may get lost. */
export function publish (work: Work, owner: Owner, name: UpName, body: string): void {
  const topic = upTopic(owner.address, name)
  const qos = name === 'health' || name === 'time' ? 0 : 1
  emit(work, { do: 'publish', topic, payload: seal(owner.keys.macUp, topic, body, work.state.hmac), qos, retain: name === 'state' })
}
