import type { ChannelsAnswer, ChannelState, VerificationChannel } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { phoneSettings } from './settings.ts'
import { wayOf } from './ways.ts'

const DAY_MS = 86_400_000
const MOST_LOOKED_AT = 500
/** The verification ended before another try: that says nothing of the way. */
const CODE_ENDED = 'codeEnded'
const channels: readonly VerificationChannel[] = ['email', 'sms', 'whatsapp', 'voice']

/** Which ways out there are, by whom, and how they have done of late. */
export async function findChannels (house: House, siteId: string): Promise<ChannelsAnswer> {
  const { read } = house.db
  const newest = read.selectFrom('verifications').select('id').where('site_id', '=', siteId).where('created_at', '>', house.clock() - DAY_MS).orderBy('created_at', 'desc').limit(MOST_LOOKED_AT).as('newest')
  // What stands by has not been tried.
  const rows = await read.selectFrom(newest).innerJoin('outbox', 'outbox.verification_id', 'newest.id')
    .select(['outbox.channel', 'outbox.state', 'outbox.delivered_at', 'outbox.error', 'outbox.ended_at']).where('outbox.attempts', '>', 0).execute()
  return {
    fallbackSeconds: house.config.fallbackMs / 1000,
    channels: channels.map((channel): ChannelState => {
      const mine = rows.filter((row) => row.channel === channel)
      const failed = mine.filter((row) => row.state === 'failed' && row.delivered_at === null && row.error !== CODE_ENDED)
      const last = failed.toSorted((a, b) => (b.ended_at ?? 0) - (a.ended_at ?? 0))[0]
      const delivered = mine.filter((row) => row.delivered_at !== null).length
      return {
        channel, ...whoCarries(house, channel), hasReceipts: wayOf(house.config, channel)?.hasReceipts ?? false,
        setting: channel === 'email' ? 'ONCEKEY_SMTP_URL' : phoneSettings[channel],
        recent: { waiting: mine.filter((row) => row.state === 'waiting').length, sent: mine.filter((row) => row.state === 'sent' && row.delivered_at === null).length, delivered, failed: failed.length },
        fault: last?.error ?? null, faultAt: last?.ended_at ?? null
      }
    })
  }
}

/** The host alone: what stands beside it in the address signs us in. */
function whoCarries ({ config }: House, channel: VerificationChannel): Pick<ChannelState, 'by' | 'host'> {
  if (channel === 'email') return config.smtpUrl === null ? { by: null, host: null } : { by: 'smtp', host: new URL(config.smtpUrl).hostname }
  const settings = config.channels[channel]
  return settings === null ? { by: null, host: null } : { by: settings.is, host: new URL(settings.is === 'gateway' ? settings.url : settings.base).hostname }
}
