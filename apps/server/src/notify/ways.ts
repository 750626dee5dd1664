import type { VerificationChannel } from '@oncekey/protocol/schemas'
import type { Config } from '../config.ts'

/** What is known of a channel that is set up. `hasReceipts`: the other side says whether a message arrived, and not only that it took it. */
export type Way = { hasReceipts: boolean }

/** null: not set up. */
export function wayOf (config: Config, channel: VerificationChannel): Way | null {
  if (channel === 'email') return config.smtpUrl === null ? null : { hasReceipts: false }
  const settings = config.channels[channel]
  if (settings === null) return null
  // Twilio calls back at an address that it can reach, and refuses a message that names another. Its Verify says nothing of arrivals.
  return { hasReceipts: settings.is === 'gateway' || (settings.is === 'twilio' && config.publicUrl !== null) }
}
