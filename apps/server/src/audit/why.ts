import { checksOfRefusal } from '@oncekey/protocol/access'
import type { Refusal } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'
import { findAudit } from './queries.ts'

/**
 * Why a code was refused, by what was written down then: nothing is looked at anew.
 * @throws Problem notFound for a row that is no refusal, or whose content was erased
 */
export async function explainRefusal (house: House, seq: number): Promise<Refusal> {
  const [row] = (await findAudit(house, { before: seq + 1, limit: 1 })).rows
  if (row === undefined || row.seq !== seq || row.event !== 'access.denied' || row.reason === null) throw new Problem('notFound')
  const checks = checksOfRefusal(row) ?? []
  const text = (name: string): string | null => typeof row.details[name] === 'string' ? String(row.details[name]) : null
  return { seq, at: row.time, because: checks.find((one) => one.outcome === 'failed')?.check ?? null, checks, codeId: text('codeId'), grantId: text('grantId') }
}
