import type { Role, SettingChange, SettingsAnswer } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { isAtLeast } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { countRooms } from './queries.ts'
import { formOf, settings } from './table.ts'

/** Every setting that somebody of this role may see, as it is now. */
export async function describeSettings (house: House, { siteId, role }: { siteId: string, role: Role }): Promise<SettingsAnswer> {
  const site = await house.db.read.selectFrom('sites').select('time_zone').where('id', '=', siteId).executeTakeFirst()
  const isAdmin = isAtLeast(role, 'admin')
  return {
    settings: await Promise.all(settings.filter(({ seenBy }) => isAtLeast(role, seenBy)).map(async ({ key, group, page, schema, byDefault, read }) => (
      { key, group, page, ...formOf(schema), value: await read(house.db.read, house), byDefault: byDefault(site?.time_zone ?? 'UTC'), mayChange: isAdmin }))),
    rooms: await countRooms(house, siteId, isAdmin),
    // Paths and addresses of the machine are nobody's business who does not run it.
    variables: isAdmin ? house.config.variables.map((one) => ({ ...one })) : []
  }
}

/**
 * Changes one setting, unless it is not any more what whoever changes it has seen: what somebody else has just set is not
 * to be lost in silence. Taking it back is the same call with both values exchanged.
 * @throws Problem changedMeanwhile, badRequest (`value`), notFound
 */
export async function changeSetting (trx: Trx, house: House, { key, value, before }: SettingChange, actor: Named): Promise<void> {
  const setting = settings.find((one) => one.key === key)
  if (setting === undefined) throw new Problem('notFound')
  if (JSON.stringify(await setting.read(trx.sql, house)) !== JSON.stringify(before)) throw new Problem('changedMeanwhile')
  try {
    await setting.write(trx, house, value, { id: actor.id, name: actor.name })
  } catch (error) {
    // The feature names the field of its own form; here there is one.
    if (error instanceof Problem && error.code === 'badRequest' && error.more.errors !== undefined) throw new Problem('badRequest', { errors: error.more.errors.map(({ needs }) => ({ field: 'value', needs })) })
    throw error
  }
}
