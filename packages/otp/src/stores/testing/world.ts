import assert from 'node:assert/strict'
import { challengePolicy, readerPolicy } from '../../budget.ts'
import type { Issue, Verdict } from '../../decide.ts'
import { createOtp, type Otp, type OtpOptions } from '../../engine.ts'
import type { Entry, IssueOrder, ScopePolicy } from '../../steps.ts'
import type { Store } from '../../store.ts'
import { fakeClock, ring, seededBytes } from '../../testing.ts'

export { ring, seededBytes }

type Either = 'sync' | 'async'
export type Case = readonly [title: string, run: (w: World) => Promise<void>]
export type Issued = Extract<Issue, { issued: true }>

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

/** The keypad at a door. */
export const door = Object.freeze({ purpose: 'unlock', scope: 'reader-1', policy: readerPolicy })
/** A challenge on the web. */
export const web = Object.freeze({ purpose: 'login', scope: 'challenge-1', policy: challengePolicy })

/** A small world: one store, an engine, a clock that moves when told to, randomness that repeats. */
export type World = {
  readonly store: Store<Either>
  readonly otp: Otp<Either>
  now: () => number
  wait: (ms: number) => void
  /** Another engine on the same store, as a second process or one started anew would be. */
  engine: (options?: Partial<OtpOptions<Either>>) => Otp<Either>
  /** A code that is issued for certain: 6 digits, 10 minutes, at the door's keypad unless told otherwise. */
  code: (change?: Partial<IssueOrder>) => Promise<Issued>
  type: (code: string, change?: Partial<Entry<Either>>) => Promise<Verdict>
  /** Wrong codes at the door: four digits never equal a code of six. */
  guess: (times: number, change?: Partial<Entry<Either>>) => Promise<Verdict[]>
  lockedFor: (where?: ScopePolicy) => Promise<number>
}

export function world (store: Store<Either>): World {
  const { now, wait } = fakeClock()
  const entropy = seededBytes(20261121)
  const engine: World['engine'] = options => createOtp({ store, keys: ring('k1'), clock: now, entropy, ...options })
  const otp = engine()
  const type: World['type'] = async (code, change) => await otp.verify({ ...door, code, ...change })
  return {
    store,
    otp,
    engine,
    type,
    now,
    wait,
    async code (change) {
      const issue = await otp.issue({ ...door, slot: 'anna', digits: 6, ttlMs: 10 * minute, ...change })
      assert.ok(issue.issued, `not issued: ${JSON.stringify(issue)}`)
      return issue
    },
    async guess (times, change) {
      const verdicts: Verdict[] = []
      for (let i = 0; i < times; i++) verdicts.push(await type('0000', change))
      return verdicts
    },
    async lockedFor (where = door) {
      const { lockedUntil } = await otp.status(where)
      return lockedUntil === null ? 0 : lockedUntil - now()
    }
  }
}

/** Bytes that drawDigits turns into the given codes, one after the other; ids get zeros. */
export function scriptedDigits (...codes: string[]): (count: number) => Uint8Array {
  let next = 0
  let ids = 0
  return count => {
    // An engine draws its digits first and an id last; a drawing of 16 bytes serves either.
    const code = codes[next]
    const bytes = new Uint8Array(count)
    if (code === undefined) bytes[0] = ++ids
    else {
      next++
      for (let i = 0; i < code.length; i++) bytes[i] = code.charCodeAt(i) - 48
    }
    return bytes
  }
}

export function reasonOf (verdict: Verdict): string {
  return verdict.granted ? 'granted' : verdict.reason
}

export function reasonsOf (verdicts: readonly Verdict[]): string[] {
  return verdicts.map(reasonOf)
}

export function count (reasons: readonly string[], reason: string): number {
  return reasons.filter(one => one === reason).length
}
