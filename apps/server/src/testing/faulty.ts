/**
 * Controllers that live through faults: the controller program on its bench, wires that lose, delay, repeat and reorder,
 * and power that goes between two effects; beside it what has to hold afterwards.
 */
import { PowerCut } from '@oncekey/controller/testing'
import { parseEventRecord, type EventRecord } from '@oncekey/protocol/messages'
import { issueCode } from '../codes/issue.ts'
import { addSimulatedController } from '../controllers/commission.ts'
import { giveCommand } from '../controllers/commands.ts'
import { setPolicies } from '../controllers/set-policies.ts'
import { Problem } from '../platform/problems.ts'
import { LinkedDoor, quiet, type World } from './world.ts'

/** 0 .. below - 1. */
export type Roll = (below: number) => number
type Way = 'up' | 'down'
type Message = { way: Way, at: number, topic: string, payload: string, retain: boolean }

/** A bolt that began to unlock: for which question or command, and when that was asked or given, by the house's clock. */
export type Opening = { source: string, ref: string, at: number, askedAt: number | null }

/** How bad the wires are: chances in a thousand, and the longest delay. */
export type Wires = { lost: number, twice: number, late: number, lateMs: number, again: number }
export const goodWires: Wires = { lost: 0, twice: 0, late: 0, lateMs: 0, again: 0 }

export class FaultyDoor extends LinkedDoor {
  readonly points: readonly string[]
  readonly roll: Roll
  wires: Wires = goodWires
  /** What every number was written as, last: a number whose write the power cut is given again. */
  readonly written = new Map<number, string>()
  readonly openings: Opening[] = []
  /** Bolts that moved although nothing but a boot had happened. */
  movedAtBoot = 0
  powered = true
  private way: Message[] = []
  private old: Message[] = []
  private readonly asked = new Map<string, number>()

  constructor (world: World, identity: ConstructorParameters<typeof LinkedDoor>[1], points: readonly string[], roll: Roll) {
    super(world, identity, points.length)
    this.points = points
    this.roll = roll
  }

  /** One step; what it did is looked at also when the power went in the middle. */
  override step (event: Parameters<LinkedDoor['step']>[0]): ReturnType<LinkedDoor['step']> {
    this.effects = []
    this.passed.length = 0
    const questions = this.controller.asked
    try {
      return super.step(event)
    } finally {
      if (this.controller.asked > questions && this.controller.question !== null) this.asked.set(this.controller.question.id, this.world.house.clock())
      for (const effect of this.effects) {
        if (effect.do === 'save' && effect.key.startsWith('r/') && effect.value !== '') this.written.set(Number(effect.key.slice(2)), effect.value)
        if (effect.do !== 'bolt' || effect.to !== 'unlock') continue
        const move = this.controller.locks[effect.lock - 1]?.move
        if (event.is === 'booted' || event.is === 'connected' || event.is === 'disconnected') this.movedAtBoot++
        // Driven once more, a bolt is the same opening.
        if (move?.tries === 1) this.openings.push({ source: move.order.source, ref: move.order.ref, at: this.world.house.clock(), askedAt: this.asked.get(move.order.ref) ?? null })
      }
    }
  }

  /** Does something to it while it has power; the power may go in the middle. */
  live (happen: (door: this) => void): void {
    if (!this.powered) return
    try {
      happen(this)
    } catch (cut) {
      if (!(cut instanceof PowerCut)) throw cut
      this.powered = false
      this.lose()
    }
  }

  /** Power comes back; its contacts are read, and nothing may move. */
  restore (boltsArrive: boolean): void {
    this.powered = true
    const unlocks = this.openings.length
    this.live((door) => { door.reboot('brownOut', boltsArrive) })
    this.movedAtBoot += this.openings.length - unlocks
  }

  /** Connects over its wires. */
  override plug (): void {
    if (!this.world.house.transport.isOpen()) return
    const send = (way: Way, topic: string, payload: string, retain = false): void => { this.send({ way, at: this.world.house.clock(), topic, payload, retain }) }
    const real = this.world.house.transport.connect(this.identity.controller, (topic, payload) => { send('down', topic, payload) })
    this.real = real
    this.client = { publish: (topic, payload, retain) => { send('up', topic, payload, retain); return true }, drop: () => { real.drop() }, get isConnected () { return real.isConnected } }
    this.live((door) => { door.connect() })
  }

  private real: NonNullable<LinkedDoor['client']> | null = null

  /** The line is gone, and with it what was on its way. */
  lose (): void {
    this.real?.drop()
    this.real = this.client = null
    this.way = []
    this.live((door) => { door.disconnect() })
  }

  get isLinked (): boolean {
    return this.real?.isConnected === true
  }

  private send (message: Message): void {
    const { lost, twice, late, lateMs, again } = this.wires
    const hits = (chance: number): boolean => this.roll(1000) < chance
    if (hits(lost)) return
    const one = hits(late) ? { ...message, at: message.at + this.roll(lateMs) } : message
    this.way.push(one)
    if (hits(twice)) this.way.push({ ...one, at: one.at + this.roll(lateMs) })
    if (hits(50)) this.old = [...this.old.slice(-20), message]
    const replayed = this.old[this.roll(this.old.length || 1)]
    if (hits(again) && replayed !== undefined) this.way.push({ ...replayed, at: message.at + this.roll(lateMs) })
  }

  /** Delivers what has arrived by now. @returns whether there was anything */
  deliverDue (): boolean {
    const now = this.world.house.clock()
    const due = this.way.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)
    this.way = this.way.filter(({ at }) => at > now)
    for (const { way, topic, payload, retain } of due) {
      if (!this.isLinked) break
      if (way === 'up') this.real?.publish(topic, payload, retain)
      else this.live((door) => { door.deliver({ topic, payload }) })
    }
    return due.length > 0
  }
}

/** Adds controllers of two compartments each, as if they had been claimed. */
export async function addFaultyDoors (world: World, count: number, roll: Roll): Promise<FaultyDoor[]> {
  const { house, siteId } = world
  const doors: FaultyDoor[] = []
  const bank = String((await house.rows('SELECT id FROM banks'))[0]?.['id'])
  for (let i = 0; i < count; i++) {
    const points = [house.newId(), house.newId()]
    const id = await house.db.write(async (trx) => {
      const id = await addSimulatedController(trx, house, { siteId, name: `Door ${i}`, locks: points.length })
      await trx.prepare('UPDATE controllers SET simulated = 0 WHERE id = ?').run(id)
      for (const [n, point] of points.entries()) {
        await trx.sql.insertInto('access_points').values({ id: point, site_id: siteId, bank_id: bank, kind: 'compartment', name: `${i}-${n}`, controller_id: id, lock: n + 1, created_at: house.clock(), removed_at: null }).execute()
      }
      const policies = { forcedDoors: true, heldDoorMs: 20_000, lowMillivolts: 3500, criticalMillivolts: 3300, failSafeLocks: [], menu: true }
      await setPolicies(trx, house, { siteId, controllerId: id, policies, actor: { id: world.people.adam.id, name: 'Adam' } })
      return id
    })
    const door = new FaultyDoor(world, await world.identity(id), points, roll)
    door.boot()
    door.senseAll()
    doors.push(door)
  }
  return doors
}

/** An operator moves a lock, or tries to: refusals and a full disk are what may happen. */
export function command (world: World, accessPointId: string, op: 'lock' | 'unlock'): Promise<void> {
  const { house, siteId, people: { otto } } = world
  return tried(house.db.write((trx) => giveCommand(trx, house, { siteId, accessPointId, op, why: 'because', askedBy: { id: otto.id, name: otto.name } })))
}

/** Somebody gets a code; null when none is given now. */
export async function codeFor (world: World, accessPointId: string, holderId: string): Promise<string | null> {
  const { house, siteId, people: { otto } } = world
  let digits: string | null = null
  await tried(house.db.write((trx) => issueCode(trx, house, { siteId, accessPointId, holderId, askedBy: { id: otto.id, name: otto.name }, deliver: false }), {}).then((issued) => { digits = issued.digits }))
  return digits
}

async function tried (work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

/** The disk of the server is full, or has room again. */
export async function setFull (world: World, isFull: boolean): Promise<void> {
  await world.house.db.write(async (trx) => {
    const pages = Number((await trx.prepare('PRAGMA page_count').get())?.['page_count'])
    await trx.prepare(`PRAGMA max_page_count = ${isFull ? pages : 1_000_000_000}`).get()
  }).catch((error: unknown) => { if (!(error instanceof Problem)) throw error })
}

/** Time passes for the house and for all doors that have power. */
export async function pass (world: World, doors: readonly FaultyDoor[], ms: number): Promise<void> {
  world.house.wait(ms)
  for (const door of doors) door.live((one) => { one.wait(ms) })
  for (let i = 0; i < 6; i++) {
    await quiet()
    if (!doors.map((door) => door.deliverDue()).includes(true)) return
  }
}

/** What the server has of a controller's record, by number. */
export async function recordsOf (world: World, controllerId: string, after: number): Promise<{ seq: number, text: string, record: EventRecord | null }[]> {
  const rows = await world.house.db.read.selectFrom('controller_records').select(['seq', 'record']).where('controller_id', '=', controllerId).where('seq', '>', after).orderBy('seq').execute()
  return rows.map(({ seq, record }) => ({ seq, text: record, record: parseEventRecord(record) }))
}
