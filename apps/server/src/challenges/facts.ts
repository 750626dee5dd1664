import { freshBudget, type Change, type Facts, type LiveCode, type SpentCode } from '@oncekey/otp'
import type { Row } from '../platform/db.ts'

/**
 * The code and the tries of a verification, in its own row: one row is read and one written for each check, where the
 * engine's store would need three more. `superseded`: `generation:hash` of earlier codes with a space between, the newest
 * first: they are refused by their own reason.
 */
export type Challenge = { generation: number, failures: number, codeHash: string | null, superseded: string, expiresAt: number }

export const CHALLENGE = 'generation, failures, code_hash, superseded, expires_at'
export const newChallenge: Challenge = Object.freeze({ generation: 0, failures: 0, codeHash: null, superseded: '', expiresAt: 0 })
/** Earlier codes beyond these are refused as wrong ones. */
const MOST_SUPERSEDED = 8

export function challengeIn (row: Row): Challenge {
  return {
    generation: Number(row['generation']), failures: Number(row['failures']), codeHash: row['code_hash'] === null ? null : String(row['code_hash']),
    superseded: String(row['superseded']), expiresAt: Number(row['expires_at'])
  }
}

/** What the engine's steps decide on. */
export function factsOf ({ generation, failures, codeHash, superseded, expiresAt }: Challenge): Facts {
  const code: LiveCode | null = codeHash === null ? null : { id: String(generation), slot: 'code', hash: codeHash, generation, validFrom: 0, expiresAt, data: '' }
  return {
    generation, budget: failures === 0 ? freshBudget : { ...freshBudget, run: failures }, forgetAt: 0,
    codes: code === null ? [] : [code], spent: superseded === '' ? [] : superseded.split(' ').map(spentCode), live: 0
  }
}

/** The same challenge after what a step has decided. */
export function changed (challenge: Challenge, changes: readonly Change[]): Challenge {
  const next = { ...challenge }
  for (const change of changes) {
    if (change.do === 'addCode') {
      next.codeHash = change.code.hash
      next.generation = change.code.generation
      next.expiresAt = change.code.expiresAt
    } else if (change.do === 'spendCode') {
      next.codeHash = null
      const earlier = `${change.code.generation}:${change.code.hash}`
      if (change.reason === 'superseded') next.superseded = [earlier, ...challenge.superseded.split(' ').filter(Boolean)].slice(0, MOST_SUPERSEDED).join(' ')
    } else {
      next.failures = change.budget.run
      next.generation = change.generation
    }
  }
  return next
}

function spentCode (text: string): SpentCode {
  const [generation = '', hash = ''] = text.split(':')
  return { id: generation, hash, generation: Number(generation), reason: 'superseded', at: 0 }
}
