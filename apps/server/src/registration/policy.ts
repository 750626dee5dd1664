import type { RegistrationPolicy } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'

const KEY = 'registration'
/** Until an administrator decides otherwise, nobody comes in unasked. */
const byDefault: RegistrationPolicy = Object.freeze({ who: 'invited', domains: [] })

export function registrationPolicy (house: House): Promise<RegistrationPolicy> {
  return readPolicy(house.db.read)
}

/** The same as the rest of a write sees it. */
export function registrationPolicyIn (trx: Pick<Trx, 'sql'>): Promise<RegistrationPolicy> {
  return readPolicy(trx.sql)
}

async function readPolicy (sql: Trx['sql']): Promise<RegistrationPolicy> {
  const row = await sql.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst()
  // We wrote this text ourselves, below.
  return row === undefined ? byDefault : JSON.parse(row.value) as RegistrationPolicy
}

/** @throws Problem badRequest for `domains` without one */
export async function setRegistrationPolicy (trx: Trx, house: House, policy: RegistrationPolicy, actor: Named): Promise<RegistrationPolicy> {
  const domains = [...new Set(policy.domains.map((one) => one.toLowerCase()))]
  if (policy.who === 'domains' && domains.length === 0) throw new Problem('badRequest', { errors: [{ field: 'domains', needs: inAll((needs) => needs.mailDomain) }] })
  const kept = { who: policy.who, domains }
  await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(KEY, JSON.stringify(kept))
  house.audit.append(trx, house.clock(), { event: 'site.changed', actor, details: { registration: kept.who, domains: domains.join(' ') } })
  return kept
}

/** @throws Problem registrationClosed, or badRequest for an address in another domain */
export function checkMayRegister ({ who, domains }: RegistrationPolicy, email: string): void {
  if (who === 'everybody') return
  if (who !== 'domains') throw new Problem('registrationClosed')
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase()
  if (!domains.includes(domain)) throw new Problem('badRequest', { errors: [{ field: 'email', needs: inAll((needs) => needs.mailOf(domains)) }] })
}
