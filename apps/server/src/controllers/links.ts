import { timingSafeEqual } from 'node:crypto'
import { fromBase64url } from '@oncekey/otp/bytes'
import { brokerPassword, downloadToken, linkKeys, type Health, type Hello, type Hmac } from '@oncekey/protocol/messages'
import type { DownName } from '@oncekey/protocol/topics'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { tokenBuckets, type TokenBuckets } from '../platform/budget.ts'
import { nodeHmac } from '../platform/hmac.ts'
import { perHouse } from '../platform/per-house.ts'
import { createLink, type Link } from './link.ts'

/** One controller as long as it is known in memory. */
export type Line = {
  id: string
  siteId: string
  named: Named
  link: Link
  password: Buffer
  /** What it downloads the image of an offer with. */
  tokenOf: (offer: number) => string
  /** The last thing it said about its own condition. */
  health: Health | null
  /** What it said of itself when its session began. */
  hello: Hello | null
  /** Messages of it that are being worked on now. */
  atWork: number
}

export type Lines = {
  loaded: Map<string, Line>
  loading: Map<string, Promise<Line | null>>
  hmac: Hmac
  hellos: TokenBuckets
  questions: TokenBuckets
  batches: TokenBuckets
  /** Who waits for the result of a command, by its id. */
  waiting: Map<string, { controllerId: string, answer: (status: 'answered' | 'gone') => void }>
}

/** Everything about controllers that lives in memory only. */
export const linesOf = perHouse((house: House): Lines => ({
  loaded: new Map(),
  loading: new Map(),
  hmac: nodeHmac(),
  // A controller greets once a connection; whoever replays its hello is not to cost us a write each.
  hellos: tokenBuckets({ burst: 20, perSecond: 1, clock: house.clock }),
  // A keypad asks as fast as fingers are; a stolen controller is not to fill the disk with questions.
  questions: tokenBuckets({ burst: 256, perSecond: 2, clock: house.clock }),
  // A full memory of 10,000 records comes at once; a stolen controller that makes them up is not to fill the disk with them.
  batches: tokenBuckets({ burst: 2048, perSecond: 0.5, clock: house.clock }),
  waiting: new Map()
}))

/** What binds the sealed root key to its row. */
export function keyBinding (controllerId: string): string {
  return 'controller:' + controllerId
}

/** The line to a controller of ours; loads its keys at first. Null for an unknown or removed one. */
export function lineTo (house: House, controllerId: string): Promise<Line | null> {
  const lines = linesOf(house)
  const known = lines.loaded.get(controllerId)
  if (known !== undefined) return Promise.resolve(known)
  const loading = lines.loading.get(controllerId) ?? load(house, controllerId).finally(() => { lines.loading.delete(controllerId) })
  lines.loading.set(controllerId, loading)
  return loading
}

async function load (house: House, controllerId: string): Promise<Line | null> {
  const lines = linesOf(house)
  const row = await house.db.read.selectFrom('controllers').select(['id', 'site_id', 'name', 'root_key_sealed', 'key_version'])
    .where('id', '=', controllerId).where('removed_at', 'is', null).executeTakeFirst()
  if (row === undefined) return null
  const root = fromBase64url(house.seal.open(row.root_key_sealed, keyBinding(row.id)))
  if (root === null) throw new Error(`The key of controller ${row.id} is damaged.`)
  const line: Line = {
    id: row.id, siteId: row.site_id, named: { id: row.id, name: row.name },
    link: createLink({ site: row.site_id, controller: row.id }, linkKeys(root, row.key_version, lines.hmac), lines.hmac),
    password: Buffer.from(brokerPassword(root, row.key_version, lines.hmac)), tokenOf: (offer) => downloadToken(root, row.key_version, offer, lines.hmac), health: null, hello: null, atWork: 0
  }
  lines.loaded.set(row.id, line)
  return line
}

/** Says something to a controller in its session. @returns false when it has none */
export function sayTo (house: House, controllerId: string, name: DownName, facts: object): boolean {
  const parcel = linesOf(house).loaded.get(controllerId)?.link.say(name, facts)
  if (parcel === undefined || parcel === null) return false
  house.transport.publish(parcel.topic, parcel.payload, { qos: name === 'time' ? 0 : 1, retain: false })
  return true
}

/** True while the controller has a session with us: what it says and hears is believed. */
export function isOnline (house: House, controllerId: string | null): boolean {
  return controllerId !== null && linesOf(house).loaded.get(controllerId)?.link.isOpen === true
}

/** Forgets a removed controller and ends its connection. */
export function forgetLine (house: House, controllerId: string): void {
  const lines = linesOf(house)
  lines.loaded.delete(controllerId)
  house.transport.disconnect(controllerId)
}

/** Compares a password in constant time. */
export function isPassword (line: Line, password: string): boolean {
  const given = Buffer.from(password)
  return given.length === line.password.length && timingSafeEqual(given, line.password)
}
