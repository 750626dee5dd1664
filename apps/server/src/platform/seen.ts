import { Problem } from './problems.ts'

/**
 * Two people change one thing: the second, who still sees what it was, is told instead of undoing what the first did.
 * @param now the name, address or role as it is @param before what was seen; undefined: whoever asks does not care
 * @throws Problem changedMeanwhile
 */
export function checkSeen (now: string, before: string | undefined): void {
  if (before !== undefined && before !== now) throw new Problem('changedMeanwhile', { detail: `It is "${now}" by now.` })
}

/**
 * The same for something of several parts: each that was seen is to be what it is now.
 * @param now everything as it is @param before what was seen, as far as whoever asks cares; lists in the same order
 * @throws Problem changedMeanwhile, which names the first part that is otherwise
 */
export function checkAllSeen<Thing extends object> (now: Thing, before: { [Part in keyof Thing]?: Thing[Part] | undefined } | undefined): void {
  for (const part of Object.keys(before ?? {}) as (keyof Thing & string)[]) {
    const [is, was] = [JSON.stringify(now[part]), JSON.stringify(before?.[part])]
    if (was !== undefined && is !== was) throw new Problem('changedMeanwhile', { detail: `${part} is ${is ?? 'nothing'} by now.` })
  }
}
