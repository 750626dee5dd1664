import { Problem } from './problems.ts'

/**
 * Two people change one thing: the second, who still sees what it was, is told instead of undoing what the first did.
 * @param now the name, address or role as it is @param before what was seen; undefined: whoever asks does not care
 * @throws Problem changedMeanwhile
 */
export function checkSeen (now: string, before: string | undefined): void {
  if (before !== undefined && before !== now) throw new Problem('changedMeanwhile', { detail: `It is "${now}" by now.` })
}
