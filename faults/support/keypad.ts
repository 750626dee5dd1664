/** A simulated door as the faults need it: what passed is read along with the door's own keys, entry by entry. */
import { linkKeys, open, parseAck, parseAnswer, parseEventRecord, parseEvents, parseRequest, type EventRecord } from '@oncekey/protocol/messages'
import { parseTopic } from '@oncekey/protocol/topics'
import { identityFrom, memoryStorage, mqttLink, nodeHmac, simulateDoor, type Passed, type SimulatedDoor } from '@oncekey/simulator'
import type { Client } from '@oncekey/client'

/** What an entry came to, as the door heard it; `unanswered`: no answer while its question was open. */
export type EntryOutcome = { is: 'granted', lock: number } | { is: 'refused', lockoutMs: number } | { is: 'unanswered' }

export type Keypad = {
  door: SimulatedDoor
  controllerId: string
  name: string
  /** Own records that were sent, by number, and up to which the server has acknowledged them. */
  sent: ReadonlyMap<number, EventRecord>
  acked: () => number
  /** How often a bolt was driven to unlock. */
  unlocks: () => number
  /** Types a code and waits for what comes of it. One at a time. */
  enter: (digits: string, ms?: number) => Promise<EntryOutcome>
  /** Waits until it has a session with the server that runs now. */
  ready: (ms?: number) => Promise<void>
  stop: () => void
}

/** A question without an answer closes after so long. */
const QUESTION_MS = 5000

/** Starts one of the demonstration's controllers, `which` being a part of its name. */
export async function keypadOf (client: Client, mqttPort: number, which: string, onPassed: (message: Passed) => void = () => {}): Promise<Keypad> {
  const controller = (await client.places.get()).controllers.find((one) => one.name.includes(which))
  if (controller === undefined) throw new Error(`There is no controller ${which}.`)
  const simulation = await client.controllers.simulation(controller.id)
  const identity = identityFrom(simulation)
  if (identity === null) throw new Error('That is no identity.')
  const keys = linkKeys(identity.rootKey, 1, nodeHmac)
  const sent = new Map<number, EventRecord>()
  const answers = new Map<string, EntryOutcome>()
  let asked: string | null = null
  let acked = 0
  let unlocks = 0
  let isWelcome = false
  const door = simulateDoor({
    identity, locks: simulation.locks, hmac: nodeHmac, storage: memoryStorage(), remember: 50,
    // Back within a moment, so that a run of two hundred restarts does not wait for politeness.
    link: mqttLink({ url: `mqtt://127.0.0.1:${mqttPort}`, firstMs: 60, maxMs: 120 }),
    tap: (message) => { onPassed(message); note(message) },
    onEffect (effect) { if (effect.do === 'bolt' && effect.to === 'unlock') unlocks++ }
  })

  function note ({ topic, payload }: Passed): void {
    const at = parseTopic(topic)
    const body = at === null ? null : open(at.direction === 'up' ? keys.macUp : keys.macDown, topic, payload, nodeHmac)
    if (at === null || body === null) return
    if (at.name === 'hello' || at.name === 'welcome') isWelcome = at.name === 'welcome'
    if (at.name === 'ack') acked = Math.max(acked, parseAck(body)?.seq ?? 0)
    if (at.name === 'request') {
      const request = parseRequest(body)
      if (request?.kind === 'verify') asked = request.id
    }
    if (at.name === 'answer') {
      const answer = parseAnswer(body)
      if (answer?.kind === 'verify') answers.set(answer.id, answer.granted ? { is: 'granted', lock: answer.lock } : { is: 'refused', lockoutMs: answer.lockoutMs })
    }
    if (at.name === 'event') {
      for (const text of parseEvents(body)?.records ?? []) {
        const record = parseEventRecord(text)
        if (record !== null) sent.set(record.seq, record)
      }
    }
  }

  return {
    door, controllerId: controller.id, name: controller.name, sent,
    acked: () => acked,
    unlocks: () => unlocks,
    async enter (digits, ms = 4000) {
      asked = null
      const until = performance.now() + ms + QUESTION_MS
      // While the question of an earlier entry is open, keys are not heard.
      while (asked === null && door.connected && performance.now() < until) {
        door.type('*' + digits + '#')
        if (asked === null) await new Promise((resolve) => { setTimeout(resolve, 100) })
      }
      const id: string | null = asked
      // Off line: nothing was asked.
      if (id === null) return { is: 'unanswered' }
      await door.until(() => answers.has(id) || !door.connected, ms).catch(() => {})
      return answers.get(id) ?? { is: 'unanswered' }
    },
    async ready (ms = 20_000) {
      await door.until((one) => one.connected && isWelcome, ms)
    },
    stop: door.stop
  }
}
