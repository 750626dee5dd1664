import { setTimeout as sleep } from 'node:timers/promises'
import { linkKeys, open, parseAnswer, parseWelcome, seal, sealEntry, sessionOf, type Answer } from '@oncekey/protocol/messages'
import { fromBase64url } from '@oncekey/otp/bytes'
import { parseTopic, upTopic, downTopic } from '@oncekey/protocol/topics'
import type { SimulatedDoor } from '@oncekey/simulator'

const keysOf = new WeakMap<SimulatedDoor, { site: string, controller: string, rootKey: Uint8Array }>()
let counter = 1_000_000

/** Lets `forgedRequest` speak with the door's own keys, as a thief who read them out would. */
export function knowKeys (door: SimulatedDoor, identity: { siteId: string, controllerId: string, key: string }): void {
  const rootKey = fromBase64url(identity.key)
  if (rootKey === null) throw new Error('That is no key.')
  keysOf.set(door, { site: identity.siteId, controller: identity.controllerId, rootKey })
}

/** The session that the door and the server last agreed on, from what was heard. */
export function sessionHeard (door: SimulatedDoor): string {
  const identity = keysOf.get(door)
  if (identity === undefined) throw new Error('knowKeys first')
  const keys = linkKeys(identity.rootKey, 1)
  const welcome = door.heard.findLast((one) => parseTopic(one.topic)?.name === 'welcome')
  const body = welcome === undefined ? null : open(keys.macDown, welcome.topic, welcome.payload)
  const parsed = body === null ? null : parseWelcome(body)
  const session = parsed === null ? null : sessionOf(parsed.epoch, parsed.nonce)
  if (session === null) throw new Error('No welcome was heard.')
  return session
}

/**
 * Asks the server to verify `digits` past the controller's program, by its own login and keys; null when nothing
 * answers in time. It uses up the session's counter, so the door connects anew afterwards.
 */
export async function forgedRequest (door: SimulatedDoor, digits: string, ms = 3000): Promise<Answer | null> {
  const answer = await ask(door, digits, ms)
  door.cutNetwork()
  door.restoreNetwork()
  const hellos = door.heard.length
  await door.until((one) => one.heard.slice(hellos).some((message) => parseTopic(message.topic)?.name === 'welcome'), 40_000)
  return answer
}

async function ask (door: SimulatedDoor, digits: string, ms: number): Promise<Answer | null> {
  const identity = keysOf.get(door)
  if (identity === undefined) throw new Error('knowKeys first')
  const keys = linkKeys(identity.rootKey, 1)
  const s = sessionHeard(door)
  const n = ++counter
  const id = `forged-${n}`
  const topic = upTopic(identity, 'request')
  const down = downTopic(identity, 'answer')
  door.publish(topic, seal(keys.macUp, topic, JSON.stringify({ s, n, id, kind: 'verify', entry: sealEntry(keys.encUp, s, n, digits), lock: 0 })), 1)
  for (let waited = 0; waited < ms; waited += 20) {
    for (const one of door.heard) {
      const body = one.topic === down ? open(keys.macDown, down, one.payload) : null
      const answer = body === null ? null : parseAnswer(body)
      if (answer?.id === id) return answer
    }
    await sleep(20)
  }
  return null
}
