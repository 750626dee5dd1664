import { randomBytes } from 'node:crypto'
import type { Identity } from '@oncekey/controller'
import { Door } from '@oncekey/controller/testing'
import { fromBase64url } from '@oncekey/otp/bytes'
import type { AuditRow, FeedEvent, Role } from '@oncekey/protocol/schemas'
import { addSimulatedController } from '../controllers/commission.ts'
import { keyBinding } from '../controllers/links.ts'
import { settingsChanged } from '../controllers/settings.ts'
import { listWaiting } from '../people/listing.ts'
import { COOKIE } from '../sessions/cookies.ts'
import { startSession } from '../sessions/sessions.ts'
import type { MemoryClient } from '../platform/transport/memory.ts'
import { Answered, type BodyOf, type Method } from './answers.ts'
import { quiet } from './database.ts'
import { testHouse, type TestHouse } from './house.ts'

export { quiet } from './database.ts'

export type TestPerson = { id: string, name: string, cookie: string }

/**
 * A small gym: one site, four people (Olga the owner, Adam the admin, Otto the operator, Maya a member), Bank A with
 * A01..A03 behind one controller, a front door behind another. Maya may open A01 and A02.
 */
export class World {
  house: TestHouse
  readonly siteId: string
  readonly people: Record<'olga' | 'adam' | 'otto' | 'maya', TestPerson>
  readonly points: Record<'a01' | 'a02' | 'a03' | 'front', string>
  readonly controllers: Record<'bank' | 'front', string>
  readonly told: { event: FeedEvent, people: readonly string[] }[] = []

  constructor (parts: Pick<World, 'house' | 'siteId' | 'people' | 'points' | 'controllers'>) {
    this.house = parts.house
    this.siteId = parts.siteId
    this.people = parts.people
    this.points = parts.points
    this.controllers = parts.controllers
    this.listen()
  }

  private listen (): void {
    this.house.feed.subscribe((event, people) => { this.told.push({ event, people }) })
  }

  /** An HTTP request of a person, or of nobody. */
  async call<M extends Method, Url extends string> (who: TestPerson | null, method: M, url: Url, body?: object, headers: Record<string, string> = {}): Promise<Answered<BodyOf<`${M} ${Url}`>>> {
    const answer = await this.house.app.inject({
      method, url: '/api/v1/' + url, headers: { ...headers, ...who === null ? {} : { cookie: `${COOKIE}=${who.cookie}` } }, ...body === undefined ? {} : { payload: body }
    })
    return new Answered(answer.statusCode, answer.headers, answer.body)
  }

  /** A fresh session, e.g. after more time than one lasts. */
  async signIn (who: TestPerson): Promise<void> {
    who.cookie = await this.house.db.write((trx) => startSession(trx, this.house, { person: { id: who.id, name: who.name }, address: '127.0.0.1', agent: 'test' }))
  }

  /** Maya, or whoever, gets a code; the digits. */
  async code (who: TestPerson = this.people.maya, accessPointId: string = this.points.a01): Promise<{ id: string, digits: string }> {
    const answer = await this.call(who, 'POST', 'codes', { accessPointId })
    return { id: answer.body.code.id, digits: answer.body.digits }
  }

  /** The record as sentences-to-be: `event` alone, or with what is asked for. */
  async record (event?: AuditRow['event']): Promise<AuditRow[]> {
    let query = this.house.db.read.selectFrom('audit').selectAll().orderBy('seq')
    if (event !== undefined) query = query.where('event', '=', event)
    return (await query.execute()).map((row) => ({ seq: row.seq, time: row.time, event: row.event, ...JSON.parse(row.payload ?? '{}') }))
  }

  async identity (controllerId: string): Promise<Identity> {
    const row = await this.house.db.read.selectFrom('controllers').select('root_key_sealed').where('id', '=', controllerId).executeTakeFirstOrThrow()
    const rootKey = fromBase64url(this.house.seal.open(row.root_key_sealed, keyBinding(controllerId)))
    if (rootKey === null) throw new Error('No key.')
    return { site: this.siteId, controller: controllerId, rootKey }
  }

  /** The box at the door, with power, on line and with its settings. */
  async door (controllerId: string = this.controllers.bank, options: { saved?: Record<string, string> } = {}): Promise<LinkedDoor> {
    const door = new LinkedDoor(this, await this.identity(controllerId), controllerId === this.controllers.front ? 1 : 3, options.saved)
    door.boot()
    door.senseAll()
    door.plug()
    await quiet()
    await this.wait(3000, door)
    return door
  }

  /** Time passes for the house and for the given doors. */
  async wait (ms: number, ...doors: LinkedDoor[]): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      this.house.wait(Math.min(500, left))
      for (const door of doors) door.wait(Math.min(500, left))
      await quiet()
    }
  }

  /** The server stops and starts on the same folder; every connection is lost. */
  async restart (): Promise<void> {
    await this.house.transport.close()
    await quiet()
    this.house = await this.house.restart()
    this.listen()
  }

  async close (): Promise<void> {
    await quiet()
    await this.house.transport.close()
    await quiet()
    await this.house.close()
  }
}

/** The controller program on its bench, with its messages going to a house. */
export class LinkedDoor extends Door {
  readonly world: World
  client: MemoryClient | null = null
  /** Every payload that went up or came down, as it travelled. */
  readonly passed: { direction: 'up' | 'down', topic: string, payload: string }[] = []

  constructor (world: World, identity: Identity, locks: number, saved: Record<string, string> = {}, records = 500) {
    super({ identity, locks, saved, records })
    this.world = world
  }

  override entropy (bytes: number): Uint8Array {
    return randomBytes(bytes)
  }

  override step (event: Parameters<Door['step']>[0]): ReturnType<Door['step']> {
    const effects = super.step(event)
    for (const effect of effects) {
      if (effect.do !== 'publish') continue
      this.passed.push({ direction: 'up', topic: effect.topic, payload: effect.payload })
      this.client?.publish(effect.topic, effect.payload, effect.retain)
    }
    return effects
  }

  /** The cable goes in: connects, says hello. */
  plug (): void {
    const waiting: { topic: string, payload: string }[] = []
    let isReady = false
    this.client = this.world.house.transport.connect(this.identity.controller, (topic, payload) => {
      this.passed.push({ direction: 'down', topic, payload })
      if (isReady) this.deliver({ topic, payload })
      else waiting.push({ topic, payload })
    })
    this.connect()
    isReady = true
    for (const message of waiting) this.deliver(message)
  }

  unplug (): void {
    this.client?.drop()
    this.client = null
    this.disconnect()
  }

  /** Types digits and waits for what comes of it. */
  async enter (digits: string): Promise<void> {
    this.type(digits + '#')
    await quiet()
    await this.world.wait(1000, this)
  }
}

/** Opens the world. @param env settings, e.g. ONCEKEY_SMTP_URL */
export async function openWorld (options: { env?: Record<string, string>, demonstration?: boolean, now?: number } = {}): Promise<World> {
  const house = await testHouse(options)
  const siteId = house.newId()
  const now = house.clock()
  const person = (name: string, role: Role) => ({ id: house.newId(), name, role, cookie: '' })
  const people = { olga: person('Olga', 'owner'), adam: person('Adam', 'admin'), otto: person('Otto', 'operator'), maya: person('Maya', 'member') }
  const points = { a01: house.newId(), a02: house.newId(), a03: house.newId(), front: house.newId() }
  const bankId = house.newId()
  const controllers = await house.db.write(async (trx) => {
    await trx.sql.insertInto('sites').values({ id: siteId, name: 'Gym', time_zone: 'Europe/Berlin', demonstration: options.demonstration === false ? 0 : 1, created_at: now }).execute()
    for (const one of Object.values(people)) {
      await trx.sql.insertInto('people').values({
        id: one.id, site_id: siteId, name: one.name, email: `${one.name.toLowerCase()}@gym.example`, role: one.role, password_hash: null,
        suspended_at: null, removed_at: null, last_seen_at: null, created_at: now
      }).execute()
      one.cookie = await startSession(trx, house, { person: { id: one.id, name: one.name }, address: '127.0.0.1', agent: 'test' })
    }
    await trx.sql.insertInto('banks').values({ id: bankId, site_id: siteId, name: 'Bank A', created_at: now }).execute()
    const bank = await addSimulatedController(trx, house, { siteId, name: 'Bank A', locks: 3 })
    const front = await addSimulatedController(trx, house, { siteId, name: 'Front door', locks: 1 })
    const all = [[points.a01, 'A01', 1], [points.a02, 'A02', 2], [points.a03, 'A03', 3]] as const
    for (const [id, name, lock] of all) {
      await trx.sql.insertInto('access_points').values({ id, site_id: siteId, bank_id: bankId, kind: 'compartment', name, controller_id: bank, lock, created_at: now, removed_at: null }).execute()
    }
    await trx.sql.insertInto('access_points').values({ id: points.front, site_id: siteId, bank_id: null, kind: 'door', name: 'Front door', controller_id: front, lock: 1, created_at: now, removed_at: null }).execute()
    for (const accessPointId of [points.a01, points.a02]) {
      await trx.sql.insertInto('grants').values({
        id: house.newId(), person_id: people.maya.id, access_point_id: accessPointId, starts_at: null, ends_at: null, given_by: people.otto.id, created_at: now, ended_at: null
      }).execute()
    }
    await settingsChanged(trx, house, bank)
    await settingsChanged(trx, house, front)
    return { bank, front }
  })
  await listWaiting(house)
  await quiet()
  return new World({ house, siteId, people, points, controllers })
}
