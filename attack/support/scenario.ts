/**
 * What may happen between a door and the server in one run of the hostile broker, as a list that can be made from a
 * seed, written down, and shortened while it still shows what it shows.
 */
import { dice } from './size.ts'

/** What honest people do, what the broker does to what it carries, and what time does. */
export const deeds = [
  // People and boxes.
  'code', 'type', 'typeOld', 'typeWrong', 'remoteUnlock', 'remoteLock', 'reconnect', 'powerCut', 'openDoor', 'closeDoor',
  // The broker.
  'pass', 'passAll', 'drop', 'duplicate', 'reorder', 'replay', 'replayMany', 'flip', 'cut', 'forge', 'reflect', 'swapName', 'swapController', 'sayOffline',
  // Time.
  'moment', 'seconds', 'minutes'
] as const
export type Deed = (typeof deeds)[number]

/** `which`, `where`: numbers that choose among whatever there is at that moment. */
export type Act = { deed: Deed, which: number, where: number }

/** Mostly messages pass: a broker that passes nothing shows nothing. */
const likelihood: Record<Deed, number> = {
  code: 4, type: 8, typeOld: 2, typeWrong: 1, remoteUnlock: 5, remoteLock: 2, reconnect: 3, powerCut: 1, openDoor: 1, closeDoor: 2,
  pass: 14, passAll: 10, drop: 4, duplicate: 5, reorder: 6, replay: 8, replayMany: 2, flip: 4, cut: 2, forge: 6, reflect: 3, swapName: 3, swapController: 4, sayOffline: 1,
  moment: 6, seconds: 6, minutes: 1
}
const urn: readonly Deed[] = deeds.flatMap((deed) => Array.from({ length: likelihood[deed] }, () => deed))

/** 12 to 60 acts. The same seed gives the same list. */
export function scenarioOf (seed: number): Act[] {
  const roll = dice(seed)
  return Array.from({ length: 12 + roll(49) }, () => ({ deed: urn[roll(urn.length)] ?? 'pass', which: roll(1_000_000), where: roll(1_000_000) }))
}

/** A shorter list that still fails: halves, quarters … single acts are left out as long as `fails` says so. */
export async function shrink (acts: readonly Act[], fails: (acts: readonly Act[]) => Promise<boolean>): Promise<readonly Act[]> {
  let kept = acts
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)]
      if (await fails(fewer)) kept = fewer
      else at += size
    }
  }
  return kept
}
