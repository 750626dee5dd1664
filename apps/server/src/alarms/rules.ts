import type { AlarmRule, AlarmRules } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Prepare, Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'
import { firstRules } from './match.ts'

/** The rules of a site, in their order. Version 0: nobody has changed them yet. */
export async function readRules (prepare: Prepare, siteId: string): Promise<AlarmRules> {
  const row = await prepare('SELECT version, rules FROM alarm_rules WHERE site_id = ?').get(siteId)
  if (row === undefined) return { version: 0, rules: [...firstRules] }
  // We wrote this text ourselves, below.
  return { version: Number(row['version']), rules: JSON.parse(String(row['rules'])) as AlarmRule[] }
}

/**
 * Takes a whole list of rules, because their order is part of what they say.
 * @throws Problem changedMeanwhile for a version that is not the newest, badRequest for a place or a person that is not there
 */
export async function changeRules (trx: Trx, house: House, siteId: string, { version, rules }: AlarmRules, actor: Named): Promise<AlarmRules> {
  const before = await readRules(trx.prepare, siteId)
  if (before.version !== version) throw new Problem('changedMeanwhile')
  const isThere = async (sql: string, id: string | null): Promise<boolean> => id === null || await trx.prepare(sql).get(id, siteId) !== undefined
  for (const [i, { bankId, accessPointId, personIds }] of rules.entries()) {
    if (!await isThere('SELECT 1 AS found FROM banks WHERE id = ? AND site_id = ? AND removed_at IS NULL', bankId)) throw absent(i, 'bankId')
    if (!await isThere('SELECT 1 AS found FROM access_points WHERE id = ? AND site_id = ? AND removed_at IS NULL', accessPointId)) throw absent(i, 'accessPointId')
    for (const id of personIds) if (!await isThere("SELECT 1 AS found FROM people WHERE id = ? AND site_id = ? AND role <> 'member' AND removed_at IS NULL", id)) throw absent(i, 'personIds')
  }
  await trx.prepare('INSERT INTO alarm_rules (site_id, version, rules) VALUES (?, ?, ?) ON CONFLICT (site_id) DO UPDATE SET version = excluded.version, rules = excluded.rules').run(siteId, version + 1, JSON.stringify(rules))
  // Whoever keeps others from hearing of an alarm is to be found: the record has the rules, too.
  house.audit.append(trx, house.clock(), { event: 'alarm.rulesChanged', actor, details: { rules: rules.length, version: version + 1, now: JSON.stringify(rules).slice(0, 4_000) } })
  return { version: version + 1, rules }
}

function absent (at: number, field: string): Problem {
  return new Problem('badRequest', { errors: [{ field: `rules.${at}.${field}`, needs: inAll((needs) => needs.gone) }] })
}
