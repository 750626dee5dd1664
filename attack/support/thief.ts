/**
 * Somebody who has read a controller's root key out of its memory: knows its password, its seals and how entries are
 * hidden, and speaks as fast and as often as the line allows.
 */
import { randomBytes } from 'node:crypto'
import { fromBase64url, toBase64url } from '@oncekey/otp/bytes'
import { brokerPassword, linkKeys, open, parseAnswer, parseWelcome, seal, sealEntry, sessionOf, type Answer, type LinkKeys } from '@oncekey/protocol/messages'
import { downFilter, parseTopic, upTopic, type Address, type UpName } from '@oncekey/protocol/topics'
import type { Simulation } from '@oncekey/protocol/schemas'
import type { Packet } from 'mqtt-packet'
import { logIn, publishPacket, subscribe, type Login, type Raw } from './raw.ts'

export type Loot = { address: Address, rootKey: Uint8Array, keys: LinkKeys, login: Login }

/** What a controller's key gives. */
export function lootOf ({ siteId, controllerId, key }: Pick<Simulation, 'siteId' | 'controllerId' | 'key'>): Loot {
  const rootKey = fromBase64url(key)
  if (rootKey === null) throw new Error('That is no key.')
  return {
    address: { site: siteId, controller: controllerId }, rootKey, keys: linkKeys(rootKey, 1),
    login: { clientId: controllerId, username: controllerId, password: brokerPassword(rootKey, 1) }
  }
}

export type Thief = {
  raw: Raw
  loot: Loot
  session: string
  /** The last counter that was used; set it to speak from elsewhere. */
  n: number
  /** A sealed PUBLISH in the session. */
  packet: (name: UpName, facts: object) => Packet
  /** The question whether these digits open. */
  question: (digits: string, more?: { id?: string, lock?: number }) => { id: string, packet: Packet }
  /** Asks and waits. null: no answer came. */
  ask: (digits: string, more?: { id?: string, lock?: number }, ms?: number) => Promise<Answer | null>
  /** The answer to a question, when it comes. */
  answerTo: (id: string, ms?: number) => Promise<Answer | null>
  /** Everything that came down, opened. */
  heard: { name: string, body: string }[]
}

/** Logs in with the stolen key, says hello and takes the session that it gets. @param lies what the hello says otherwise than usual */
export async function enter (port: number, loot: Loot, lies: object = {}): Promise<Thief> {
  const { raw, code } = await logIn(port, loot.login)
  if (code !== 0) throw new Error(`The broker answered ${code}.`)
  const heard: Thief['heard'] = []
  const waiting = new Map<string, (answer: Answer) => void>()
  const answers = new Map<string, Answer>()
  let welcomed: (session: string) => void = () => {}
  const welcome = new Promise<string>((resolve, reject) => {
    welcomed = resolve
    void raw.closed.then(() => { reject(new Error('The line was cut before a welcome came.')) })
  })
  welcome.catch(() => {})
  const epoch = toBase64url(randomBytes(16))
  raw.hear((packet) => {
    if (packet.cmd !== 'publish') return
    if (packet.qos === 1) raw.send({ cmd: 'puback', messageId: packet.messageId ?? 1 })
    const name = parseTopic(packet.topic)?.name
    const body = open(loot.keys.macDown, packet.topic, packet.payload.toString())
    if (name === undefined || body === null) return
    heard.push({ name, body })
    if (name === 'welcome') {
      const parsed = parseWelcome(body)
      const session = parsed === null || parsed.epoch !== epoch ? null : sessionOf(parsed.epoch, parsed.nonce)
      if (session !== null) welcomed(session)
    }
    const answer = name === 'answer' ? parseAnswer(body) : null
    if (answer === null) return
    answers.set(answer.id, answer)
    waiting.get(answer.id)?.(answer)
  })
  await subscribe(raw, downFilter(loot.address))
  const hello = {
    v: 1, firmware: '0.1.0', hardware: 'stolen', locks: 12, abilities: [], bootId: 'thief', reset: 'powerOn', epoch, settingsVersion: 0,
    events: { first: 0, last: 0, head: '' }, clock: { trust: 'none', errorMs: 0 }, ...lies
  }
  const topic = upTopic(loot.address, 'hello')
  raw.send(publishPacket(topic, seal(loot.keys.macUp, topic, JSON.stringify(hello))))
  const session = await welcome
  let asked = 0
  const thief: Thief = {
    raw, loot, session, n: 0, heard,
    packet (name, facts) {
      const at = upTopic(loot.address, name)
      return publishPacket(at, seal(loot.keys.macUp, at, JSON.stringify({ s: session, n: ++thief.n, ...facts })), { messageId: 1 + thief.n % 60_000 })
    },
    question (digits, { id = `thief-${epoch.slice(0, 8)}-${++asked}`, lock = 0 } = {}) {
      return { id, packet: thief.packet('request', { id, kind: 'verify', entry: sealEntry(loot.keys.encUp, session, thief.n + 1, digits), lock }) }
    },
    async ask (digits, more, ms) {
      const { id, packet } = thief.question(digits, more)
      answers.delete(id)
      raw.send(packet)
      return thief.answerTo(id, ms)
    },
    answerTo (id, ms = 5000) {
      const known = answers.get(id)
      if (known !== undefined || raw.isClosed) return Promise.resolve(known ?? null)
      return new Promise((resolve) => {
        const late = setTimeout(() => { done(null) }, ms)
        function done (answer: Answer | null): void {
          clearTimeout(late)
          waiting.delete(id)
          resolve(answer)
        }
        waiting.set(id, done)
        void raw.closed.then(() => { done(null) })
      })
    }
  }
  return thief
}

/** Asks all questions, `atOnce` on the way at a time. Those that nobody answers within `ms` count as null. */
export async function askAll (thief: Thief, digits: readonly string[], { atOnce = 60, ms = 1000 } = {}): Promise<(Answer | null)[]> {
  const answers: (Answer | null)[] = Array.from({ length: digits.length }, () => null)
  let next = 0
  await Promise.all(Array.from({ length: Math.min(atOnce, digits.length) }, async () => {
    for (let i = next++; i < digits.length; i = next++) answers[i] = await thief.ask(digits[i] ?? '', {}, ms)
  }))
  return answers
}
