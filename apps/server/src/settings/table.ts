import { BackupSchedule, Email, GuardSettings, MessageLanguage, RegistrationPolicy, type Setting, type SettingKey, type SettingValue } from '@oncekey/protocol/schemas'
import { Type, type Static, type TSchema } from 'typebox'
import type { Check } from 'typebox/value'
import type { Named } from '../audit/append.ts'
import { changeMailWitness, mailWitnessIn } from '../audit/witness-mail.ts'
import { changeSchedule, readSchedule } from '../backup/schedule.ts'
import { isCompatOn, switchCompat } from '../compat/state.ts'
import { changeDemo, demoSettings } from '../demo/settings.ts'
import { changeGuard, guardSettings, usualSettings } from '../guard/settings.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'
import { languageIn } from '../templates/words.ts'
import { changeLanguage } from '../templates/change.ts'
import { registrationPolicyIn, setRegistrationPolicy } from '../registration/policy.ts'

/**
 * A setting that is one value. Its range is its schema's, which is the one of the route that it has, too; it is read and
 * changed by the verbs of its feature, which note it in the record.
 */
export type Described = {
  key: SettingKey
  group: Setting['group']
  /** Who may see it, as the route says that shows it; administrators change it. */
  seenBy: 'operator' | 'admin'
  /** The call that changes it where it is at home. */
  route: `${'PATCH' | 'POST'} /api/v1/${string}`
  page: string
  schema: TSchema
  /** What holds until somebody decides otherwise. @param timeZone of the site */
  byDefault: (timeZone: string) => SettingValue
  read: (sql: Trx['sql'], house: House) => Promise<SettingValue>
  /** @throws Problem badRequest (`value`) for what its schema does not allow, and as the feature's verb */
  write: (trx: Trx, house: House, value: SettingValue, actor: Named) => Promise<unknown>
}

type Caps = Static<typeof GuardSettings>['caps']
/** Messages a day; null: no end. */
const MostMessages = Type.Union([Type.Integer({ minimum: 0, maximum: 1e9 }), Type.Null()])

export const settings: readonly Described[] = [
  define(RegistrationPolicy.properties.who, {
    key: 'registration.who', group: 'people', seenBy: 'operator', route: 'PATCH /api/v1/registration-policy', page: '/people', byDefault: () => 'invited',
    read: async (sql) => (await registrationPolicyIn({ sql })).who,
    write: async (trx, house, who, actor) => setRegistrationPolicy(trx, house, { ...await registrationPolicyIn(trx), who }, actor)
  }),
  define(RegistrationPolicy.properties.domains, {
    key: 'registration.domains', group: 'people', seenBy: 'operator', route: 'PATCH /api/v1/registration-policy', page: '/people', byDefault: () => [],
    read: async (sql) => (await registrationPolicyIn({ sql })).domains,
    write: async (trx, house, domains, actor) => setRegistrationPolicy(trx, house, { ...await registrationPolicyIn(trx), domains }, actor)
  }),
  guard(GuardSettings.properties.countries, 'countries', 'guard.countries'),
  guard(GuardSettings.properties.adaptive, 'adaptive', 'guard.adaptive'),
  guard(GuardSettings.properties.currency, 'currency', 'guard.currency'),
  cap('sms', 'guard.capSms'), cap('whatsapp', 'guard.capWhatsapp'), cap('voice', 'guard.capVoice'),
  define(BackupSchedule.properties.everyHours, {
    key: 'backups.everyHours', group: 'record', seenBy: 'admin', route: 'PATCH /api/v1/backups/schedule', page: '/audit/backups', byDefault: () => 0,
    read: async (sql, house) => (await readSchedule(sql, house)).everyHours,
    write: async (trx, house, everyHours, actor) => changeSchedule(trx, house, { keep: (await readSchedule(trx.sql, house)).keep, everyHours }, actor)
  }),
  define(BackupSchedule.properties.keep, {
    key: 'backups.keep', group: 'record', seenBy: 'admin', route: 'PATCH /api/v1/backups/schedule', page: '/audit/backups', byDefault: () => 7,
    read: async (sql, house) => (await readSchedule(sql, house)).keep,
    write: async (trx, house, keep, actor) => changeSchedule(trx, house, { everyHours: (await readSchedule(trx.sql, house)).everyHours, keep }, actor)
  }),
  define(Type.Union([Email, Type.Null()]), {
    key: 'audit.witness', group: 'record', seenBy: 'operator', route: 'PATCH /api/v1/audit/witness', page: '/audit', byDefault: () => null,
    read: async (sql) => (await mailWitnessIn(sql))?.address ?? null,
    write: (trx, house, address, actor) => changeMailWitness(trx, house, address, actor)
  }),
  define(MessageLanguage, {
    key: 'messages.language', group: 'programs', seenBy: 'admin', route: 'POST /api/v1/message-templates/language', page: '/developers/messages', byDefault: () => 'en',
    read: async (sql) => languageIn((await siteIn(sql))?.message_language),
    async write (trx, house, language, actor) {
      const site = await siteIn(trx.sql)
      if (site !== undefined) await changeLanguage(trx, house, site.id, language, actor)
    }
  }),
  define(Type.Boolean(), {
    key: 'compat.on', group: 'programs', seenBy: 'admin', route: 'PATCH /api/v1/compat', page: '/developers', byDefault: () => false,
    read: (sql) => isCompatOn(sql), write: (trx, house, on, actor) => switchCompat(trx, house, on, actor)
  }),
  define(Type.Boolean(), {
    key: 'demo.forStrangers', group: 'programs', seenBy: 'operator', route: 'PATCH /api/v1/demo', page: '/try', byDefault: () => false,
    read: async (sql) => (await demoSettings(sql)).forStrangers, write: (trx, house, forStrangers, actor) => changeDemo(trx, house, { forStrangers }, actor)
  })
]

/** What a page draws and explains, from the schema alone. */
export function formOf (schema: TSchema): Pick<Setting, 'kind' | 'choices' | 'least' | 'most' | 'canBeNone'> {
  const all = 'anyOf' in schema && Array.isArray(schema.anyOf) ? schema.anyOf as readonly TSchema[] : [schema]
  const { type, minimum, maximum, enum: choices }: Record<string, unknown> = { ...all[0] }
  const kind = type === 'boolean' ? 'switch' : type === 'integer' ? 'number' : type === 'array' ? 'list' : Array.isArray(choices) ? 'choice' : 'text'
  return { kind, choices: Array.isArray(choices) ? choices.map(String) : [], least: typeof minimum === 'number' ? minimum : null, most: typeof maximum === 'number' ? maximum : null, canBeNone: all.length > 1 }
}

let check: typeof Check | undefined
/** Before a write, which waits for nothing but its queries; only here, because it takes megabytes of an idle server. */
export async function prepareCheck (): Promise<void> {
  check ??= (await import('typebox/value')).Check
}

function define<Schema extends TSchema> (schema: Schema, { write, ...rest }: Omit<Described, 'schema' | 'write'> & { write: (trx: Trx, house: House, value: Static<Schema>, actor: Named) => Promise<unknown> }): Described {
  return {
    ...rest, schema,
    async write (trx, house, value, actor) {
      if (check === undefined) throw new Error('prepareCheck comes before a write.')
      if (!check(schema, value)) throw new Problem('badRequest', { errors: [{ field: 'value', needs: needsOf(schema) }] })
      return write(trx, house, value, actor)
    }
  }
}

/** The one that there is: settings are of a whole installation. */
function siteIn (sql: Trx['sql']) {
  return sql.selectFrom('sites').select(['id', 'message_language']).orderBy('created_at').limit(1).executeTakeFirst()
}

function needsOf (schema: TSchema): ReturnType<typeof inAll> {
  const { kind, choices, least, most } = formOf(schema)
  switch (kind) {
    case 'number': return inAll((needs) => needs.wholeNumber(least ?? 0, most ?? 0))
    case 'choice': return inAll((needs) => needs.oneOf(choices))
    case 'switch': return inAll((needs) => needs.onOrOff)
    default: return inAll((needs) => needs.seeHelp)
  }
}

function guard<Schema extends TSchema> (schema: Schema, field: 'countries' | 'adaptive' | 'currency', key: SettingKey): Described {
  return define<TSchema>(schema, {
    key, group: 'guard', seenBy: 'operator', route: 'PATCH /api/v1/guard/settings', page: '/verifications', byDefault: (timeZone) => usualSettings(timeZone)[field],
    read: async (sql) => (await guardSettings(sql))[field],
    // Checked against this field's own schema.
    write: (trx, house, value, actor) => changeGuard(trx, house, { [field]: value }, actor)
  })
}

function cap (channel: Caps[number]['channel'], key: SettingKey): Described {
  const most = (caps: Caps): number | null => caps.find((one) => one.channel === channel)?.messages ?? null
  return define(MostMessages, {
    key, group: 'guard', seenBy: 'operator', route: 'PATCH /api/v1/guard/settings', page: '/verifications', byDefault: (timeZone) => most(usualSettings(timeZone).caps),
    read: async (sql) => most((await guardSettings(sql)).caps),
    async write (trx, house, messages, actor) {
      const { caps } = await guardSettings(trx.sql)
      const micros = caps.find((one) => one.channel === channel)?.micros ?? null
      await changeGuard(trx, house, { caps: [...caps.filter((one) => one.channel !== channel), { channel, messages, micros }] }, actor)
    }
  })
}
