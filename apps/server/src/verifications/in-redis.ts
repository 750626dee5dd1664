/**
 * Codes of verifications in Redis, by setting. A pending row with a hash has its code itself; one without has it in Redis.
 * Redis keeps what is compared, for as long as it may be typed, and nothing else: tries, and whether a code was used, are in
 * the row, and decided in the write that is alone. So whatever Redis forgets, repeats or refuses can end a verification, and
 * can not give back a try or a code.
 */
import { freshBudget, type Change, type SpentCode } from '@oncekey/otp'
import { CHALLENGE, challengeIn, type Challenge } from '../challenges/facts.ts'
import { challengeOf } from '../challenges/recipient.ts'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import type { CodeStore } from '../platform/redis.ts'

const MOST_TRIES = 5
const MOST_HASHES = 64
/** It fails for all codes or for none: one line a minute is enough. */
const TOLD_MS = 60_000

/**
 * What Redis has of the code of a generation. `hash`: null when Redis has forgotten it; `others`: under the same number, of
 * somebody else's making: they match no digits, and are not to hide the one that does.
 */
export type Fetched = { generation: number, hash: string | null, others: readonly string[], spent: readonly SpentCode[] }

/** The code is not where it was a moment ago: ask again. */
export class CodeMoved extends Error {}

const movesOf = perHouse((_house: House) => new Set<Promise<void>>())
const toldOf = perHouse((_house: House) => ({ at: -Infinity }))

/** Gives a code that was just made to Redis, beside the requests. When that fails it stays in its row, and is as good there. */
export function handOver (house: House, id: string): void {
  const { codeStore } = house
  if (codeStore === undefined) return
  const moves = movesOf(house)
  const move = moved(house, codeStore, id).catch((error: unknown) => { tell(house, error) }).finally(() => { moves.delete(move) })
  moves.add(move)
}

function tell (house: House, error: unknown): void {
  const told = toldOf(house)
  if (Math.abs(house.clock() - told.at) < TOLD_MS) return
  told.at = house.clock()
  house.log.warn('codes of verifications stay in the database', { fault: house.codeStore?.reasonOf(error) ?? 'unknown' })
}

/** Until what was handed over so far has arrived, or stays. */
export async function handedOver (house: House): Promise<void> {
  await Promise.all(movesOf(house))
}

async function moved (house: House, codeStore: CodeStore, id: string): Promise<void> {
  const challenge = await pending(house, id)
  if (challenge === null || challenge.codeHash === null || !codeStore.isThere()) return
  const { generation, failures, codeHash, expiresAt } = challenge
  const isThere = await add(house, codeStore, id, { ...challenge, codeHash }).catch(async (error: unknown) => {
    if (codeStore.reasonOf(error) !== 'lost') throw error
    // It is new, or was emptied. What it had is missed by the rows, one by one; nothing else was in it.
    await codeStore.setUp()
    return add(house, codeStore, id, { ...challenge, codeHash })
  })
  if (!isThere) return
  // Only now, and only if nothing has happened to it: until then the row's own hash counts.
  await house.db.write(async (trx) => {
    await trx.prepare("UPDATE verifications SET code_hash = NULL WHERE id = ? AND status = 'pending' AND generation = ? AND failures = ? AND code_hash = ? AND expires_at = ?").run(id, generation, failures, codeHash, expiresAt)
  })
}

/** @returns whether Redis has this very code now: what somebody else wrote there under its number is none of ours, and the row keeps its own */
async function add (house: House, { store, tenant }: CodeStore, id: string, { generation, codeHash, expiresAt }: Challenge & { codeHash: string }): Promise<boolean> {
  const now = house.clock()
  return store.change({ tenant, scope: challengeOf(id).scope, now, all: true }, (facts) => ({
    // A later one may have overtaken it; the same one may come twice.
    changes: facts.generation >= generation ? [] : [
      ...facts.codes.map((code): Change => ({ do: 'spendCode', code, reason: 'superseded', at: now })),
      { do: 'addCode', code: { id: String(generation), slot: 'code', hash: codeHash, generation, validFrom: 0, expiresAt, data: '' } },
      { do: 'keepScope', generation, budget: freshBudget, forgetAt: expiresAt }
    ],
    result: facts.generation < generation || facts.codes.some((code) => code.generation === generation && code.hash === codeHash)
  }))
}

/**
 * Runs `check` with what Redis has of the code, if it is there; again when a resend or a hand-over came between.
 * @throws Problem busy while Redis does not answer: then nothing was compared and no try is spent; and whatever `check` throws
 */
export async function withCode<T> (house: House, id: string, check: (fetched: Fetched | null) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await check(house.codeStore === undefined ? null : await fetched(house, house.codeStore, id))
    } catch (error) {
      if (!(error instanceof CodeMoved)) throw error
      if (tries === MOST_TRIES) throw new Problem('busy', { retryAfterSeconds: 1 })
    }
  }
}

async function fetched (house: House, { store, tenant, reasonOf }: CodeStore, id: string): Promise<Fetched | null> {
  const challenge = await pending(house, id)
  if (challenge === null || challenge.codeHash !== null) return null
  const { generation } = challenge
  try {
    return await store.read({ tenant, scope: challengeOf(id).scope, now: house.clock(), all: true }, (facts) => {
      const [hash = null, ...others] = facts.codes.filter((code) => code.generation === generation).slice(0, MOST_HASHES).map((code) => code.hash)
      return { generation, hash, others, spent: facts.spent }
    })
  } catch (error) {
    // It says that it has lost or evicted what it had: the same as an answer that there is none.
    if (reasonOf(error) !== 'unknown') return { generation, hash: null, others: [], spent: [] }
    throw new Problem('busy', { retryAfterSeconds: 2, detail: 'Redis, which has this code, does not answer. Nothing was compared and no try is spent. Look at ONCEKEY_REDIS_URL and at /health; a new verification works meanwhile.' })
  }
}

async function pending (house: House, id: string): Promise<Challenge | null> {
  const row = await house.db.ask(`SELECT ${CHALLENGE} FROM verifications WHERE id = ? AND status = 'pending'`).get(id)
  return row === undefined ? null : challengeIn(row)
}
