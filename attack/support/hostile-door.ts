/** A door whose every message goes to the broker's hands, and the ledger that says which of its moves were right. */
import { randomBytes } from 'node:crypto'
import type { Event, Effect, Identity } from '@oncekey/controller'
import { Door } from '@oncekey/controller/testing'
import { parseEventRecord, type LockMode } from '@oncekey/protocol/messages'

export type Travelling = { topic: string, payload: string }

/** Why a bolt may move: a code that was typed, a command that was given. Each once, and not later than `until`. `ref`: the question's or the command's id. */
export type Warrant = { what: string, ref: string, lock: number, mode: LockMode, until: number, isUsed: boolean }
export type Move = { lock: number, mode: LockMode, at: number }

export class HostileDoor extends Door {
  readonly name: string
  /** What it said and the broker still holds. */
  up: Travelling[] = []
  readonly moved: Move[] = []
  /** Moves without a warrant. */
  readonly faults: string[] = []
  readonly warrants: Warrant[] = []
  /** Locks that were unlocked and owe their relock. */
  private readonly owed = new Set<number>()
  private readonly clock: () => number
  private bootedAt = 0

  /** @param clock the time of the world, ms */
  constructor (name: string, identity: Identity, locks: number, clock: () => number) {
    super({ identity, locks })
    this.name = name
    this.clock = clock
  }

  /** The time of the world at this door, to the millisecond also while it waits. */
  get time (): number {
    return this.bootedAt + this.now
  }

  override boot (...how: Parameters<Door['boot']>): Effect[] {
    this.bootedAt = this.clock()
    return super.boot(...how)
  }

  override entropy (bytes: number): Uint8Array {
    return randomBytes(bytes)
  }

  override step (event: Event): Effect[] {
    const effects = super.step(event)
    for (const effect of effects) {
      if (effect.do === 'publish') this.up.push({ topic: effect.topic, payload: effect.payload })
      if (effect.do === 'bolt') this.judge(effect.lock, effect.to, reasonIn(effects, effect.lock))
    }
    return effects
  }

  /** What happened before is over; only what is under way from now on counts. */
  forget (): void {
    this.up = []
    this.effects = []
    this.moved.length = 0
    this.warrants.length = 0
  }

  /** The door says why it moves; whether that is so is looked up here: a command by its id, a code by the id of the question that it was typed for. */
  private judge (lock: number, mode: LockMode, { source, ref }: Reason): void {
    const at = this.time
    this.moved.push({ lock, mode, at })
    const warrant = this.warrants.find((one) => !one.isUsed && one.lock === lock && one.mode === mode && at <= one.until &&
      one.ref === ref && one.what.startsWith(source === 'keypad' ? 'code ' : source === 'remote' ? 'command ' : 'nothing'))
    if (warrant !== undefined) warrant.isUsed = true
    else if (mode === 'unlock' || source !== 'auto' || !this.owed.has(lock)) {
      const late = this.warrants.filter((one) => one.lock === lock && one.mode === mode).map((one) => `${one.what} until ${one.until}${one.isUsed ? ', used' : ''}`)
      this.faults.push(`${this.name}: lock ${lock} moved to ${mode} at ${at} for ${source} ${ref} without a warrant (${late.join('; ') || 'none'})`)
    }
    if (mode === 'unlock') this.owed.add(lock)
    else this.owed.delete(lock)
  }
}

type Reason = { source: string, ref: string }

/** Why this bolt moves, as the program makes it durable before it does. */
function reasonIn (effects: readonly Effect[], lock: number): Reason {
  const saved = effects.findLast((one) => one.do === 'save' && one.key === `l/${lock}`)
  const record = saved?.do === 'save' ? parseEventRecord(saved.value.slice(2)) : null
  return record?.type === 'lock.actuated' ? record : { source: 'nothing', ref: '' }
}
