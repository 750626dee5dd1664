import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { backup } from 'node:sqlite'
import { first } from '../../migrations/0001-first.ts'
import { checkpoints } from '../../migrations/0002-checkpoints.ts'
import { verifications } from '../../migrations/0003-verifications.ts'
import { codesInOneTable } from '../../migrations/0004-codes-in-one-table.ts'
import { codesOfVerifications } from '../../migrations/0005-codes-of-verifications.ts'
import { accounts } from '../../migrations/0006-accounts.ts'
import { factors } from '../../migrations/0007-factors.ts'
import { people } from '../../migrations/0008-people.ts'
import { unprovenSends } from '../../migrations/0009-unproven-sends.ts'
import { mine } from '../../migrations/0010-mine.ts'
import { providers } from '../../migrations/0011-providers.ts'
import { offlineCodes } from '../../migrations/0012-offline-codes.ts'
import { compat } from '../../migrations/0013-compat.ts'
import { doorRecipients } from '../../migrations/0014-door-recipients.ts'
import { doorCodes } from '../../migrations/0016-door-codes.ts'
import { policies } from '../../migrations/0017-policies.ts'
import { updates } from '../../migrations/0018-updates.ts'
import { languagesGroupsApprovers } from '../../migrations/0019-languages-groups-approvers.ts'
import { pins } from '../../migrations/0020-pins.ts'
import { channels } from '../../migrations/0021-channels.ts'
import { webhooks } from '../../migrations/0022-webhooks.ts'
import { guard } from '../../migrations/0023-guard.ts'
import { figures } from '../../migrations/0024-figures.ts'
import { keyPrefix } from '../../migrations/0025-key-prefix.ts'
import { demo } from '../../migrations/0026-demo.ts'
import { grantSchedules } from '../../migrations/0027-grant-schedules.ts'
import { guardTook } from '../../migrations/0028-guard-took.ts'
import { standingOrders } from '../../migrations/0029-standing-orders.ts'
import { alarms } from '../../migrations/0031-alarms.ts'
import { push } from '../../migrations/0032-push.ts'
import { peopleGroups } from '../../migrations/0035-people-groups.ts'
import { homeAssistant } from '../../migrations/0037-home-assistant.ts'
import { conversations } from '../../migrations/0038-conversations.ts'
import { recordSearch } from '../../migrations/0039-record-search.ts'
import { insights } from '../../migrations/0041-insights.ts'
import { compartmentSizes } from '../../migrations/0042-compartment-sizes.ts'
import { duress } from '../../migrations/0044-duress.ts'
import { removedBanks } from '../../migrations/0045-removed-banks.ts'
import { providerRoles } from '../../migrations/0046-provider-roles.ts'
import { cameras } from '../../migrations/0047-cameras.ts'
import { makePrivate } from './sqlite.ts'

/** `postgres`: its own words where `postgresDdl` can not make them of SQLite's. */
export type Migration = { name: string, sqlite: string, postgres?: string }

/** Forward only, in this order; a name never changes once it has shipped. */
export const shipped: readonly Migration[] = [first, checkpoints, verifications, codesInOneTable, codesOfVerifications, accounts, factors, people, unprovenSends, mine, providers, offlineCodes, compat, doorRecipients, doorCodes, policies, updates, languagesGroupsApprovers, pins, channels, webhooks, guard, figures, keyPrefix, demo, grantSchedules, guardTook, standingOrders, alarms, push, peopleGroups, homeAssistant, conversations, recordSearch, insights, compartmentSizes, duress, removedBanks, providerRoles, cameras]

/**
 * Brings the database to this program's schema, after a snapshot beside it when there is something to lose.
 * @returns names of the migrations that were applied
 * @throws Error when the file is from a newer version; nothing was changed then
 */
export async function migrate (database: DatabaseSync, path: string, now: number, migrations: readonly Migration[] = shipped): Promise<string[]> {
  database.exec('CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT')
  const done = database.prepare('SELECT name FROM migrations ORDER BY name').all().map((row) => String(row['name']))
  const missing = missingOf(migrations, done, path, 'restore the snapshot that was made before the upgrade')
  const last = missing.at(-1)
  if (last === undefined) return []
  if (done.length > 0 && existsSync(path)) {
    const snapshot = `${path}.before-${last.name}`
    // SQLite makes files as the umask says, and this one holds what the database holds.
    makePrivate(snapshot)
    await backup(database, snapshot)
  }
  for (const migration of missing) {
    database.exec('BEGIN IMMEDIATE')
    try {
      // Another process may have been quicker.
      if (database.prepare('SELECT 1 FROM migrations WHERE name = ?').get(migration.name) !== undefined) {
        database.exec('ROLLBACK')
        continue
      }
      applyMigration(database, migration, now)
      database.exec('COMMIT')
    } catch (cause) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw new Error(`Migration ${migration.name} failed; the database is as it was before.`, { cause })
    }
  }
  return missing.map((one) => one.name)
}

/** One migration, in the caller's transaction. */
export function applyMigration (database: DatabaseSync, migration: Migration, now: number): void {
  database.exec(migration.sqlite)
  database.prepare('INSERT INTO migrations (name, at) VALUES (?, ?)').run(migration.name, now)
}

/** @throws Error when the database has migrations that this program does not know */
export function missingOf (migrations: readonly Migration[], done: readonly string[], place: string, wayBack: string): Migration[] {
  const foreign = done.filter((name) => !migrations.some((one) => one.name === name))
  if (foreign.length > 0) {
    throw new Error(`The database ${place} is from a newer version of Oncekey (it has ${foreign.join(', ')}). Install that version, or ${wayBack}. Nothing was changed.`)
  }
  return migrations.filter((one) => !done.includes(one.name))
}
