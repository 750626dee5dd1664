/** Icon, word and colour of states; and money and countries as a language writes them. Pure. */
import type { GuardBlock, LoggedVerification, VerificationDelivery } from '@oncekey/protocol/schemas'
import type { TextKey } from '../texts/texts.svelte.ts'
import type { IconName } from '../ui/icons.ts'

export type Tone = 'good' | 'alarm' | 'attention' | 'calm'
type Look = { icon: IconName, text: TextKey, tone: Tone }

export const statusLooks: Record<LoggedVerification['status'], Look> = {
  pending: { icon: 'clock', text: 'verify.pending', tone: 'calm' },
  approved: { icon: 'check', text: 'verify.approved', tone: 'good' },
  expired: { icon: 'offline', text: 'verify.expired', tone: 'attention' },
  blocked: { icon: 'alert', text: 'verify.blocked', tone: 'alarm' },
  cancelled: { icon: 'close', text: 'verify.cancelled', tone: 'calm' }
}
export const deliveryLooks: Record<VerificationDelivery['state'], Look> = {
  waiting: { icon: 'clock', text: 'verify.waiting', tone: 'calm' },
  sent: { icon: 'next', text: 'verify.sent', tone: 'calm' },
  delivered: { icon: 'check', text: 'verify.delivered', tone: 'good' },
  failed: { icon: 'alert', text: 'verify.failed', tone: 'alarm' },
  withheld: { icon: 'more', text: 'verify.withheld', tone: 'calm' }
}
export const statuses = ['pending', 'approved', 'expired', 'blocked', 'cancelled'] as const
export const channels = ['sms', 'whatsapp', 'voice', 'email'] as const
export const levelTexts: Record<GuardBlock['level'], TextKey> = { network: 'verify.levelNetwork', range: 'verify.levelRange', area: 'verify.levelArea', country: 'verify.levelCountry', key: 'verify.levelKey' }

const isChannel = (word: string): word is (typeof channels)[number] => channels.some(each => each === word)
/** The text of a channel's name; null for a word of a newer server. */
export function channelText (channel: string): TextKey | null {
  return isChannel(channel) ? `verify.${channel}` : null
}

const millionth = 1e-6
export function moneyText (micros: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, { style: 'currency', currency }).format(micros * millionth)
}
/** Portugal for PT; null for what is no country. */
export function countryText (country: string, language: string): string | null {
  return /^[A-Z]{2}$/.test(country) ? new Intl.DisplayNames(language, { type: 'region' }).of(country) ?? country : null
}
