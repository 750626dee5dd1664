import type { SettingRoom } from '@oncekey/protocol/schemas'
import { countRetained } from '../audit/retention.ts'
import { readSchedule } from '../backup/schedule.ts'
import type { House } from '../house.ts'
import { wayOf } from '../notify/ways.ts'

const channels = ['email', 'sms', 'whatsapp', 'voice'] as const

/** What settings with a page of their own are like now, as one figure each: the page says the rest. */
export async function countRooms (house: House, siteId: string, isAdmin: boolean): Promise<SettingRoom[]> {
  const { read } = house.db
  const count = async (rows: Promise<{ count: number } | undefined>): Promise<number> => Number((await rows)?.count ?? 0)
  const room = (key: SettingRoom['key'], group: SettingRoom['group'], page: string, figure: number): SettingRoom => ({ key, group, page, count: figure })
  const [rules, holidays, controllers, retained] = await Promise.all([
    read.selectFrom('alarm_rules').select('rules').where('site_id', '=', siteId).executeTakeFirst(),
    count(read.selectFrom('holidays').select((is) => is.fn.countAll<number>().as('count')).where('site_id', '=', siteId).executeTakeFirst()),
    count(read.selectFrom('controllers').select((is) => is.fn.countAll<number>().as('count')).where('site_id', '=', siteId).where('removed_at', 'is', null).where('policies', 'is not', null).executeTakeFirst()),
    countRetained(read)
  ])
  const open = [
    // Only whether somebody changed them: what is in them is the rules' own page's.
    room('alarmRules', 'record', '/alerts?rules=1', rules === undefined ? 0 : 1), room('holidays', 'people', '/places', holidays), room('controllers', 'people', '/places', controllers),
    room('retention', 'record', '/retention', retained)
  ]
  if (!isAdmin) return open
  const [templates, webhooks, apiKeys, homeAssistant, testRecipients, { passphrase }] = await Promise.all([
    count(read.selectFrom('message_templates').select((is) => is.fn.countAll<number>().as('count')).where('site_id', '=', siteId).executeTakeFirst()),
    count(read.selectFrom('webhooks').select((is) => is.fn.countAll<number>().as('count')).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()),
    count(read.selectFrom('api_keys').select((is) => is.fn.countAll<number>().as('count')).where('site_id', '=', siteId).where('revoked_at', 'is', null).executeTakeFirst()),
    count(read.selectFrom('home_assistant').select((is) => is.fn.countAll<number>().as('count')).where('site_id', '=', siteId).where('is_on', '=', 1).executeTakeFirst()),
    count(read.selectFrom('test_recipients').select((is) => is.fn.countAll<number>().as('count')).where('site_id', '=', siteId).where('expires_at', '>', house.clock()).executeTakeFirst()),
    readSchedule(read, house)
  ])
  return [
    ...open,
    room('backupPassphrase', 'record', '/audit/backups', passphrase === null ? 0 : 1),
    room('channels', 'programs', '/developers/channels', channels.filter((channel) => wayOf(house.config, channel) !== null).length),
    room('templates', 'programs', '/developers/messages', templates), room('webhooks', 'programs', '/developers/webhooks', webhooks), room('apiKeys', 'programs', '/developers', apiKeys),
    room('homeAssistant', 'programs', '/developers/home-assistant', homeAssistant), room('testRecipients', 'programs', '/developers/tests', testRecipients)
  ]
}
