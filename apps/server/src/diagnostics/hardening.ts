import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hardenings, withFacts, type Facts, type HardeningCode } from '@oncekey/protocol/findings'
import type { Hardening } from '@oncekey/protocol/schemas'
import type { Kysely } from 'kysely'
import { isLoopback } from '../config.ts'
import type { Tables } from '../platform/tables.ts'
import { openTo } from './files.ts'
import type { Patient } from './patient.ts'

type Advice = Hardening['advice'][number]

const DAY_MS = 86_400_000
/** Of backups, of keys that nobody changed, and of keys that nobody used. */
const days = Object.freeze({ backup: 7, key: 180, unused: 90 })
/** A file that a backup job touches when it is done. */
const BACKUP_MARK = 'last-backup'

/** What would make this installation safer, the heaviest first. Asks nothing outside: settings, files and database. */
export async function adviseOn (patient: Patient): Promise<Hardening> {
  const found = [...bySettings(patient), ...await byFiles(patient), ...await patient.read((sql) => byDatabase(sql, patient))]
  return { at: patient.now, advice: found.toSorted((a, b) => b.weight - a.weight) }
}

function advise (code: HardeningCode, facts: Facts = {}): Advice {
  const { weight, says, cure } = hardenings[code]
  return { code, weight, says: withFacts(says, facts), cure: withFacts(cure, facts), facts: { ...facts } }
}

function bySettings ({ config }: Patient): Advice[] {
  const isHere = isLoopback(config.host)
  const publicUrl = URL.parse(config.publicUrl ?? '')
  const isPlain = publicUrl?.protocol === 'http:' ? !isLoopback(publicUrl.hostname) : !isHere && config.tls === 'off' && publicUrl === null
  const withTls = config.smtpUrl?.startsWith('smtps:') === true || isLoopback(URL.parse(config.smtpUrl ?? '')?.hostname ?? '')
  return [
    ...isPlain ? [advise('harden.tls')] : [],
    ...!isHere && config.plainMqtt ? [advise('harden.plainMqtt')] : [],
    ...config.testRecipients && (!isHere || (publicUrl !== null && !isLoopback(publicUrl.hostname))) ? [advise('harden.testRecipients')] : [],
    ...config.trustedProxies.some((one) => one.endsWith('/0')) ? [advise('harden.proxies')] : [],
    ...config.smtpUrl === null ? [advise('harden.mail')] : withTls ? [] : [advise('harden.mailPlain')],
    ...config.breachedPasswords === null ? [advise('harden.breached')] : []
  ]
}

async function byFiles ({ config, now }: Patient): Promise<Advice[]> {
  const isOpen = (await openTo(config.dataDir)).mode !== null || (await openTo(join(config.dataDir, 'secrets.json'))).mode !== null
  const mark = await stat(join(config.dataDir, BACKUP_MARK)).catch(() => null)
  const age = mark === null ? 0 : Math.floor((now - mark.mtimeMs) / DAY_MS)
  return [
    ...isOpen ? [advise('harden.files')] : [],
    ...mark === null ? [advise('harden.backup')] : age > days.backup ? [advise('harden.backupOld', { days: age })] : []
  ]
}

async function byDatabase (sql: Kysely<Tables>, { config, now }: Patient): Promise<Advice[]> {
  const site = await sql.selectFrom('sites').select('demonstration').orderBy('created_at').limit(1).executeTakeFirst()
  const heads = await sql.selectFrom('people as p').select('p.id').where('p.role', 'in', ['owner', 'admin']).where('p.removed_at', 'is', null).where('p.suspended_at', 'is', null)
    .where((eb) => eb.not(eb.or([
      eb.exists(eb.selectFrom('authenticators as a').select('a.person_id').whereRef('a.person_id', '=', 'p.id')),
      eb.exists(eb.selectFrom('passkeys as k').select('k.id').whereRef('k.person_id', '=', 'p.id'))
    ]))).execute()
  const low = await sql.selectFrom('controllers').select('id').where('removed_at', 'is', null).where('assurance', '=', 'low').execute()
  const programs = await sql.selectFrom('compat_tokens as t').innerJoin('controllers as c', 'c.id', 't.controller_id').select('t.controller_id').distinct().where('t.revoked_at', 'is', null).where('c.removed_at', 'is', null).execute()
  const keys = await sql.selectFrom('api_keys').select(['created_at', 'last_used_at', 'ends_at']).where('revoked_at', 'is', null).where((is) => is.or([is('ends_at', 'is', null), is('ends_at', '>', now)])).execute()
  const old = keys.filter((one) => (one.ends_at === null && now - one.created_at > days.key * DAY_MS) || now - (one.last_used_at ?? one.created_at) > days.unused * DAY_MS)
  const witness = config.witnessFile ?? await settingOf(sql, 'audit.witnessMail')
  return [
    ...site?.demonstration === 1 && !isLoopback(config.host) ? [advise('harden.demonstration')] : [],
    ...heads.length > 0 ? [advise('harden.owners', { count: heads.length })] : [],
    ...await settingOf(sql, 'compat') === 'on' ? [advise('harden.compat', { count: programs.length })] : [],
    ...low.length > 0 ? [advise('harden.lowAssurance', { count: low.length })] : [],
    ...old.length > 0 ? [advise('harden.apiKeys', { count: old.length })] : [],
    ...witness === null ? [advise('harden.witness')] : [],
    // As registration/policy.ts writes it.
    ...(await settingOf(sql, 'registration'))?.includes('"who":"everybody"') === true ? [advise('harden.registration')] : []
  ]
}

async function settingOf (sql: Kysely<Tables>, key: string): Promise<string | null> {
  return (await sql.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst())?.value ?? null
}
