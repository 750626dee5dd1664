import { countOutcome } from '../guard/figures.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { fallBack } from '../verifications/fall-back.ts'
import { tellWebhooks } from '../webhooks/tell.ts'
import { maskAddress } from './mask.ts'
import type { ChannelSettings } from './settings.ts'

/** With what a fault begins that a receipt told of. */
export const UNDELIVERED = 'UNDELIVERED'
export const GATEWAY_RECEIPTS = '/api/v1/receipts/gateway'
export const TWILIO_RECEIPTS = '/api/v1/receipts/twilio'

/** Where Twilio reports on one message. It signs the whole of it, so the id needs no other proof. */
export function twilioReceipts (id: string): string {
  return `${TWILIO_RECEIPTS}?message=${id}`
}

/** What the other side says of a message of ours. `fault`: a word or number of its own, of no message's content. */
export type Receipt = { messageId: string, via: ChannelSettings['is'], state: 'sent' | 'delivered' | 'failed', providerId: string | null, fault: string | null }

/**
 * Notes a receipt: once, whatever comes twice or in which order. `delivered` is the last word on a message; after `failed` only
 * that can follow. One on a message that we do not know, that went another way or was never sent changes nothing.
 */
export async function takeReceipt (trx: Trx, house: House, { messageId, via, state, providerId, fault }: Receipt): Promise<void> {
  const now = house.clock()
  const row = await trx.prepare('SELECT o.channel, o.recipient, o.verification_id, o.attempts, o.created_at, v.country FROM outbox o LEFT JOIN verifications v ON v.id = o.verification_id WHERE o.id = ?').get(messageId)
  const channel = row?.['channel']
  if (row === undefined || row['verification_id'] === null || row['attempts'] === 0 || (channel !== 'sms' && channel !== 'whatsapp' && channel !== 'voice') || house.config.channels[channel]?.is !== via) return
  const verificationId = String(row['verification_id'])
  const tell = (event: 'verification.sent' | 'verification.delivered' | 'verification.deliveryFailed', more: { fault?: string } = {}): void => {
    const what = ({ 'verification.sent': 'taken', 'verification.delivered': 'delivered', 'verification.deliveryFailed': `failed:${more.fault ?? ''}` } as const)[event]
    countOutcome(trx, now, { channel, country: row['country'] === null || row['country'] === undefined ? null : String(row['country']) }, what)
    tellWebhooks(trx, house, { event: event === 'verification.deliveryFailed' ? 'verification.failed' : event, verificationId, messageId, channel, reason: more.fault ?? null })
    house.audit.append(trx, now, { event, subject: { id: null, name: maskAddress(String(row['recipient'])) }, details: { verificationId, channel, attempts: Number(row['attempts']), ...more } })
  }
  switch (state) {
    // Also where the answer to our request was lost, or came later than this.
    case 'sent': {
      const { changes } = await trx.prepare("UPDATE outbox SET state = 'sent', sealed = NULL, text = NULL, ended_at = ?, error = NULL, provider_id = ? WHERE id = ? AND state = 'waiting'").run(now, providerId, messageId)
      if (changes > 0) tell('verification.sent')
      return
    }
    case 'delivered': {
      const { changes } = await trx.prepare("UPDATE outbox SET state = 'sent', sealed = NULL, text = NULL, ended_at = coalesce(ended_at, ?), error = NULL, delivered_at = ?, provider_id = coalesce(provider_id, ?) WHERE id = ? AND delivered_at IS NULL").run(now, now, providerId, messageId)
      if (changes === 0) return
      // Somebody has the code: nothing else goes.
      await trx.prepare('UPDATE outbox SET fall_back_at = NULL WHERE verification_id = ? AND created_at = ? AND fall_back_at IS NOT NULL').run(verificationId, row['created_at'] ?? 0)
      tell('verification.delivered')
      return
    }
    case 'failed': {
      const error = fault === null ? UNDELIVERED : `${UNDELIVERED} ${fault}`
      const { changes } = await trx.prepare(`UPDATE outbox SET state = 'failed', sealed = NULL, text = NULL, ended_at = ?, error = ?, provider_id = coalesce(provider_id, ?)
        WHERE id = ? AND delivered_at IS NULL AND (error IS NULL OR error NOT LIKE '${UNDELIVERED}%')`).run(now, error, providerId, messageId)
      if (changes === 0) return
      tell('verification.deliveryFailed', { fault: error })
      await fallBack(trx, house, messageId, 'failed')
    }
  }
}
