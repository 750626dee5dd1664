/** One run of the hostile broker: honest people at two doors, a list of acts, and what must hold at its end. */
import { linkKeys } from '@oncekey/protocol/messages'
import { readerPolicy } from '@oncekey/otp'
import { giveCommand } from '../../apps/server/src/controllers/commands.ts'
import { openWorld, quiet, type World } from '../../apps/server/src/testing/world.ts'
import { HostileBroker } from './hostile.ts'
import { HostileDoor } from './hostile-door.ts'
import type { Act } from './scenario.ts'

const QUESTION_MS = 5000
const COMMAND_MS = 10_000

type Code = { id: string, digits: string, lock: number }
export type Outcome = { faults: string[], moves: number }

export class Theatre {
  private readonly world: World
  private readonly bank: HostileDoor
  private readonly front: HostileDoor
  private readonly broker: HostileBroker
  private codes: Code[] = []

  private constructor (world: World, bank: HostileDoor, front: HostileDoor, broker: HostileBroker) {
    this.world = world
    this.bank = bank
    this.front = front
    this.broker = broker
  }

  /** @param options.hasOwnKeys the broker has each door's own keys, not the other one's: then it can open them, and the ledger must say so */
  static async open ({ hasOwnKeys = false } = {}): Promise<Theatre> {
    const world = await openWorld()
    const clock = (): number => world.house.clock()
    const identities = { bank: await world.identity(world.controllers.bank), front: await world.identity(world.controllers.front) }
    const bank = new HostileDoor('Bank A', identities.bank, 3, clock)
    const front = new HostileDoor('Front door', identities.front, 1, clock)
    const stolen = new Map([
      [bank, linkKeys(identities[hasOwnKeys ? 'bank' : 'front'].rootKey, 1)], [front, linkKeys(identities[hasOwnKeys ? 'front' : 'bank'].rootKey, 1)]
    ])
    const broker = new HostileBroker(world, [bank, front], stolen)
    for (const door of [bank, front]) {
      door.boot()
      door.senseAll()
    }
    const theatre = new Theatre(world, bank, front, broker)
    // Something to play again later, of an earlier session: a command, and a code that opened.
    await broker.behave()
    await theatre.honestTrip()
    return theatre
  }

  async close (): Promise<void> {
    await this.world.close()
  }

  /** Codes that the server has let in so far. */
  async granted (): Promise<number> {
    return (await this.world.record('access.granted')).length
  }

  /** Messages that the broker has handed over so far. */
  get handed (): number {
    return this.broker.handed
  }

  /** Plays the list and looks at everything that moved. An empty list of faults is what is wanted. */
  async play (acts: readonly Act[]): Promise<Outcome> {
    await this.freshDay()
    for (const act of acts) {
      if (!await this.broker.act(act)) await this.live(act)
    }
    await this.wait(1000)
    const faults = [...this.bank.faults.splice(0), ...this.front.faults.splice(0), ...await this.unearned()]
    const moves = this.bank.moved.length + this.front.moved.length
    faults.push(...await this.recovers())
    return { faults, moves }
  }

  /** A new day: no cool-down, doors shut, nothing under way, each in a new session. */
  private async freshDay (): Promise<void> {
    const { world } = this
    world.house.wait(8 * 3_600_000)
    await world.house.db.write(async () => { await world.house.otp.clear({ scope: world.controllers.bank, policy: readerPolicy }) })
    for (const who of [world.people.maya, world.people.otto]) await world.signIn(who)
    for (const door of [this.bank, this.front]) {
      for (let lock = 1; lock <= door.bolts.length; lock++) door.sense(lock, { lockState: 'locked', doorState: 'closed' })
      door.reboot()
    }
    await this.broker.behave()
    this.codes = []
    for (const door of [this.bank, this.front]) door.forget()
  }

  /** What people, boxes and time do. */
  private async live ({ deed, which, where }: Act): Promise<void> {
    const door = where % 3 === 0 ? this.front : this.bank
    switch (deed) {
      case 'code': return this.askForCode(which)
      case 'type': return this.type(this.codes.at(-1))
      case 'typeOld': return this.type(this.codes[which % Math.max(1, this.codes.length)])
      case 'typeWrong': return void this.bank.type('0000000#')
      case 'remoteUnlock': return this.command(door, 'unlock', which)
      case 'remoteLock': return this.command(door, 'lock', which)
      case 'reconnect':
        door.disconnect()
        door.connect()
        return
      case 'powerCut':
        door.reboot('brownOut')
        door.connect()
        return
      case 'openDoor': case 'closeDoor': {
        const lock = 1 + which % door.bolts.length
        if (deed === 'closeDoor' || door.bolt(lock).lockState !== 'locked') door.sense(lock, { doorState: deed === 'openDoor' ? 'open' : 'closed' })
        return
      }
      case 'moment': return this.wait(20 + which % 700)
      case 'seconds': return this.wait(1000 + which % 6000)
      case 'minutes': return this.wait(20_000 + which % 60_000)
      default: throw new Error(`Nobody does ${deed}.`)
    }
  }

  private async askForCode (which: number): Promise<void> {
    const lock = 1 + which % 2
    const { points } = this.world
    const answer = await this.world.call(this.world.people.maya, 'POST', 'codes', { accessPointId: lock === 1 ? points.a01 : points.a02 })
    if (answer.status === 201) this.codes.push({ id: answer.body.code.id, digits: answer.body.digits, lock })
  }

  private type (code: Code | undefined): void {
    if (code === undefined) return
    const { bank } = this
    const isTaken = bank.controller.lockout !== null || bank.controller.question !== null
    bank.type('*' + code.digits + '#')
    // Keys are not there while a question is open: this one will never be asked.
    const ref = bank.controller.question?.id
    if (isTaken || ref === undefined) return
    const what = 'code ' + code.id
    const until = bank.time + QUESTION_MS
    const known = bank.warrants.find((one) => one.what === what)
    // The same code typed again is the same warrant: it opens once.
    if (known === undefined) bank.warrants.push({ what, ref, lock: code.lock, mode: 'unlock', until, isUsed: false })
    else if (!known.isUsed) Object.assign(known, { ref, until })
  }

  private async command (door: HostileDoor, op: 'unlock' | 'lock', which: number): Promise<void> {
    const { world } = this
    const lock = door === this.front ? 1 : 1 + which % 3
    const accessPointId = door === this.front ? world.points.front : [world.points.a01, world.points.a02, world.points.a03][lock - 1] ?? ''
    const order = { siteId: world.siteId, accessPointId, op, why: 'asked by telephone', askedBy: world.people.otto }
    try {
      const { commandId } = await world.house.db.write((trx) => giveCommand(trx, world.house, order))
      door.warrants.push({ what: 'command ' + commandId, ref: commandId, lock, mode: op, until: door.time + COMMAND_MS, isUsed: false })
    } catch (error) {
      // An operator hears that the controller is away; nothing was commanded.
      if (!(error instanceof Error) || error.name !== 'Problem') throw error
    }
  }

  /** A code that opened and that the server did not use up, or used up without an entry of its own. */
  private async unearned (): Promise<string[]> {
    const used = new Map(this.bank.warrants.filter((one) => one.isUsed && one.what.startsWith('code ')).map((one) => [one.what.slice(5), one.ref]))
    if (used.size === 0) return []
    const rows = await this.world.house.db.read.selectFrom('codes').select(['id', 'state', 'request_id']).where('id', 'in', [...used.keys()]).execute()
    return rows.filter((row) => row.state !== 'used' || row.request_id !== used.get(row.id)).map((row) => `Bank A opened for code ${row.id}, which is ${row.state}, by question ${row.request_id}`)
  }

  /** The broker behaves again: a holder and an operator get in at once, and the bolt goes back. */
  private async recovers (): Promise<string[]> {
    await this.broker.behave()
    for (const door of [this.bank, this.front]) {
      for (let lock = 1; lock <= door.bolts.length; lock++) door.closeDoor(lock)
    }
    // Bolts rest after six moves a minute, codes have a cool-down, a lockout of the door's own has an end.
    await this.wait(125_000)
    return this.honestTrip()
  }

  private async honestTrip (): Promise<string[]> {
    const faults: string[] = []
    this.world.house.wait(600_000)
    await this.world.signIn(this.world.people.maya)
    // Doors count their own time: all of them wait, too.
    for (const door of [this.bank, this.front]) door.wait(600_000)
    await this.broker.passAll()
    await this.askForCode(0)
    this.type(this.codes.at(-1))
    await this.broker.passAll()
    await this.wait(1000)
    if (this.bank.isLocked(1)) faults.push(`An honest code did not open when the broker behaved again; the display says "${this.bank.lcd}".`)
    await this.command(this.front, 'unlock', 0)
    await this.broker.passAll()
    await this.wait(1000)
    if (this.front.isLocked(1)) faults.push(`An honest command did not open when the broker behaved again; the display says "${this.front.lcd}".`)
    await this.broker.passAll()
    await this.wait(15_000)
    await this.broker.passAll()
    if (!this.bank.isLocked(1) || !this.front.isLocked(1)) faults.push('A bolt did not go back.')
    return [...faults, ...this.bank.faults.splice(0), ...this.front.faults.splice(0)]
  }

  /** Time passes for everybody alike, to the millisecond. */
  private async wait (ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 5000) {
      const now = Math.min(5000, left)
      this.world.house.wait(now)
      for (const door of [this.bank, this.front]) door.wait(now)
    }
    await quiet()
  }
}
