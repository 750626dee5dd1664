/** Facts of a whole scope, kept in a program: what a look sees of them, and what changes make of them. */
import { freshBudget } from '../budget.ts'
import type { Change, Facts, LiveCode, Look, SpentCode } from '../store.ts'

/** All that there is to know about one scope. `codes`: oldest first; `spent`: newest first. */
export type Whole = Pick<Facts, 'generation' | 'budget' | 'forgetAt' | 'codes' | 'spent'>

/** A scope in which nothing ever happened. */
export const nothing: Whole = Object.freeze({ generation: 0, budget: freshBudget, forgetAt: 0, codes: Object.freeze([]), spent: Object.freeze([]) })

export function seenBy ({ hashes = [], slot, id, all = false, countAfter = Infinity }: Look, whole: Whole): Facts {
  return {
    generation: whole.generation,
    budget: whole.budget,
    forgetAt: whole.forgetAt,
    codes: whole.codes.filter(code => all || code.slot === slot || code.id === id || hashes.includes(code.hash)),
    spent: whole.spent.filter(code => all || hashes.includes(code.hash)),
    live: whole.codes.filter(code => code.expiresAt > countAfter).length
  }
}

export function after (whole: Whole, changes: readonly Change[]): Whole {
  return changes.reduce(afterOne, whole)
}

function afterOne (whole: Whole, change: Change): Whole {
  switch (change.do) {
    case 'addCode': return { ...whole, codes: [...whole.codes, change.code] }
    case 'spendCode': return { ...whole, codes: whole.codes.filter(code => code.id !== change.code.id), spent: [spentOf(change.code, change.reason, change.at), ...whole.spent] }
    case 'keepScope': return { ...whole, generation: change.generation, budget: change.budget, forgetAt: change.forgetAt }
  }
}

export function spentOf ({ id, hash, generation }: LiveCode, reason: SpentCode['reason'], at: number): SpentCode {
  return { id, hash, generation, reason, at }
}
