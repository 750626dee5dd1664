import { randomBytes } from 'node:crypto'
import type { WebhookEvent } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import type { Ledger, Row, Trx } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'
import { webhookBellOf } from './bell.ts'

/** Something that became of a verification. `messageId`: of which of its messages, where there may be several; `channel`: its way; absent: the verification's; `reason`: a word, never digits. */
export type Told = { event: WebhookEvent, verificationId: string, messageId?: string, channel?: string, reason?: string | null }
type Noted = Told & { at: number }

/** What a group of writes has told is written once at its end: one look for webhooks, however many checks there were, and nothing more where there are none. */
const outboxOf = perHouse((house: House) => {
  let hasSome = false
  const ledger: Ledger<Noted> = {
    rank: 2,
    async write ({ prepare }, items) {
      const webhooks = await prepare('SELECT id, site_id, events FROM webhooks WHERE removed_at IS NULL ORDER BY id').all()
      if (webhooks.length === 0) return
      const find = prepare('SELECT site_id, recipient, channel, purpose, is_test FROM verifications WHERE id = ?')
      for (const told of items) {
        const row = await find.get(told.verificationId)
        if (row === undefined) continue
        const wanted = webhooks.filter((one) => one['site_id'] === row['site_id'] && String(one['events']).split(' ').includes(told.event))
        for (const { id } of wanted) {
          await putOut(prepare, String(id), { event: told.event, verificationId: told.verificationId, dedupeKey: `${told.event}:${told.verificationId}:${told.messageId ?? ''}`, body: bodyOf(told, row), now: told.at })
          hasSome = true
        }
      }
    }
  }
  return {
    ledger,
    ring (): void {
      if (!hasSome) return
      hasSome = false
      webhookBellOf(house).ring()
    }
  }
})

/** Tells every webhook that wants to know, in the transaction of what happened: either both are there or neither. */
export function tellWebhooks (trx: Trx, house: House, told: Told): void {
  const outbox = outboxOf(house)
  trx.note(outbox.ledger, { ...told, at: house.clock() })
  trx.after(outbox.ring)
}

export type Message = { event: WebhookEvent | 'webhook.test', verificationId: string | null, dedupeKey: string, body: string, now: number }

/** Puts one message out; a second one with its dedupe key is none. @returns its id, the receiver's `webhook-id` */
export async function putOut (prepare: Trx['prepare'], webhookId: string, { event, verificationId, dedupeKey, body, now }: Message): Promise<string> {
  const id = newMessageId(now)
  await prepare(`INSERT INTO webhook_deliveries (id, webhook_id, dedupe_key, event, verification_id, body, state, attempts, next_at, created_at)
    VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0, ?, ?) ON CONFLICT (webhook_id, dedupe_key) DO NOTHING`).run(id, webhookId, dedupeKey, event, verificationId, body, now, now)
  return id
}

let count = 0
/** In the order in which they were put out, and not to be guessed: 96 random bits behind time and number. */
function newMessageId (now: number): string {
  count = (count + 1) % 36 ** 3
  return `msg_${now.toString(36).padStart(9, '0')}${count.toString(36).padStart(3, '0')}${randomBytes(12).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'y')}`
}

/** A message in test, too: the same envelope. */
export function envelopeOf (type: Message['event'], at: number, data: Record<string, unknown>): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
}

/**
 * The address is masked: webhooks belong to the site and keys to programs, so what one program asks would be told to all
 * others. Whoever asked has the id, and by its key the address.
 */
function bodyOf ({ event, verificationId, channel, reason = null, at }: Noted, row: Row): string {
  return envelopeOf(event, at, {
    id: verificationId, to: maskAddress(String(row['recipient'])), channel: channel ?? String(row['channel']), purpose: String(row['purpose']), isTest: Number(row['is_test']) === 1, reason
  })
}
